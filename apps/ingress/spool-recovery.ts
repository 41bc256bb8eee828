import { type Cursor, readCursor } from './spool-cursor.ts';
import type { OpenFile } from './spool-disk.ts';
import { decodeDelivery } from './spool-record.ts';
import { openSegment, removeSegment, type Segment, scanSegment, segmentNumbers } from './spool-segment.ts';
import { isInputError, type SettingAside } from './spool-set-aside.ts';

const SCAN_BYTES = 1024 * 1024;

export interface Recovered {
  /** Those with undrained deliveries, oldest first. */
  readonly segments: Segment[];
  /** When the oldest undrained delivery was received; epoch milliseconds. */
  readonly oldestAt: number | null;
  /** The number of the next segment. */
  readonly next: number;
}

/**
 * Reads what an earlier life left in the directory. Anything that is no record is set aside and the rest is kept:
 * a torn end is cut off, damage in the middle is stepped over, a segment the disk can't read is renamed.
 */
export async function recover(dir: string, open: OpenFile, setAside: SettingAside): Promise<Recovered> {
  const cursor = await readCursor(dir);
  const numbers = await segmentNumbers(dir);
  const segments: Segment[] = [];
  let oldestAt: number | null = null;
  for (const number of numbers) {
    const segment = await openSegment(dir, number, 'existing', open);
    try {
      segment.start = drainedUpTo(segment, cursor);
      const first = await count(segment, setAside);
      oldestAt ??= first;
      if (segment.records > 0) segments.push(segment);
      else await removeSegment(dir, segment);
    } catch (error) {
      if (!isInputError(error)) throw error;
      await setAside.whole(segment, error);
    }
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
async function count(segment: Segment, setAside: SettingAside): Promise<number | null> {
  let oldestAt: number | null = null;
  for (let at = segment.start; at < segment.end; ) {
    const { records, damage, next } = await scanSegment(segment, at, SCAN_BYTES);
    const [first] = records;
    if (first !== undefined) oldestAt ??= decodeDelivery(first.payload)?.event.delivery.receivedAt ?? null;
    segment.records += records.length;
    for (const stretch of damage) {
      const isTail = stretch.end === segment.end;
      await setAside.part(segment, stretch, isTail ? 'torn' : 'damaged');
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
