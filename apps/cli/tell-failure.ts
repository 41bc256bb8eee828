import type { CommandFailure } from './command-failure.ts';
import type { ExitCode } from './exit.ts';
import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';
import { wrapped } from './wrap.ts';

/** What went wrong and what to do, on standard error; with --json, the same as the document on standard output. */
export function tellFailure({ exit, code, message, fix }: CommandFailure, terminal: Terminal): ExitCode {
  terminal.result({ error: { code, message, fix } }, () => {});
  const { red, dim } = terminal.colors;
  const broken = (text: string, used: number) =>
    wrapped(printable(text), (terminal.width ?? Number.POSITIVE_INFINITY) - used);
  for (const line of message.split('\n')) {
    for (const [at, part] of broken(line, 2).entries()) terminal.note(`${at === 0 ? red('✗') : ' '} ${part}`);
  }
  for (const line of fix) {
    for (const [at, part] of broken(line, 4).entries())
      terminal.note(dim(`${at === 0 ? '  → ' : '    '}${part}`));
  }
  return exit;
}
