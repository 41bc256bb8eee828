import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';

/** The project's cache folder: not in git, and safe to delete at any time. */
export const cacheFolder = resolve(import.meta.dirname, '../../../.cache');

/**
 * Gives a finished folder its final name, in one step, so that it appears whole or not at all. When another
 * process was first, its folder stays and ours is thrown away.
 */
export async function keepFirst(finished: string, name: string): Promise<void> {
  try {
    await rename(finished, name);
  } catch (error) {
    const taken =
      error instanceof Error && 'code' in error && ['ENOTEMPTY', 'EEXIST'].includes(`${error.code}`);
    if (!taken) throw error;
    await rm(finished, { recursive: true, force: true });
  }
}
