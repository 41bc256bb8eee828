import type { FailureDetails, FailureKind } from '../failure.ts';
import type { HttpRequest, HttpResponse } from '../send.ts';
import { retryAfterMs } from './retry-after.ts';

/** What a status says of the work behind a call, whoever gave it; the systems' own words for it are their readers'. */
export interface StatusMeaning {
  readonly failure: FailureKind;
  /**
   * - `redirected`: the address is another one; redirects are not followed.
   * - `unauthorized`, `not-found`, `rejected`: it does not take this, and would not the next time.
   * - `try-again`, `conflict`: it did not come to it, or something stood in the way that may be gone.
   * - `rate-limited`, `away`, `failed`.
   */
  readonly why:
    | 'redirected'
    | 'unauthorized'
    | 'not-found'
    | 'rejected'
    | 'try-again'
    | 'conflict'
    | 'rate-limited'
    | 'away'
    | 'failed';
}

/** The request surely never reached the system itself; Cloudflare has its own words for it. */
const NOBODY_THERE: ReadonlySet<number> = new Set([503, 521, 522, 523, 525, 526, 530]);
/** A gateway lost it or did not wait for it: it may have done the work. */
const GATEWAY_GAVE_UP: ReadonlySet<number> = new Set([502, 504, 520, 524]);

/**
 * The one table of HTTP statuses; null for a 2xx. Pure.
 *
 * A write that was answered 408 or 409 may have been done: the server gave up on a request that it had begun to read,
 * or the first try of the same write, which we took for lost, holds its Idempotency-Key
 * (draft-ietf-httpapi-idempotency-key-header §2.6). Only 425 says that nothing was begun (RFC 8470 §5.2).
 */
export function meaningOfStatus(status: number, method: HttpRequest['method']): StatusMeaning | null {
  const isRead = method === 'GET';
  const unsure = isRead ? 'transient' : 'unknown-outcome';
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return { failure: 'permanent', why: 'redirected' };
  if (status === 429) return { failure: 'rate-limited', why: 'rate-limited' };
  if (status === 408) return { failure: unsure, why: 'try-again' };
  if (status === 409) return { failure: unsure, why: 'conflict' };
  if (status === 425) return { failure: 'transient', why: 'try-again' };
  if (status === 401 || status === 403) return { failure: 'permanent', why: 'unauthorized' };
  if (status === 404 || status === 410) return { failure: 'permanent', why: 'not-found' };
  if (NOBODY_THERE.has(status)) return { failure: 'outage', why: 'away' };
  if (GATEWAY_GAVE_UP.has(status)) return { failure: isRead ? 'outage' : 'unknown-outcome', why: 'away' };
  if (status === 501 || status === 505) return { failure: 'permanent', why: 'rejected' };
  if (status >= 500) return { failure: unsure, why: 'failed' };
  return { failure: 'permanent', why: 'rejected' };
}

/**
 * What a failure says beside its code and its message, for a system of which no more is known than the status: that it
 * is about what was asked for alone where something stood in the way of that, and how long to wait.
 */
export function detailsOf(
  { failure, why }: StatusMeaning,
  { status, headers }: Pick<HttpResponse, 'status' | 'headers'>,
  now: number,
): Omit<FailureDetails, 'code' | 'target'> {
  const wait = failure === 'rate-limited' ? retryAfterMs(headers, now) : null;
  return {
    status,
    ...(why === 'try-again' || why === 'conflict' ? { scope: 'item' } : {}),
    ...(wait === null ? {} : { retryAfterMs: wait }),
  };
}
