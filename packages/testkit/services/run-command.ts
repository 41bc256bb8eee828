import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Environment } from './environment.ts';

const execFileAsync = promisify(execFile);

/**
 * Runs a program to its end and returns what it wrote to its standard output.
 *
 * @throws when it can't be started, fails, or takes longer than `timeoutMs` (two minutes): one line with its
 * name and the last line it wrote to its standard error.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: { env: Environment; cwd?: string; timeoutMs?: number },
): Promise<string> {
  const { env, cwd, timeoutMs = 120_000 } = options;
  try {
    const { stdout } = await execFileAsync(command, [...args], {
      timeout: timeoutMs,
      maxBuffer: 16 * 1024 * 1024,
      ...(cwd === undefined ? {} : { cwd }),
      // The programs' words are parsed, so they must be the untranslated ones.
      env: { ...env, LC_ALL: 'C' },
    });
    return stdout;
  } catch (error) {
    throw new Error(`${command} failed: ${lastWords(error)}`, { cause: error });
  }
}

function lastWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stderr = 'stderr' in error ? String(error.stderr).trim() : '';
  return (stderr || error.message).split('\n').at(-1) ?? '';
}
