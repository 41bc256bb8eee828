import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import pc from 'picocolors';
import { type Column, tableText } from './table.ts';

type Colors = ReturnType<typeof pc.createColors>;

/** Where a command's words go: what was asked for to standard output, everything else to standard error. */
export interface Terminal {
  readonly colors: Colors;
  /** Whether the result is to be one JSON document. */
  readonly json: boolean;
  /** Columns of the terminal; null when standard output is none. */
  readonly width: number | null;
  /** Whether somebody is there who can be asked. */
  readonly interactive: boolean;
  /** Whether progress can be drawn: standard error is a terminal. */
  readonly drawsProgress: boolean;
  /** Gives the result, once: as the JSON document with --json, else in words. */
  result(json: unknown, words: () => void): void;
  /** A line of the result. */
  line(text?: string): void;
  table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): void;
  /** Something beside the result: what is being done, a warning, advice. */
  note(text: string): void;
  /** @returns false also when nobody answers. */
  confirm(question: string, signal: AbortSignal): Promise<boolean>;
}

export interface TerminalStreams {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly errors: Writable & { readonly isTTY?: boolean };
}

/** Narrower than this, tables would be one word a line. */
const NARROWEST = 40;

export function createTerminal(streams: TerminalStreams, json: boolean): Terminal {
  const { input, output, errors } = streams;
  const isTerminal = output.isTTY === true && !json;
  const colors = pc.createColors(isTerminal && pc.isColorSupported);
  const width = isTerminal ? Math.max(NARROWEST, output.columns ?? 80) : null;
  const terminal: Terminal = {
    colors,
    json,
    width,
    interactive: input.isTTY === true && errors.isTTY === true && !json,
    drawsProgress: errors.isTTY === true && !json,
    result(value, words) {
      if (json) output.write(`${escaped(JSON.stringify(value, null, 2))}\n`);
      else words();
    },
    line: (text = '') => void output.write(`${text}\n`),
    table(columns, rows) {
      terminal.line(tableText(columns, rows, width, colors.dim));
    },
    note: (text) => void errors.write(`${text}\n`),
    async confirm(question, signal) {
      const readline = createInterface({ input, output: errors });
      // Readline takes Ctrl-C from a terminal; the process is to hear of it as of any other.
      readline.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      try {
        const answer = await readline.question(`${question} [y/N] `, { signal });
        return /^y(es)?$/i.test(answer.trim());
      } catch {
        errors.write('\n');
        return false;
      } finally {
        readline.close();
      }
    },
  };
  return terminal;
}

/** JSON may hold what moves a terminal's cursor or turns its writing direction; as escapes it is the same JSON. */
function escaped(json: string): string {
  return json.replace(/[\u007f-\u009f\u2028\u2029\p{Cf}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
