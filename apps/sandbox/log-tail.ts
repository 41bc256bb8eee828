import { z } from 'zod';
import type { Board } from './board.ts';
import { type JobNews, jobNews } from './job-news.ts';
import type { LogView } from './view.ts';

const mostLines = 400;
const longestText = 600;

/** The last lines of all processes together, on the board. */
export class LogTail {
  readonly #board: Board;
  readonly #onJob: (news: JobNews) => void;
  readonly #out: NodeJS.WriteStream | null;
  #next = 1;

  /**
   * @param onJob told of every line that says what became of a job
   * @param out where every line is printed as well; null for nowhere
   */
  constructor(board: Board, onJob: (news: JobNews) => void, out: NodeJS.WriteStream | null) {
    this.#board = board;
    this.#onJob = onJob;
    this.#out = out;
  }

  /** Takes a line as a process wrote it, and says what it was. */
  add(process: string, line: string): LogView {
    const parsed = jsonOrNull(line);
    const news = jobNews(parsed);
    if (news !== null) this.#onJob(news);
    const view: LogView = { number: this.#next, process, ...(readLogLine(parsed) ?? asItStands(line)) };
    this.#next += 1;
    this.#board.set(`log/${view.number}`, view);
    this.#board.drop(`log/${view.number - mostLines}`);
    this.#out?.write(`${process.padEnd(12)} ${line}\n`);
    return view;
  }
}

const logLine = z.looseObject({ level: z.string(), time: z.string(), msg: z.string().default('') });
const levels: Readonly<Record<string, LogView['level']>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'error',
};

type Line = Omit<LogView, 'number' | 'process'>;

/** Anything that is no line of ours is an error, except the lines of a stack trace below it. */
function asItStands(line: string): Line {
  const level = /^\s|^\}/.test(line) ? 'debug' : 'error';
  return { level, at: Date.now(), text: line.slice(0, longestText), detail: '' };
}

/** One of our JSON lines, parsed; null when it isn't one. */
function readLogLine(parsed: unknown): Line | null {
  const read = logLine.safeParse(parsed).data;
  if (read === undefined) return null;
  const { level, time, msg, app: _, ...rest } = read;
  return {
    level: levels[level] ?? 'info',
    at: Date.parse(time),
    text: msg.slice(0, longestText),
    detail: Object.entries(rest)
      .map(([name, value]) => `${name}=${brief(value)}`)
      .join(' ')
      .slice(0, longestText),
  };
}

function brief(value: unknown): string {
  const message = z.object({ message: z.string() }).safeParse(value);
  if (message.success) return message.data.message;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function jsonOrNull(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
