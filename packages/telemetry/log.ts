import { AsyncLocalStorage } from 'node:async_hooks';
import { type DestinationStream, type Logger, type LoggerOptions, pino, transport } from 'pino';
import { censor } from './censor.ts';

export type { Logger } from 'pino';

/** What every line of one delivery or job says of itself. No personal data: ids and bounded labels only. */
export interface LogContext {
  readonly delivery?: string;
  readonly source?: string;
  readonly queue?: string;
  readonly job?: string;
  readonly event?: string;
  readonly account?: number | null;
  readonly conversation?: number | null;
  readonly attempt?: number;
  /** Where the process is traced. The name is the one by which log viewers find the trace. */
  readonly trace_id?: string;
}

const context = new AsyncLocalStorage<LogContext>();

/** Every line logged while `work` runs, however deep, carries these fields. */
export function withLogContext<T>(fields: LogContext, work: () => T): T {
  const around = context.getStore();
  return context.run(around === undefined ? fields : { ...around, ...fields }, work);
}

/** What every line of the work at hand carries, for one that is logged after it. */
export function currentLogContext(): LogContext {
  return context.getStore() ?? {};
}

/** The delivery id of the work at hand, for headers of outgoing calls. */
export function currentDelivery(): string | undefined {
  return context.getStore()?.delivery;
}

export interface LogSettings {
  readonly app: string;
  readonly level: string;
  /** Readable lines instead of JSON; the default is whether standard output is a terminal. */
  readonly pretty?: boolean;
  readonly destination?: DestinationStream;
}

/** JSON lines on standard output, readable ones on a terminal. Secrets and personal data are censored. */
export function createLogger(settings: LogSettings): Logger {
  const options: LoggerOptions = {
    level: settings.level,
    base: { app: settings.app },
    timestamp: isoTime,
    mixin: currentLogContext,
    mixinMergeStrategy: censor,
    serializers: { err: describeError, error: describeError },
  };
  const levels = { ...options, formatters: { level: (label: string) => ({ level: label }) } };
  if (settings.destination !== undefined) return pino(levels, settings.destination);
  if (settings.pretty ?? process.stdout.isTTY) {
    // pino-pretty wants the numbers of the levels.
    return pino(options, transport({ target: 'pino-pretty', options: { ignore: 'pid,hostname,app' } }));
  }
  return pino(levels, standardOutput());
}

let second = 0;
let upToSecond = '';

/** As pino's own, which makes a date for each line; one a second is enough. */
function isoTime(): string {
  const now = Date.now();
  const ms = now % 1_000;
  if (now - ms !== second) {
    second = now - ms;
    upToSecond = new Date(now).toISOString().slice(0, -4);
  }
  return `,"time":"${upToSecond}${String(ms).padStart(3, '0')}Z"`;
}

/** Lines of the same moment go out in one write: a line each costs a busy process a tenth of its time. */
const TOGETHER_MS = 10;

function standardOutput() {
  // With a minLength, flush waits for what is being written.
  const output = pino.destination({ dest: 1, minLength: 1, sync: false });
  let lines: string[] = [];

  function goOut(): void {
    if (lines.length === 0) return;
    const text = lines.join('');
    lines = [];
    output.write(text);
  }

  return {
    write(line: string) {
      if (lines.push(line) === 1) setTimeout(goOut, TOGETHER_MS).unref();
    },
    flush(written: () => void) {
      goOut();
      output.flush(written);
    },
    flushSync() {
      goOut();
      output.flushSync();
    },
  };
}

/**
 * Resolves when every line is written. Lines go out in the background, so that a slow reader of our output does
 * not hold up deliveries; a process that exits without this can write its last lines out of order.
 */
export function flushLog(log: Logger): Promise<void> {
  return new Promise((resolve) => log.flush(() => resolve()));
}

const LONGEST_MESSAGE = 500;
const FRAMES = 5;

/**
 * Errors of outside parties carry what they were sent, in their properties and sometimes in a long message, so
 * only these properties, the beginning of the message and the stack's frames go out.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'object' ? 'not an Error' : String(error);
  const extra: Record<string, unknown> = {};
  for (const key of ['code', 'failure', 'target', 'status', 'retryAfterMs', 'step']) {
    const value: unknown = Reflect.get(error, key);
    if (typeof value === 'string' || typeof value === 'number') extra[key] = value;
  }
  return {
    type: error.name,
    message: safeMessage(error),
    ...extra,
    stack: framesOf(error),
    ...(error.cause instanceof Error ? { cause: `${error.cause.name}: ${safeMessage(error.cause)}` } : {}),
  };
}

function safeMessage(error: Error): string {
  // JSON.parse quotes what it was given.
  if (error instanceof SyntaxError && error.message.includes('JSON')) return 'not valid JSON';
  const { message } = error;
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;
}

/** The stack begins with the message, which may have lines of its own. */
function framesOf(error: Error): string | undefined {
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return frames?.slice(0, FRAMES).join('\n');
}
