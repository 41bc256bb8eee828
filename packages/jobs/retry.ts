import type { FailureKind, FailureScope } from '@switchyard/chatwoot';

/** How long a queue's work is worth trying, and how patiently. */
export interface GiveUpPolicy {
  /** Counted from the moment the delivery was accepted, without the time for which the queue was held. */
  readonly giveUpAfterMs: number;
  /** The first wait is up to this long, each further one up to twice the one before. */
  readonly baseMs: number;
  readonly capMs: number;
  /** The longest the breaker waits before it probes a target that is away. */
  readonly probeCapMs: number;
}

/** `unexpected` is an error nobody typed: a fault of ours, most likely. */
export type FailureClass = FailureKind | 'unexpected';

export interface FailedAttempt {
  readonly failure: FailureClass;
  readonly scope: FailureScope;
  /** How long the other side asked us to wait, where it said. */
  readonly retryAfterMs: number | null;
  /** 1 for the first that failed in this way: what went before in another says nothing of this one. */
  readonly attempt: number;
  /** Since its delivery was accepted, all of it. */
  readonly ageMs: number;
  /** For how much of that the queue was held (held-time.ts). */
  readonly heldMs: number;
}

/**
 * - `retry`: this job again after `delayMs`; its lane waits with it.
 * - `hold`: the breaker opens; nothing of this queue starts for `toldMs`, or for as long as its backoff says, and
 *   this job not for `atLeastMs`. Burns no attempt.
 * - `dead`: never again by itself.
 */
export type RetryDecision =
  | { readonly action: 'retry'; readonly delayMs: number }
  | { readonly action: 'hold'; readonly toldMs: number | null; readonly atLeastMs: number }
  | { readonly action: 'dead'; readonly reason: 'permanent' | 'gave-up' | 'unexpected' };

/** A fault of ours rarely heals by itself; a few tries cover what a deployment in progress breaks. */
const UNEXPECTED_ATTEMPTS = 5;

/**
 * What got no answer may still be under way on the other side; asked too early whether it was done, that says no,
 * and then does it. With the ten seconds that a call may take, this is past the fifteen after which Chatwoot stops
 * a request itself (rack-timeout's default).
 */
const SETTLE_MS = 6_000;

/** The most that is taken off a job's age because its queue was held. */
export const MOST_HELD_MS = 14 * 24 * 60 * 60_000;

/**
 * What happens to a job after a failed attempt: the one table of retry decisions (design.md §3.8).
 *
 * What is about the job alone never holds the others. What is about the whole target holds them all, and nobody dies
 * of it for two weeks: the time for which a target was away, or refused us, is not the job's.
 */
export function decideRetry(
  failed: FailedAttempt,
  policy: GiveUpPolicy,
  random: () => number = Math.random,
): RetryDecision {
  const tooOld = failed.ageMs - Math.min(failed.heldMs, MOST_HELD_MS) >= policy.giveUpAfterMs;
  const backoff = () => fullJitter(failed.attempt, policy, random);
  const retry = (delayMs: number) =>
    tooOld ? ({ action: 'dead', reason: 'gave-up' } as const) : ({ action: 'retry', delayMs } as const);
  const hold = (atLeastMs: number) =>
    failed.ageMs >= policy.giveUpAfterMs + MOST_HELD_MS
      ? ({ action: 'dead', reason: 'gave-up' } as const)
      : ({ action: 'hold', toldMs: failed.retryAfterMs, atLeastMs } as const);
  switch (failed.failure) {
    case 'permanent':
      return { action: 'dead', reason: 'permanent' };
    case 'unexpected':
      if (failed.attempt >= UNEXPECTED_ATTEMPTS) return { action: 'dead', reason: 'unexpected' };
      return { action: 'retry', delayMs: backoff() };
    case 'rate-limited':
      return failed.scope === 'target' ? hold(0) : retry(failed.retryAfterMs ?? backoff());
    case 'outage':
    case 'refused':
      return hold(0);
    case 'unknown-outcome':
      // Once is an accident; a job whose second try gets no answer either speaks of a target in trouble.
      return failed.scope === 'target' && failed.attempt > 1
        ? hold(SETTLE_MS)
        : retry(Math.max(SETTLE_MS, backoff()));
    case 'transient':
      return retry(failed.retryAfterMs ?? backoff());
  }
}

/**
 * Exponential backoff with full jitter: anything between a tenth of and the whole of `base * 2^(attempt - 1)`,
 * capped. The tenth keeps a crowd of retries from hammering at once by bad luck.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function fullJitter(
  attempt: number,
  policy: Pick<GiveUpPolicy, 'baseMs' | 'capMs'>,
  random: () => number,
): number {
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.ceil(ceiling * (0.1 + 0.9 * random()));
}
