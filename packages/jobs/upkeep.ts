import { setTimeout as sleep } from 'node:timers/promises';
import type { Health, Logger } from '@switchyard/telemetry';
import type { Queue } from 'bullmq';
import type { Breaker } from './breaker.ts';
import type { Consumer } from './consumer.ts';
import type { Lanes } from './lanes.ts';
import { type Hands, wedged } from './wedge.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

export interface UpkeepParts {
  readonly queue: string;
  readonly consumer: Consumer;
  readonly bullQueue: Queue;
  readonly lanes: Lanes;
  /** Removes done jobs that an older version kept; answers how many. */
  readonly clearKept: () => Promise<number>;
  /** Drops stories that are too old, or too many. */
  readonly trimStories: () => Promise<void>;
  /** Puts right when delayed jobs are due (late-retries.ts). */
  readonly bringForward: () => Promise<number>;
  readonly breaker: Breaker;
  readonly hands: Hands;
  readonly measured: WorkerMetrics;
  readonly log: Logger;
  readonly health: Health;
  readonly stopping: AbortSignal;
  /** How often it looks; 5 s by default. */
  readonly everyMs?: number;
  /** How long a worker may start nothing while work waits, before `/healthz` says so; a minute by default. */
  readonly patienceMs?: number;
  /** And before another one takes its place; 10 s by default. */
  readonly replaceAfterMs?: number;
}

export interface Upkeep {
  stop(): void;
  readonly ended: Promise<void>;
}

const EVERY_MS = 5_000;
const REPLACE_AFTER_MS = 10_000;

/**
 * What a worker does beside its jobs, every few seconds: frees lanes whose job is gone, removes what an older version
 * kept of done jobs, trims stories, brings forward retries that a wrong clock put off, and tells `/healthz` when it has
 * stopped consuming while work waits.
 */
export function createUpkeep(parts: UpkeepParts): Upkeep {
  const { queue, consumer, bullQueue, lanes, bringForward, breaker, measured, log } = parts;
  const stopped = new AbortController();
  const signal = AbortSignal.any([parts.stopping, stopped.signal]);
  let complaint: string | null = null;
  /** Since when every look has seen work that could start: before, there was nothing to consume. */
  let workSince: number | null = null;
  let replacedAt = 0;
  parts.health.liveness(() => complaint);

  async function look(): Promise<void> {
    const freed = await lanes.repair(queue);
    if (freed > 0) {
      measured.freedLanes.inc({ queue }, freed);
      log.warn({ queue, freed }, 'lanes freed: their job was gone');
    }
    await parts.clearKept();
    await parts.trimStories();
    const early = await bringForward();
    if (early > 0)
      log.warn({ queue, early }, 'retries brought forward: they were set by a clock that was ahead');
    await breaker.shorten();
    const reason = await breaker.reason();
    const [counts, paused] = await Promise.all([
      bullQueue.getJobCounts('wait', 'prioritized'),
      bullQueue.isPaused(),
    ]);
    const now = performance.now();
    const startable = (counts.wait ?? 0) + (counts.prioritized ?? 0);
    const held = paused || reason !== null;
    workSince = startable === 0 || held ? null : (workSince ?? now);
    const pulse = {
      now,
      startable,
      active: parts.hands.active,
      lastMovedAt: Math.max(parts.hands.lastMovedAt, workSince ?? now),
      held,
      stopping: signal.aborted,
    };
    complaint = wedged(pulse, parts.patienceMs);
    const fresh = { ...pulse, lastMovedAt: Math.max(pulse.lastMovedAt, replacedAt) };
    if (wedged(fresh, parts.replaceAfterMs ?? REPLACE_AFTER_MS) === null) return;
    log.warn(
      { queue, startable },
      'the worker consumes nothing while work waits; another one takes its place',
    );
    measured.replaced.inc({ queue });
    replacedAt = now;
    consumer.replace();
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await sleep(parts.everyMs ?? EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      try {
        await look();
      } catch (error) {
        // Redis is away, or was: nobody could have consumed.
        workSince = null;
        complaint = null;
        if (!signal.aborted) log.warn({ err: error, queue }, 'upkeep failed; trying again');
      }
    }
  }
  return { stop: () => stopped.abort(), ended: run() };
}
