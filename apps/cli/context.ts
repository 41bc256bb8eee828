import type { ExitCode } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** What every command is given. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C: finish what is begun, say what was done. */
  readonly signal: AbortSignal;
}

/** A command's work: its exit code, or a CommandFailure. */
type Work = (context: CommandContext) => Promise<ExitCode>;

/** Runs it with what every command is given; `main.ts` makes it of the command's own options. */
export type Run = (options: { readonly json?: boolean | undefined }, work: Work) => Promise<void>;
