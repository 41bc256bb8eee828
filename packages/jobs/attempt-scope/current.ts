import { AsyncLocalStorage } from 'node:async_hooks';

/** What goes on in one attempt of a job, as what it calls sees it. */
export interface AttemptScope {
  /** Aborted when the attempt has no more time, its lock is gone, or the process stops. */
  readonly signal: AbortSignal;
  /** When this attempt last began a call that its target answered, by target; on the monotonic clock. */
  readonly reached: Map<string, number>;
  /** When the attempt began; on the same clock. */
  readonly startedAt: number;
}

const scopes = new AsyncLocalStorage<AttemptScope>();
const told = new Set<string>();

export function inScope<T>(scope: AttemptScope, work: () => T): T {
  return scopes.run(scope, work);
}

/**
 * To be asked before each call and each write that an attempt makes, however deep in it: one that has no more time
 * makes none, so that a handler which goes on late does nothing that its next attempt does too.
 *
 * @returns the signal to stop with; null outside of an attempt.
 * @throws the reason for which the attempt was cut off.
 */
export function checkScope(): AbortSignal | null {
  const signal = scopes.getStore()?.signal ?? null;
  signal?.throwIfAborted();
  return signal;
}

/** Says that calls to this target tell when they reach it (`tellReached`). */
export function willTell(target: string): void {
  told.add(target);
}

/** Whether somebody in this process tells when that target is reached. */
export function isTold(target: string): boolean {
  return told.has(target);
}

/** A call that began then was answered by its target, in a way that says that it is there and works. */
export function tellReached(target: string, startedAt: number): void {
  scopes.getStore()?.reached.set(target, startedAt);
}
