import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { Opened } from './opened.ts';
import { startSandbox } from './sandbox.ts';
import { createSteps, StartFailure } from './steps.ts';

// `npm start`: the whole line on this machine, and a page to watch it work.
const root = dirname(dirname(import.meta.dirname));
const { verbose, port } = readSettings();
const stopping = new AbortController();
const opened = new Opened();
stopOnSignals();

process.stdout.write('\nSwitchyard sandbox\n\n');
try {
  const { url } = await startSandbox({
    root,
    env: process.env,
    port,
    verboseTo: verbose ? process.stderr : null,
    step: createSteps(process.stdout, stopping.signal),
    opened,
    signal: stopping.signal,
  });
  process.stdout.write(`\nSwitchyard sandbox: ${url}\nCtrl-C stops everything.\n`);
  await untilAborted(stopping.signal);
  process.stdout.write('\nStopping …\n');
  await end(0);
} catch (error) {
  if (stopping.signal.aborted) await end(0);
  process.stderr.write(`\n${error instanceof StartFailure ? error.message : describe(error)}\n`);
  await end(1);
}

/** The first Ctrl-C or SIGTERM stops in order; the second ends at once. */
function stopOnSignals(): void {
  // npm passes a terminal's Ctrl-C on to a child that got it already, so one that follows at once is the same.
  const sameMs = 300;
  let firstAt: number | null = null;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const now = performance.now();
      if (firstAt !== null && now - firstAt > sameMs) process.exit(130);
      firstAt ??= now;
      stopping.abort();
    });
  }
}

async function end(code: number): Promise<never> {
  stopping.abort();
  const failures = await opened.close();
  for (const failure of failures) process.stderr.write(`did not stop in order: ${failure}\n`);
  process.exit(code);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function readSettings(): { verbose: boolean; port: number | null } {
  try {
    const { values } = parseArgs({ options: { verbose: { type: 'boolean', default: false } } });
    const given = process.env.SANDBOX_PORT?.trim() ?? '';
    if (given === '') return { verbose: values.verbose, port: null };
    const asked = Number(given);
    if (!Number.isInteger(asked) || asked < 0 || asked > 65_535)
      throw new Error('SANDBOX_PORT: not a port number');
    return { verbose: values.verbose, port: asked };
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exit(1);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
