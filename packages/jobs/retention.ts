import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@switchyard/telemetry';
import type { DeadJobs } from './dead-jobs.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

const HOUR = 60 * 60_000;

export interface RetentionParts {
  readonly queue: string;
  readonly dead: Pick<DeadJobs, 'expire'>;
  readonly measured: Pick<WorkerMetrics, 'expired'>;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** An hour by default. */
  readonly everyMs?: number;
}

/** Discards what has been dead for longer than it is kept, every hour, and says how many. Ends with the signal. */
export async function keepRetention({
  queue,
  dead,
  measured,
  log,
  signal,
  everyMs = HOUR,
}: RetentionParts): Promise<void> {
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return;
    try {
      const expired = await dead.expire({ queue });
      if (expired === 0) continue;
      measured.expired.inc({ queue }, expired);
      log.warn({ queue, expired }, 'dead jobs discarded: they were dead for longer than they are kept');
    } catch (error) {
      if (!signal.aborted)
        log.warn({ err: error, queue }, 'dead jobs could not be looked through; trying again');
    }
  }
}
