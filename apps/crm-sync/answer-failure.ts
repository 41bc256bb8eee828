import {
  CallFailure,
  detailsOf,
  type HttpRequest,
  type HttpResponse,
  meaningOfStatus,
} from '@switchyard/chatwoot';
import { maskedAnswer } from './masked-answer.ts';

export type CrmOperation = 'create' | 'update' | 'lookup';

/**
 * What the CRM's answer means; null when it is a success. What it says of what it refuses is kept, without what it
 * quotes of a customer (masked-answer.ts): it may be the only one who tells which field is at fault.
 */
export function answerFailure(
  operation: CrmOperation,
  request: Pick<HttpRequest, 'method' | 'body'>,
  response: HttpResponse,
  now: number,
): CallFailure | null {
  const { status } = response;
  const meaning = meaningOfStatus(status, request.method);
  if (meaning === null) return null;
  const { failure, why } = meaning;
  const said = maskedAnswer(response.body, request.body);
  const parts = [`the CRM answered ${status} to a lead's ${operation}`, hintOf(why, operation)];
  if (said !== '') parts.push(`it says ${said}`);
  return new CallFailure(failure, parts.filter((part) => part !== '').join(': '), {
    code: CODES[why],
    target: 'crm',
    ...detailsOf(meaning, response, now),
  });
}

const CODES = {
  redirected: 'CRM_REDIRECTED',
  unauthorized: 'CRM_UNAUTHORIZED',
  'not-found': 'CRM_NOT_FOUND',
  rejected: 'CRM_REJECTED',
  'try-again': 'CRM_TRY_AGAIN',
  conflict: 'CRM_CONFLICT',
  'rate-limited': 'CRM_RATE_LIMITED',
  away: 'CRM_AWAY',
  failed: 'CRM_FAILED',
} as const;

function hintOf(why: keyof typeof CODES, operation: CrmOperation): string {
  switch (why) {
    case 'redirected':
      return 'redirects are not followed; use the final URL';
    case 'unauthorized':
      return 'check CRM_API_KEY and what it may do';
    case 'not-found':
      if (operation === 'update') return 'the lead is not there; check crm.update.url, or it was deleted';
      return `nothing is there; check ${operation === 'create' ? 'CRM_URL' : 'crm.lookup.url'}`;
    case 'rejected':
      return 'it does not take these fields; check crm.fields and crm.contactFields';
    default:
      return '';
  }
}
