import { join } from 'node:path';
import { type Cursor, readCursor } from './spool-cursor.ts';
import { FILE_MODE, type OpenFile, openFile, readUpTo, syncDirectory, writeWhole } from './spool-disk.ts';
import { decodeDelivery, type Stretch } from './spool-record.ts';
import { openSegment, type Segment, scanSegment, segmentName, segmentNumbers } from './spool-segment.ts';

const SCAN_BYTES = 1024 * 1024;

export interface Recovered {
  /** Oldest first. */
  readonly segments: Segment[];
  /** When the oldest undrained delivery was received; epoch milliseconds. */
  readonly oldestAt: number | null;
  /** The number of the next segment. */
  readonly next: number;
}

/** Told of bytes that were set aside. */
export type OnDamage = (segment: Segment, damage: Stretch, reason: 'torn' | 'damaged') => Promise<void>;

/**
 * Reads what an earlier life left in the directory. Anything that is no record is set aside and the rest is kept:
 * a torn end is cut off, damage in the middle is stepped over.
 */
export async function recover(dir: string, open: OpenFile, onDamage: OnDamage): Promise<Recovered> {
  const cursor = await readCursor(dir);
  const numbers = await segmentNumbers(dir);
  const segments: Segment[] = [];
  let oldestAt: number | null = null;
  for (const number of numbers) {
    const segment = await openSegment(dir, number, 'existing', open);
    segment.start = drainedUpTo(segment, cursor);
    segments.push(segment);
    const first = await count(segment, onDamage);
    oldestAt ??= first;
  }
  return { segments, oldestAt, next: Math.max(0, cursor?.segment ?? 0, ...numbers) + 1 };
}

/** A cursor that points behind the end of its segment is not believed: draining again is harmless. */
function drainedUpTo(segment: Segment, cursor: Cursor | null): number {
  if (cursor === null || segment.number > cursor.segment) return 0;
  if (segment.number < cursor.segment) return segment.end;
  return cursor.offset <= segment.end ? cursor.offset : 0;
}

/** Counts a segment's undrained records, dealing with damage; answers when the first of them was received. */
async function count(segment: Segment, onDamage: OnDamage): Promise<number | null> {
  let oldestAt: number | null = null;
  for (let at = segment.start; at < segment.end; ) {
    const { records, damage, next } = await scanSegment(segment, at, SCAN_BYTES);
    const [first] = records;
    if (first !== undefined) oldestAt ??= decodeDelivery(first.payload)?.event.delivery.receivedAt ?? null;
    segment.records += records.length;
    for (const stretch of damage) {
      const isTail = stretch.end === segment.end;
      await onDamage(segment, stretch, isTail ? 'torn' : 'damaged');
      if (isTail) await cutOff(segment, stretch.start);
    }
    at = next;
  }
  return oldestAt;
}

async function cutOff(segment: Segment, end: number): Promise<void> {
  await segment.file.truncate(end);
  await segment.file.sync();
  segment.end = end;
}

/**
 * Keeps bytes that are no record in a file of their own, for whoever wants to look; answers false when an earlier
 * life has done so already.
 */
export async function keepAside(
  dir: string,
  segment: Segment,
  { start, end }: Stretch,
  reason: 'torn' | 'damaged' | 'rejected',
): Promise<boolean> {
  const path = join(dir, `${segmentName(segment.number)}.${reason}-${start}`);
  const file = await openFile(path, 'wx', FILE_MODE).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return null;
    throw error;
  });
  if (file === null) return false;
  try {
    await writeWhole(file, await readUpTo(segment.file, start, end - start));
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(dir);
  return true;
}
