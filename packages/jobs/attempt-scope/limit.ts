import type { AttemptScope } from './current.ts';
import { inScope } from './current.ts';

/** An attempt that was cut off while the process goes on; whether its last call was carried out is not known. */
export class AttemptCut extends Error {
  override readonly name = 'AttemptCut';
  readonly failure = 'unknown-outcome';
  readonly scope = 'item';
  readonly code: 'JOB_TIMED_OUT' | 'JOB_CANCELLED';
  constructor(code: AttemptCut['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** What is aborted has this long to end by itself: its calls do at once. */
const GRACE_MS = 1_000;

/**
 * Runs the work of an attempt within its limit. Past it the attempt's signal is aborted, and work that does not heed
 * that is left behind, since what never settles would hold a place of the worker for ever. When the lock of the job
 * is gone it is left behind too; when the process stops, it is waited for.
 *
 * @throws {AttemptCut} | {LockLost} what the signal was aborted with, for work that was left behind.
 */
export async function withinLimit<T>(
  controller: AbortController,
  limitMs: number,
  scope: AttemptScope,
  work: () => Promise<T>,
  mayLeave: (reason: unknown) => boolean,
): Promise<T> {
  const { signal } = controller;
  const left = Promise.withResolvers<never>();
  let grace: NodeJS.Timeout | undefined;
  const timer = setTimeout(() => {
    const limit = `the attempt took longer than ${Math.round(limitMs / 1000)} s`;
    controller.abort(new AttemptCut('JOB_TIMED_OUT', limit));
  }, limitMs);
  // A process that stops does not wait for it.
  timer.unref();
  const onAbort = () => {
    if (mayLeave(signal.reason)) grace = setTimeout(() => left.reject(signal.reason), GRACE_MS);
  };
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([inScope(scope, work), left.promise]);
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
    signal.removeEventListener('abort', onAbort);
  }
}
