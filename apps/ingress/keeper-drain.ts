import { setTimeout as sleep } from 'node:timers/promises';
import type { Enqueued, PlannedDelivery } from '@switchyard/jobs';
import type { Logger } from '@switchyard/telemetry';
import { within } from './keeper-limit.ts';
import { refusalOf } from './keeper-refusal.ts';
import type { Turns } from './keeper-turns.ts';
import { independentOf } from './keeper-witness.ts';
import type { Spool } from './spool.ts';

/** Moves deliveries from the spool to Redis, in order, and out of the spool only when Redis has them. */
export interface Drain {
  /** Begins, unless it is under way. */
  start(): void;
  /** Tries again now, where it waits for Redis. */
  hurry(): void;
  /** Resolves when nothing is under way. */
  finished(): Promise<void>;
}

export interface DrainParts {
  readonly enqueue: (deliveries: readonly PlannedDelivery[]) => Promise<readonly Enqueued[]>;
  readonly spool: Spool;
  readonly turns: Turns;
  readonly log: Logger;
  readonly largestBatch: number;
  /** Aborted when the process stops. */
  readonly stopping: AbortSignal;
  readonly isDone: () => boolean;
  readonly onDone: () => void;
  readonly onDrained: (deliveries: number) => void;
  /** Redis answers, and has refused the oldest again and again; said once, until something is drained. */
  readonly onStanding: () => void;
}

/** Nobody waits for a drain, so Redis may take longer than for a request. */
const LIMIT_MS = 5_000;
const PAUSE_MS = { first: 50, most: 1_000 };
/** How often a delivery is offered that Redis refuses while it takes others. */
const ATTEMPTS = 5;

export function createDrain(parts: DrainParts): Drain {
  const { spool, turns, log, stopping } = parts;
  let running: Promise<void> | null = null;
  let size = parts.largestBatch;
  let failures = 0;
  let refused = 0;
  let pause = new AbortController();

  const offer = (deliveries: readonly PlannedDelivery[]) =>
    within(parts.enqueue(deliveries), LIMIT_MS, stopping);

  async function run(): Promise<void> {
    while (!stopping.aborted && !parts.isDone()) {
      // Empty, but an append is under way; its end starts us again.
      if (spool.depth === 0) return;
      try {
        await drainSome();
      } catch (error) {
        turns.halted();
        if (!stopping.aborted) await overcome(error);
      }
      // Live requests first: each round of ours leaves the event loop one of its own.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (!stopping.aborted) parts.onDone();
  }

  async function drainSome(): Promise<void> {
    const deliveries = await spool.read(size);
    if (deliveries.length === 0) return;
    turns.begin(deliveries.length >= spool.depth);
    await offer(deliveries);
    await spool.drained(deliveries.length);
    turns.drained(deliveries.length);
    parts.onDrained(deliveries.length);
    size = Math.min(parts.largestBatch, size * 2);
    failures = 0;
    refused = 0;
  }

  async function overcome(error: unknown): Promise<void> {
    const refusal = refusalOf(error);
    const poison = refusal === 'poison';
    if (poison && size > 1) {
      // Halving finds the one it is about; those before it get through on the way.
      size >>= 1;
      return;
    }
    if (refusal !== 'away') refused += 1;
    if (refused === ATTEMPTS) {
      log.error(
        { err: error, deliveries: spool.depth },
        'the spool stands still: Redis refuses the oldest delivery',
      );
      parts.onStanding();
    }
    // While Redis is away one delivery is enough to ask.
    size = 1;
    try {
      if (poison && refused >= ATTEMPTS && (await isAlone())) {
        log.error({ err: error }, 'Redis refuses one delivery and takes others; it is set aside');
        await spool.reject();
        refused = 0;
        parts.onDrained(0);
        return;
      }
    } catch (diskError) {
      log.error({ err: diskError }, 'a delivery Redis refuses could not be set aside');
    }
    if (failures === 0) log.warn({ err: error, deliveries: spool.depth }, 'the spool waits for Redis');
    await spool.checkpoint();
    await rest();
  }

  async function rest(): Promise<void> {
    const ms = Math.min(PAUSE_MS.most, PAUSE_MS.first * 2 ** Math.min(failures, 10));
    failures += 1;
    pause = new AbortController();
    const signal = AbortSignal.any([pause.signal, stopping]);
    await sleep(ms, undefined, { signal }).catch(() => {});
  }

  /** Whether Redis takes another delivery than the oldest, one that may overtake all between without harm. */
  async function isAlone(): Promise<boolean> {
    const witness = independentOf(await spool.read(parts.largestBatch));
    if (witness === null) return false;
    return offer([witness]).then(
      () => true,
      () => false,
    );
  }

  return {
    start() {
      if (stopping.aborted) return;
      // Never in the caller's own turn, so that `running` is set before it is cleared.
      running ??= Promise.resolve().then(async () => {
        try {
          await run();
        } finally {
          // Here and not behind a promise: a start() in between would be lost.
          running = null;
          turns.halted();
        }
      });
    },
    hurry() {
      failures = 0;
      pause.abort();
    },
    async finished() {
      while (running !== null) await running;
    },
  };
}
