import { mkdir } from 'node:fs/promises';
import { ConfigError } from '@switchyard/config';
import { DIRECTORY_MODE } from './spool-disk.ts';
import { type Lock, LockedError, type LockSettings, lockDirectory } from './spool-lock.ts';

/**
 * Makes the spool's directory and takes it for this process.
 *
 * @throws {ConfigError} one line that names SPOOL_DIR, when it can't be written or another process has it.
 */
export async function takeDirectory(dir: string, settings: LockSettings = {}): Promise<Lock> {
  try {
    await mkdir(dir, { recursive: true, mode: DIRECTORY_MODE });
    return await lockDirectory(dir, settings);
  } catch (error) {
    throw spoolDirError(dir, error);
  }
}

/** What the operating system or a lock has against the directory, as an operator's line; a bug stays a bug. */
export function spoolDirError(dir: string, error: unknown): unknown {
  if (error instanceof LockedError)
    return new ConfigError([
      `SPOOL_DIR: ${dir} is ${error.message}; give each ingress a directory of its own`,
    ]);
  const code: unknown = error instanceof Error ? Reflect.get(error, 'syscall') : undefined;
  if (!(error instanceof Error) || typeof code !== 'string') return error;
  return new ConfigError([
    `SPOOL_DIR: ${dir} can't be used (${error.message}); it must be a directory this process may write`,
  ]);
}
