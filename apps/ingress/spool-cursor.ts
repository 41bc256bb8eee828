import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './spool-disk.ts';

/** How far the spool is drained: all segments before this one, and this one up to `offset`. */
export interface Cursor {
  readonly segment: number;
  readonly offset: number;
}

/**
 * The cursor on disk may lag behind: what is drained again is known in Redis by its delivery id and adds nothing.
 * It must never run ahead, which is why segment numbers are never used twice: a cursor that outlived its segment
 * would otherwise hide deliveries of a new one.
 */
export async function readCursor(dir: string): Promise<Cursor | null> {
  const text = await readFile(join(dir, 'cursor'), 'utf8').catch(() => '');
  const [, segment, offset] = /^(\d{1,15}) (\d{1,15})\n$/.exec(text) ?? [];
  if (segment === undefined || offset === undefined) return null;
  return { segment: Number(segment), offset: Number(offset) };
}

export function writeCursor(dir: string, { segment, offset }: Cursor): Promise<void> {
  return replaceFile(join(dir, 'cursor'), `${segment} ${offset}\n`);
}
