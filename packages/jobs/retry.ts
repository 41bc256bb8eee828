import type { FailureKind } from '@switchyard/chatwoot';

/** How long a queue's work is worth trying, and how patiently. */
export interface GiveUpPolicy {
  /** Counted from the moment the delivery was accepted. */
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
  /** How long the other side asked us to wait, where it said. */
  readonly retryAfterMs: number | null;
  /** 1 for the first. */
  readonly attempt: number;
  readonly ageMs: number;
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

/** What happens to a job after a failed attempt: the one table of retry decisions (design.md §3.8). */
export function decideRetry(
  failed: FailedAttempt,
  policy: GiveUpPolicy,
  random: () => number = Math.random,
): RetryDecision {
  const tooOld = failed.ageMs >= policy.giveUpAfterMs;
  const backoff = () => fullJitter(failed.attempt, policy, random);
  switch (failed.failure) {
    case 'permanent':
      return { action: 'dead', reason: 'permanent' };
    case 'unexpected':
      if (failed.attempt >= UNEXPECTED_ATTEMPTS) return { action: 'dead', reason: 'unexpected' };
      return { action: 'retry', delayMs: backoff() };
    case 'rate-limited':
    case 'outage':
      if (tooOld) return { action: 'dead', reason: 'gave-up' };
      return { action: 'hold', toldMs: failed.retryAfterMs, atLeastMs: 0 };
    case 'unknown-outcome':
      if (tooOld) return { action: 'dead', reason: 'gave-up' };
      // Once is an accident; a job whose second try ends like the first speaks of a target in trouble.
      if (failed.attempt === 1) return { action: 'retry', delayMs: Math.max(SETTLE_MS, backoff()) };
      return { action: 'hold', toldMs: failed.retryAfterMs, atLeastMs: SETTLE_MS };
    case 'transient':
      if (tooOld) return { action: 'dead', reason: 'gave-up' };
      return { action: 'retry', delayMs: failed.retryAfterMs ?? backoff() };
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
