import { CallFailure, type FailureKind, type HttpRequest, type HttpResponse } from '@switchyard/chatwoot';
import { retryAfterMs } from '@switchyard/jobs';

/**
 * What an answer of a system we know nothing about means for the work behind the call; null for a 2xx. Its body is
 * left out of the message: it may quote what was sent.
 */
export function answerFailure(
  target: string,
  request: Pick<HttpRequest, 'method' | 'operation'>,
  response: HttpResponse,
  now: number,
): CallFailure | null {
  const { status } = response;
  if (status >= 200 && status < 300) return null;
  const [kind, code] = meaning(status, request.method === 'GET');
  const wait = kind === 'rate-limited' ? retryAfterMs(response.headers, now) : null;
  return new CallFailure(kind, `${target}: ${request.operation}: answered ${status}`, {
    code,
    target,
    status,
    ...(wait === null ? {} : { retryAfterMs: wait }),
  });
}

/** The request surely never reached the system itself; Cloudflare has its own words for it. */
const NOBODY_THERE: ReadonlySet<number> = new Set([503, 521, 522, 523, 525, 526, 530]);
/** A gateway lost it or did not wait for it: it may have done the work. */
const GATEWAY_GAVE_UP: ReadonlySet<number> = new Set([502, 504, 520, 524]);

function meaning(status: number, isRead: boolean): readonly [FailureKind, string] {
  if (status >= 300 && status < 400) return ['permanent', 'TARGET_REDIRECTED'];
  if (status === 429) return ['rate-limited', 'TARGET_RATE_LIMITED'];
  if (status === 408 || status === 409 || status === 425) return ['transient', 'TARGET_TRY_AGAIN'];
  if (NOBODY_THERE.has(status)) return ['outage', 'TARGET_AWAY'];
  if (isRead && GATEWAY_GAVE_UP.has(status)) return ['outage', 'TARGET_AWAY'];
  if (status === 501 || status === 505) return ['permanent', 'TARGET_REJECTED'];
  if (status >= 500) return [isRead ? 'transient' : 'unknown-outcome', 'TARGET_FAILED'];
  return ['permanent', 'TARGET_REJECTED'];
}
