import { CallFailure, type FailureKind, type HttpResponse } from '@switchyard/chatwoot';
import { retryAfterMs } from '@switchyard/jobs';

export type CrmOperation = 'create' | 'update' | 'lookup';

/**
 * What the CRM's answer means; null when it is a success. The answer's body is left out of the message: CRMs
 * quote what they were sent, which is a customer's.
 */
export function answerFailure(
  operation: CrmOperation,
  response: HttpResponse,
  now: number,
): CallFailure | null {
  const { status } = response;
  if (status >= 200 && status < 300) return null;
  const [kind, code, hint] = meaning(operation, status);
  const message = `the CRM answered ${status} to a lead's ${operation}${hint === '' ? '' : `: ${hint}`}`;
  const wait = kind === 'rate-limited' ? retryAfterMs(response.headers, now) : null;
  return new CallFailure(kind, message, {
    code,
    target: 'crm',
    status,
    ...(wait === null ? {} : { retryAfterMs: wait }),
  });
}

type Meaning = readonly [kind: FailureKind, code: string, hint: string];

function meaning(operation: CrmOperation, status: number): Meaning {
  switch (status) {
    case 401:
    case 403:
      return ['permanent', 'CRM_UNAUTHORIZED', 'check CRM_API_KEY and what it may do'];
    case 404:
    case 410:
      return operation === 'update'
        ? ['permanent', 'CRM_NOT_FOUND', 'the lead is not there; check crm.update.url, or it was deleted']
        : [
            'permanent',
            'CRM_NOT_FOUND',
            `nothing is there; check ${operation === 'create' ? 'CRM_URL' : 'crm.lookup.url'}`,
          ];
    case 408:
    case 425:
      return ['transient', 'CRM_TRY_AGAIN', ''];
    case 409:
      // The same Idempotency-Key is being worked on (IETF httpapi-idempotency-key-header §2.6), or a rival
      // write won: both look different the next time.
      return ['transient', 'CRM_CONFLICT', ''];
    case 429:
      return ['rate-limited', 'CRM_RATE_LIMITED', ''];
    // These say that the request never reached the CRM itself; 521 to 523 are Cloudflare's words for it. Not 502:
    // the proxy had passed it on.
    case 503:
    case 521:
    case 522:
    case 523:
      return ['outage', 'CRM_AWAY', ''];
    case 501:
    case 505:
      return ['permanent', 'CRM_REJECTED', 'check CRM_URL'];
  }
  if (status >= 500) return [operation === 'lookup' ? 'transient' : 'unknown-outcome', 'CRM_FAILED', ''];
  if (status >= 300 && status < 400)
    return ['permanent', 'CRM_REDIRECTED', 'redirects are not followed; use the final URL'];
  return [
    'permanent',
    'CRM_REJECTED',
    'it does not take these fields; check crm.fields and crm.contactFields',
  ];
}
