/**
 * What a failed call to an outside system means for the work behind it. The class decides what happens next
 * (packages/jobs/retry.ts); every typed error that crosses a package carries one.
 *
 * - `rate-limited`: asked to wait; `retryAfterMs` when the other side said how long.
 * - `outage`: the target did not answer at all (refused, unreachable, 502/503/504); nothing was done.
 * - `transient`: it answered, and may answer differently next time; nothing was done.
 * - `unknown-outcome`: it may have done what was asked (timed out or broke off after sending, 500 on a write).
 * - `permanent`: asking again the same way can't succeed.
 */
export type FailureKind = 'rate-limited' | 'outage' | 'transient' | 'unknown-outcome' | 'permanent';

export interface FailureDetails {
  /** A stable, searchable code in capitals, such as `CHATWOOT_NOT_FOUND`. Never holds data. */
  readonly code: string;
  /** The outside system, a bounded label: `chatwoot`, `crm`, `customers`. */
  readonly target: string;
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
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(failure: FailureKind, message: string, details: FailureDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.failure = failure;
    this.code = details.code;
    this.target = details.target;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}
