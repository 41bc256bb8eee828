import { type FileHandle, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { FILE_MODE, type OpenFile, readUpTo, syncDirectory, writeWhole } from './spool-disk.ts';
import { LARGEST_RECORD_BYTES, type Scan, scanRecords } from './spool-record.ts';

/** One append-only file of the spool, `00000001.spool`. Offsets are in bytes. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  /** Everything before it is drained. */
  start: number;
  /** What is acknowledged ends here; behind it may be leftovers of a write that failed. */
  end: number;
  /** Acknowledged and not drained. */
  records: number;
  file: FileHandle;
}

export function segmentName(number: number): string {
  return `${String(number).padStart(8, '0')}.spool`;
}

/** The numbers of the segments in a directory, oldest first. */
export async function segmentNumbers(dir: string): Promise<number[]> {
  const names = await readdir(dir);
  return names
    .flatMap((name) => /^(\d{8,15})\.spool$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Opens the segment of that number; `create` makes a new one, durable by name, and refuses one that is there. */
export async function openSegment(
  dir: string,
  number: number,
  how: 'create' | 'existing',
  open: OpenFile,
): Promise<Segment> {
  const path = join(dir, segmentName(number));
  const file = await open(path, how === 'create' ? 'ax+' : 'r+', FILE_MODE);
  try {
    if (how === 'create') await syncDirectory(dir);
    const { size } = await file.stat();
    return { number, path, file, start: 0, end: size, records: 0 };
  } catch (error) {
    await file.close();
    if (how === 'create') await unlink(path).catch(() => {});
    throw error;
  }
}

/** On disk, or nothing of it counts: `end` and `records` move only when the disk has said so. */
export async function appendToSegment(segment: Segment, bytes: Buffer, records: number): Promise<void> {
  await writeWhole(segment.file, bytes);
  await segment.file.datasync();
  segment.end += bytes.length;
  segment.records += records;
}

/** Takes back what a failed append may have left, as far as a failing disk lets us. */
export async function takeBack(segment: Segment): Promise<void> {
  await segment.file.truncate(segment.end).catch(() => {});
  await segment.file.datasync().catch(() => {});
}

/** The records from an offset on, about `bytes` of them; offsets in the answer are those of the file. */
export async function scanSegment(segment: Segment, from: number, bytes: number): Promise<Scan> {
  for (let length = bytes; ; length *= 2) {
    const wanted = Math.min(length, segment.end - from);
    const read = await readUpTo(segment.file, from, wanted);
    // A file that ends early has nothing more to give, whatever we remember of it.
    const more = read.length === wanted && from + wanted < segment.end && wanted < LARGEST_RECORD_BYTES;
    const scan = scanRecords(read, more);
    if (scan.next > 0 || !more) return shifted(scan, from);
  }
}

function shifted(scan: Scan, by: number): Scan {
  return {
    records: scan.records.map(({ start, end, payload }) => ({ start: start + by, end: end + by, payload })),
    damage: scan.damage.map(({ start, end }) => ({ start: start + by, end: end + by })),
    next: scan.next + by,
  };
}

/** Closes the file and removes it for good. */
export async function removeSegment(dir: string, segment: Segment): Promise<void> {
  await segment.file.close();
  await unlink(segment.path);
  await syncDirectory(dir);
}
