/**
 * What a failed call to an outside system means for the work behind it. The class decides what happens next
 * (packages/jobs/retry.ts); every typed error that crosses a package carries one.
 *
 * - `rate-limited`: asked to wait; `retryAfterMs` when the other side said how long.
 * - `outage`: the target did not answer at all (connection refused, unreachable, 502/503/504); nothing was done.
 * - `refused`: the target answers, and refuses us as a whole (an unknown token, a suspended account) until somebody
 *   mends that; nothing was done, and the work is as good as before.
 * - `transient`: it answered, and may answer differently next time; nothing was done.
 * - `unknown-outcome`: it may have done what was asked (timed out or broke off after sending, 500 on a write).
 * - `permanent`: asking again the same way can't succeed.
 */
export type FailureKind =
  | 'rate-limited'
  | 'outage'
  | 'refused'
  | 'transient'
  | 'unknown-outcome'
  | 'permanent';

/**
 * What a failure is about: `item`, what the call was for (this conversation), so that others may go on; or `target`,
 * everything that the other side does for us.
 */
export type FailureScope = 'item' | 'target';

/** Of a failure that does not say. */
export function usualScope(failure: FailureKind): FailureScope {
  return failure === 'permanent' || failure === 'transient' ? 'item' : 'target';
}

export interface FailureDetails {
  /** A stable, searchable code in capitals, such as `CHATWOOT_NOT_FOUND`. Never holds data. */
  readonly code: string;
  /** The outside system, a bounded label: `chatwoot`, `crm`, `customers`. */
  readonly target: string;
  /** `usualScope` by default; it matters for `rate-limited` and `unknown-outcome`. */
  readonly scope?: FailureScope;
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** An outside call that failed. The message never holds a secret or a customer's words. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  readonly failure: FailureKind;
  readonly code: string;
  readonly target: string;
  readonly scope: FailureScope;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(failure: FailureKind, message: string, details: FailureDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.failure = failure;
    this.code = details.code;
    this.target = details.target;
    this.scope = details.scope ?? usualScope(failure);
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}
