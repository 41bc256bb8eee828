/** What a process has in hand; kept by its attempts. */
export interface Hands {
  /** Jobs it is working on. */
  active: number;
  /** When it last started or ended one, on the monotonic clock in milliseconds: the wall clock may be set meanwhile. */
  lastMovedAt: number;
}

/** What is known of a worker process at one moment. */
export interface WorkerPulse extends Readonly<Hands> {
  /** On the same clock. */
  readonly now: number;
  /** Jobs that could start now: waiting in BullMQ, not behind another job of their lane. */
  readonly startable: number;
  /** The queue is paused, held by its breaker, or as busy elsewhere as it is allowed to be. */
  readonly held: boolean;
  readonly stopping: boolean;
}

/** A worker that starts nothing for so long while work waits does not consume any more. */
const PATIENCE_MS = 60_000;

/**
 * Whether a worker is connected and yet consumes nothing, as BullMQ's are known to after some reconnects
 * (taskforcesh/bullmq#2964, #3185). A sentence for `/healthz`, or null when it is well.
 */
export function wedged(pulse: WorkerPulse, patienceMs: number = PATIENCE_MS): string | null {
  if (pulse.stopping || pulse.held || pulse.startable === 0 || pulse.active > 0) return null;
  const stillMs = pulse.now - pulse.lastMovedAt;
  if (stillMs < patienceMs) return null;
  return `wedged: ${pulse.startable} jobs wait and none was started for ${Math.round(stillMs / 1000)} s; restart this process`;
}
