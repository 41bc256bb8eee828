import type { PlannedDelivery } from '@switchyard/jobs';
import type { Logger } from '@switchyard/telemetry';
import { spoolDirError, takeDirectory } from './spool-directory.ts';
import { type OpenFile, openFile } from './spool-disk.ts';
import { SpoolError } from './spool-error.ts';
import { createReader } from './spool-reader.ts';
import { encodeDelivery } from './spool-record.ts';
import { recover } from './spool-recovery.ts';
import { appendToSegment, openSegment, removeSegment, type Segment, takeBack } from './spool-segment.ts';
import { createSetAside, type SetAside } from './spool-set-aside.ts';

/**
 * The ingress's own file of accepted deliveries while Redis is away: a queue on disk, in segments, drained in
 * order. What is read stays in it until `drained` says that Redis has it.
 *
 * Why a delivery takes effect once although a crash may let it be drained twice: Redis remembers a delivery id
 * for the dedupe window (72 h) from its enqueue on. A delivery that is still in the spool after it was enqueued is
 * one that was enqueued within the second before the process died, or whose batch got no answer in time. It is
 * offered again when the process is back and Redis answers. So only an installation that stays down for the whole
 * window, in exactly that second, could work on it twice; one that may be down so long sets `dedupe.hours` higher.
 */
export interface Spool {
  /** Deliveries in it. */
  readonly depth: number;
  /** Bytes on disk. */
  readonly bytes: number;
  /** How large it may grow. */
  readonly maxBytes: number;
  /** When the oldest delivery in it was received; epoch milliseconds, null when it is empty. */
  readonly oldestAt: number | null;
  /**
   * Resolves when all of them are on disk (one fsync, however many).
   *
   * @throws {SpoolError} then none of them is acknowledged. After a crash some may be found all the same, as with
   * any request whose answer was lost.
   */
  append(deliveries: readonly PlannedDelivery[]): Promise<void>;
  /** The oldest ones, in order, at most `limit`; fewer at the end of a segment, none when it is empty. */
  read(limit: number): Promise<readonly PlannedDelivery[]>;
  /** The first `count` of what was read last are in Redis and leave the spool. */
  drained(count: number): Promise<void>;
  /** The first of what was read last can't be drained: it leaves the spool for a file of its own. */
  reject(): Promise<void>;
  /** Writes down how far it is drained; for a drain that pauses. */
  checkpoint(): Promise<void>;
  /** What is not drained stays for the next start. */
  close(): Promise<void>;
}

export interface SpoolSettings {
  readonly dir: string;
  readonly log: Logger;
  readonly maxBytes?: number;
  readonly segmentBytes?: number;
  readonly onSetAside?: (reason: SetAside) => void;
  readonly open?: OpenFile;
  /** How long another process that has the directory is waited for; milliseconds, 0 when left out. */
  readonly waitMs?: number;
}

const MAX_BYTES = 1024 ** 3;
const SEGMENT_BYTES = 16 * 1024 ** 2;

/** @throws {ConfigError} when the directory can't be written or another process uses it. */
export async function openSpool(settings: SpoolSettings): Promise<Spool> {
  const { dir, log, maxBytes = MAX_BYTES, segmentBytes = SEGMENT_BYTES, open = openFile } = settings;
  const lock = await takeDirectory(dir, {
    waitMs: settings.waitMs ?? 0,
    onWait: (holder) => log.warn({ dir, holder }, 'the spool is in use; waiting for its process to end'),
  });
  const setAside = createSetAside(dir, log, settings.onSetAside);
  const { segments, oldestAt, next } = await recover(dir, open, setAside).catch(async (error: unknown) => {
    await lock.release();
    throw spoolDirError(dir, error);
  });
  const reader = createReader({ dir, segments, oldestAt, setAside, log, forget });
  // A file of an earlier life is never written to again: what its end is worth is not ours to know.
  let writing: Segment | null = null;
  let following = next;
  let closed = false;

  // One change of the files at a time: an append, or the removal of what is drained.
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  }

  async function append(deliveries: readonly PlannedDelivery[]): Promise<void> {
    if (closed) throw new SpoolError('SPOOL_CLOSED', 'the spool is closed');
    const bytes = Buffer.concat(deliveries.map(encodeDelivery));
    if (bytesOf(segments) + bytes.length > maxBytes)
      throw new SpoolError('SPOOL_FULL', `the spool holds its ${maxBytes} bytes`);
    try {
      if (writing === null || writing.end >= segmentBytes) await startSegment();
      if (writing === null) return;
      await appendToSegment(writing, bytes, deliveries.length);
      reader.appended(deliveries);
    } catch (error) {
      // After a failed fsync the kernel may drop the pages and report success next time, so this file gets nothing
      // more (https://lwn.net/Articles/752063/). What it acknowledged before stays in it.
      await distrust();
      throw new SpoolError('SPOOL_DISK', 'the disk refused the spool', { cause: error });
    }
  }

  async function startSegment(): Promise<void> {
    const segment = await openSegment(dir, following, 'create', open);
    following += 1;
    segments.push(segment);
    writing = segment;
  }

  async function distrust(): Promise<void> {
    const segment = writing;
    writing = null;
    if (segment === null) return;
    await takeBack(segment);
    if (segment.records === 0) await discard(segment);
  }

  function forget(segment: Segment): void {
    if (writing === segment) writing = null;
    const index = segments.indexOf(segment);
    if (index !== -1) segments.splice(index, 1);
  }

  /** Removes a segment nobody needs any more; where the disk refuses, the next start finds and drains it again. */
  async function discard(segment: Segment): Promise<void> {
    forget(segment);
    await removeSegment(dir, segment).catch((error: unknown) =>
      log.warn({ err: error, segment: segment.path }, 'a drained part of the spool could not be removed'),
    );
  }

  async function discardDrained(): Promise<void> {
    for (const segment of segments.filter((one) => one.records === 0)) await discard(segment);
    await reader.keepCursor();
  }

  return {
    get depth() {
      return segments.reduce((sum, { records }) => sum + records, 0);
    },
    get bytes() {
      return bytesOf(segments);
    },
    maxBytes,
    get oldestAt() {
      return reader.oldestAt;
    },
    append: (deliveries) => inTurn(() => append(deliveries)),
    read: (limit) => inTurn(() => reader.read(limit)),
    drained: (count) =>
      inTurn(() => {
        reader.drained(count);
        return discardDrained();
      }),
    reject: () =>
      inTurn(async () => {
        await reader.reject();
        await discardDrained();
      }),
    checkpoint: () => inTurn(() => reader.checkpoint()),
    async close() {
      await inTurn(async () => {
        closed = true;
        await reader.checkpoint();
        for (const segment of segments) await segment.file.close().catch(() => {});
      });
      await lock.release();
    },
  };
}

function bytesOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { end }) => sum + end, 0);
}
