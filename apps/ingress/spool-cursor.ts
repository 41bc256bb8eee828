import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
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
  const [, segment, offset] = /^(\d{1,15}) (\d{1,15}) /.exec(text) ?? [];
  if (segment === undefined || offset === undefined) return null;
  const cursor = { segment: Number(segment), offset: Number(offset) };
  return text === format(cursor) ? cursor : null;
}

export function writeCursor(dir: string, cursor: Cursor): Promise<void> {
  return replaceFile(join(dir, 'cursor'), format(cursor));
}

/** With a checksum, because a wrong number would pass over deliveries that nobody else has. */
function format({ segment, offset }: Cursor): string {
  const position = `${segment} ${offset}`;
  return `${position} ${crc32(position).toString(16).padStart(8, '0')}\n`;
}
