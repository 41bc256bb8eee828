import { enableCompileCache } from 'node:module';
import { CommanderError } from 'commander';
import { failureOf } from './command-failure.ts';
import type { Run } from './context.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { createInterruption } from './interruption.ts';
import { createProgram } from './program.ts';
import { tellFailure } from './tell-failure.ts';
import { createTerminal } from './terminal.ts';

// Half the time of a short command goes into compiling what it loads; the next one finds it compiled.
enableCompileCache();

const streams = { input: process.stdin, output: process.stdout, errors: process.stderr };
// Whoever reads us, `head` for one, may have had enough.
process.stdout.on('error', (error) => {
  if (Reflect.get(error, 'code') === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

const interrupted = createInterruption(() => process.exit(EXIT.interrupted));
process.on('SIGTERM', interrupted.take);
process.on('SIGINT', interrupted.take);

const run: Run = async ({ json = false }, work) => {
  const terminal = createTerminal(streams, json);
  process.exitCode = await work({ terminal, signal: interrupted.signal }).catch(
    (error: unknown): ExitCode => {
      if (interrupted.signal.aborted && failureOf(error).exit !== EXIT.fault) return EXIT.interrupted;
      if (process.argv.includes('--debug') && error instanceof Error) terminal.note(error.stack ?? '');
      return tellFailure(failureOf(error), terminal);
    },
  );
};

try {
  await createProgram(run).parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has said what is wrong; for --help and --version nothing is.
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
