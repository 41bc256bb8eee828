import type { Enqueued, PlannedDelivery } from '@switchyard/jobs';
import type { Logger } from '@switchyard/telemetry';
import { createBatch } from './batch.ts';
import { createDrain } from './keeper-drain.ts';
import { within } from './keeper-limit.ts';
import { createTurns } from './keeper-turns.ts';
import type { Spool } from './spool.ts';

/**
 * Makes deliveries durable, in the order they came: in Redis (`direct`), or in the spool while Redis is away
 * (`spooling`). Once one delivery is in the spool all later ones go there too, until it is drained and empty: so
 * none overtakes an earlier one of its lane.
 */
export interface Keeper {
  /**
   * Resolves once the delivery is in Redis or on disk; within a second, whatever Redis does.
   *
   * @throws {SpoolError} when neither could be had.
   */
  keep(delivery: PlannedDelivery): Promise<Enqueued | 'spooled'>;
  readonly mode: Mode;
  /** Redis may be back: the drain need not wait for its next attempt. */
  redisReady(): void;
  /** Waits for what is under way. What is in the spool stays there. */
  close(): Promise<void>;
}

type Mode = 'direct' | 'spooling';

export interface KeeperParts {
  readonly enqueue: (deliveries: readonly PlannedDelivery[]) => Promise<readonly Enqueued[]>;
  readonly spool: Spool;
  readonly log: Logger;
  /** How many deliveries share one trip to Redis or one fsync. */
  readonly largestBatch: number;
  /** How long a delivery waits for Redis before it is spooled; milliseconds. */
  readonly limitMs: number;
  readonly onChange?: (state: KeeperState) => void;
  readonly count?: KeeperCount;
}

export interface KeeperState {
  readonly mode: Mode;
  /** The last delivery could be made durable nowhere. */
  readonly failing: boolean;
  /** Redis is there and takes nothing of what is in the spool; somebody has to look. */
  readonly standing: boolean;
}

export interface KeeperCount {
  appended(result: 'ok' | 'full' | 'disk', deliveries: number): void;
  drained(deliveries: number): void;
}

/**
 * How long a failure counts without another one. An ingress that is not ready may get no deliveries, and then
 * nothing would ever show that it is well again.
 */
const FAILING_MS = 30_000;
/** Also a delivery that waited long for its turn gets a chance with Redis. */
const LEAST_LIMIT_MS = 50;

interface Waiting {
  readonly delivery: PlannedDelivery;
  readonly since: number;
}

export function createKeeper(parts: KeeperParts): Keeper {
  const { enqueue, spool, log, largestBatch, limitMs, onChange, count } = parts;
  const stopping = new AbortController();
  let mode: Mode = spool.depth > 0 ? 'spooling' : 'direct';
  let failing = false;
  let standing = false;
  let appending = false;
  let forgiven: NodeJS.Timeout | undefined;
  const turns = createTurns(2 * largestBatch);
  const drain = createDrain({
    enqueue,
    spool,
    turns,
    log,
    largestBatch,
    stopping: stopping.signal,
    onDrained(deliveries) {
      if (deliveries > 0) count?.drained(deliveries);
      if (failing || standing) tell({ failing: false, standing: false });
    },
    onStanding: () => tell({ standing: true }),
    // In one turn of the event loop with the look at the spool: nothing can come between.
    isDone: () => !appending && spool.depth === 0,
    onDone() {
      if (!failing) log.info('the spool is drained; deliveries go to Redis');
      tell({ mode: 'direct', standing: false });
    },
  });
  const batch = createBatch<Waiting, Enqueued | 'spooled'>({ handle, largest: largestBatch });

  // One batch at a time (see batch.ts), so a batch never meets another one's change of mode half-way.
  async function handle(items: readonly Waiting[]): Promise<readonly (Enqueued | 'spooled')[]> {
    const deliveries = items.map(({ delivery }) => delivery);
    if (mode === 'spooling') await turns.admit(deliveries.length);
    if (mode === 'direct') {
      const waited = performance.now() - (items[0]?.since ?? 0);
      const left = Math.max(LEAST_LIMIT_MS, limitMs - waited);
      try {
        const answers = await within(enqueue(deliveries), left, stopping.signal);
        if (failing) tell({ failing: false });
        return answers;
      } catch (error) {
        // Whether Redis has them is unknown. The drain offers them again and Redis knows which ones it has.
        if (!failing) log.warn({ err: error }, 'Redis does not take deliveries; they go to the spool');
        appending = true;
        tell({ mode: 'spooling' });
      }
    }
    await append(deliveries);
    return deliveries.map(() => 'spooled');
  }

  async function append(deliveries: readonly PlannedDelivery[]): Promise<void> {
    appending = true;
    try {
      await spool.append(deliveries);
      tell({ failing: false });
      count?.appended('ok', deliveries.length);
    } catch (error) {
      tell({ failing: true });
      const isFull = error instanceof Error && Reflect.get(error, 'code') === 'SPOOL_FULL';
      count?.appended(isFull ? 'full' : 'disk', deliveries.length);
      throw error;
    } finally {
      appending = false;
      drain.start();
    }
  }

  function tell(change: Partial<KeeperState>): void {
    const next = { mode, failing, standing, ...change };
    ({ mode, failing, standing } = next);
    clearTimeout(forgiven);
    if (failing) forgiven = setTimeout(() => tell({ failing: false }), FAILING_MS).unref();
    onChange?.(next);
  }

  if (mode === 'spooling') {
    log.warn({ deliveries: spool.depth }, 'the spool holds deliveries of an earlier life; draining it first');
    drain.start();
  }
  onChange?.({ mode, failing, standing });

  return {
    keep: (delivery) => batch.add({ delivery, since: performance.now() }),
    get mode() {
      return mode;
    },
    redisReady() {
      if (failing) tell({ failing: false });
      drain.hurry();
    },
    async close() {
      await batch.idle();
      stopping.abort();
      clearTimeout(forgiven);
      await drain.finished();
    },
  };
}
