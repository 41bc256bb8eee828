import {
  CallFailure,
  detailsOf,
  type HttpRequest,
  type HttpResponse,
  meaningOfStatus,
} from '@switchyard/chatwoot';

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
  const meaning = meaningOfStatus(status, request.method);
  if (meaning === null) return null;
  const { failure, why } = meaning;
  return new CallFailure(failure, `${target}: ${request.operation}: answered ${status}`, {
    code: CODES[why],
    target,
    ...detailsOf(meaning, response, now),
  });
}

const CODES = {
  redirected: 'TARGET_REDIRECTED',
  unauthorized: 'TARGET_REJECTED',
  'not-found': 'TARGET_REJECTED',
  rejected: 'TARGET_REJECTED',
  'try-again': 'TARGET_TRY_AGAIN',
  conflict: 'TARGET_TRY_AGAIN',
  'rate-limited': 'TARGET_RATE_LIMITED',
  away: 'TARGET_AWAY',
  failed: 'TARGET_FAILED',
} as const;
