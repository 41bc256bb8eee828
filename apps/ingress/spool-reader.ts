import type { PlannedDelivery } from '@switchyard/jobs';
import type { Logger } from '@switchyard/telemetry';
import { writeCursor } from './spool-cursor.ts';
import { decodeDelivery, type ScannedRecord } from './spool-record.ts';
import { type Segment, scanSegment } from './spool-segment.ts';
import { isInputError, type SettingAside } from './spool-set-aside.ts';

/** The draining side of the spool: where the oldest deliveries are and how far it has come. */
export interface Reader {
  readonly oldestAt: number | null;
  appended(deliveries: readonly PlannedDelivery[]): void;
  read(limit: number): Promise<readonly PlannedDelivery[]>;
  drained(count: number): void;
  reject(): Promise<void>;
  /** Writes the cursor when it is about time, `checkpoint` writes it now. */
  keepCursor(): Promise<void>;
  checkpoint(): Promise<void>;
}

export interface ReaderSettings {
  readonly dir: string;
  /** The spool's own list, oldest first. */
  readonly segments: readonly Segment[];
  readonly oldestAt: number | null;
  readonly setAside: SettingAside;
  readonly log: Logger;
  /** Takes a segment out of the list. */
  readonly forget: (segment: Segment) => void;
}

const READ_BYTES = 512 * 1024;
const READ_ATTEMPTS = 3;
/** How much a kill during a drain may leave to be drained again. */
const CURSOR_EVERY_MS = 1_000;

export function createReader(settings: ReaderSettings): Reader {
  const { dir, segments, setAside, log, forget } = settings;
  let { oldestAt } = settings;
  let lastRead: { segment: Segment; records: readonly ScannedRecord[] } | null = null;
  let cursorAt = 0;
  let written = '';

  async function read(limit: number): Promise<readonly PlannedDelivery[]> {
    for (;;) {
      const segment = segments.find(({ records }) => records > 0);
      if (segment === undefined) {
        lastRead = null;
        return [];
      }
      const deliveries = await readFrom(segment, limit);
      const [first] = deliveries;
      if (first === undefined) continue;
      oldestAt = first.event.delivery.receivedAt;
      return deliveries;
    }
  }

  /** None when there was nothing to be had at the segment's start, which is then further on. */
  async function readFrom(segment: Segment, limit: number): Promise<readonly PlannedDelivery[]> {
    const scan = await scanPatiently(segment).catch(async (error: unknown) => {
      if (!isInputError(error)) throw error;
      await setAside.whole(segment, error);
      forget(segment);
      return null;
    });
    if (scan === null) return [];
    for (const stretch of scan.damage) await setAside.part(segment, stretch, 'damaged');
    const records = scan.records.slice(0, limit);
    if (records.length === 0) {
      segment.start = scan.next;
      if (segment.start >= segment.end) segment.records = 0;
      return [];
    }
    lastRead = { segment, records };
    const deliveries: PlannedDelivery[] = [];
    for (const { payload } of records) {
      const delivery = decodeDelivery(payload);
      if (delivery === null) break;
      deliveries.push(delivery);
    }
    if (deliveries.length === 0) await leave('unreadable');
    return deliveries;
  }

  async function leave(reason: 'unreadable' | 'rejected'): Promise<void> {
    const [first] = lastRead?.records ?? [];
    if (lastRead === null || first === undefined) return;
    await setAside.part(lastRead.segment, first, reason);
    drained(1);
  }

  function drained(count: number): void {
    const last = lastRead?.records[count - 1];
    if (lastRead === null || last === undefined) throw new Error(`${count} were not read from the spool`);
    const { segment } = lastRead;
    lastRead = { segment, records: lastRead.records.slice(count) };
    segment.start = last.end;
    // Damage that came up since the count was made leaves it too high, never too low.
    segment.records = segment.start >= segment.end ? 0 : segment.records - count;
    if (segments.every(({ records }) => records === 0)) oldestAt = null;
  }

  async function checkpoint(): Promise<void> {
    const [oldest] = segments;
    if (oldest === undefined) return;
    const cursor = { segment: oldest.number, offset: oldest.start };
    if (`${cursor.segment} ${cursor.offset}` === written) return;
    cursorAt = performance.now();
    try {
      await writeCursor(dir, cursor);
      written = `${cursor.segment} ${cursor.offset}`;
    } catch (error) {
      log.warn({ err: error }, "the spool's cursor could not be written; it lags, which is harmless");
    }
  }

  return {
    get oldestAt() {
      return oldestAt;
    },
    appended(deliveries) {
      oldestAt ??= deliveries[0]?.event.delivery.receivedAt ?? null;
    },
    read,
    drained,
    reject: () => leave('rejected'),
    async keepCursor() {
      if (performance.now() - cursorAt >= CURSOR_EVERY_MS) await checkpoint();
    },
    checkpoint,
  };
}

/** A disk may stumble once; what it refuses again and again it does not have. */
async function scanPatiently(segment: Segment): ReturnType<typeof scanSegment> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await scanSegment(segment, segment.start, READ_BYTES);
    } catch (error) {
      if (attempt === READ_ATTEMPTS) throw error;
    }
  }
}
