import { CallFailure, type FailureKind, type FailureScope, usualScope } from './failure.ts';
import { retryAfterMs } from './http-answer/retry-after.ts';
import { meaningOfStatus } from './http-answer/status.ts';
import type { HttpRequest, HttpResponse } from './send.ts';

export interface Answer {
  readonly status: number;
  readonly headers: HttpResponse['headers'];
  readonly body: string;
  readonly method: HttpRequest['method'];
  /** Our clock, epoch milliseconds, for a `Retry-After` that is a date. */
  readonly now: number;
}

export interface Classification {
  readonly failure: FailureKind;
  readonly scope: FailureScope;
  readonly code: ChatwootFailureCode;
  /** What it means and what to do, in fixed words: nothing of the body is in it. */
  readonly advice: string;
  readonly retryAfterMs?: number;
}

export type ChatwootFailureCode =
  | 'CHATWOOT_UNAUTHORIZED'
  | 'CHATWOOT_FORBIDDEN'
  | 'CHATWOOT_BOT_FORBIDDEN'
  | 'CHATWOOT_ACCOUNT_SUSPENDED'
  | 'CHATWOOT_PLAN_GATE'
  | 'CHATWOOT_NOT_FOUND'
  | 'CHATWOOT_INVALID'
  | 'CHATWOOT_TOO_MANY_MESSAGES'
  | 'CHATWOOT_RATE_LIMITED'
  | 'CHATWOOT_TIMEOUT'
  | 'CHATWOOT_REFUSED'
  | 'CHATWOOT_REDIRECTED'
  | 'CHATWOOT_UNAVAILABLE'
  | 'CHATWOOT_SERVER_ERROR';

/**
 * Whether Chatwoot refuses an account as a whole, which is suspended or has no API in its plan, until somebody mends
 * that. Other accounts of the same token may be well.
 */
export function isAccountShut(error: unknown): error is CallFailure {
  return error instanceof CallFailure && SHUT.has(error.code);
}

const SHUT: ReadonlySet<string> = new Set<ChatwootFailureCode>([
  'CHATWOOT_ACCOUNT_SUSPENDED',
  'CHATWOOT_PLAN_GATE',
]);

/**
 * What a status other than 2xx means for the work behind the call (contract [R] 2 and 9, §3.1, §3.2). Pure. Null for
 * a 2xx.
 *
 * The status alone is not enough: 401 is also Chatwoot's "this user may not", and one 422 is a rate limit. What only
 * one conversation gets must not hold up the others: a 500 that Chatwoot's application answers is one of those, since
 * a bug of its shows in some conversations and not in others. A 401 in words that we don't know is taken for a
 * refused token: held work can go on, dead work is dead.
 */
export function classifyResponse(answer: Answer): Classification | null {
  const { status } = answer;
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return REDIRECTED;
  if (status === 401) return deniedBy401(answer.body);
  if (status === 403) return says(answer.body, 'api access is not enabled') ? PLAN_GATE : FORBIDDEN;
  if (status === 404) return NOT_FOUND;
  if (status === 422) return says(answer.body, 'too many messages') ? TOO_MANY_MESSAGES : INVALID;
  return byStatus(answer);
}

function deniedBy401(body: string): Classification {
  if (says(body, 'not authorized for bots')) return BOT_FORBIDDEN;
  if (says(body, 'account is suspended')) return ACCOUNT_SUSPENDED;
  if (says(body, 'not authorized to')) return FORBIDDEN;
  return UNAUTHORIZED;
}

function byStatus(answer: Answer): Classification {
  const meaning = meaningOfStatus(answer.status, answer.method);
  if (meaning === null) return REFUSED;
  const { failure, why } = meaning;
  // What a proxy says of itself with 501 or 505 is no verdict of Chatwoot's, of which work should die.
  if (why === 'rejected' && answer.status >= 500)
    return serverError(answer.method === 'GET' ? 'transient' : 'unknown-outcome');
  switch (why) {
    case 'rate-limited':
      return rateLimited(answer);
    case 'try-again':
      return classed(failure, 'CHATWOOT_TIMEOUT', 'the server gave up waiting for the request');
    case 'away':
      return classed(failure, 'CHATWOOT_UNAVAILABLE', 'Chatwoot is down or being restarted');
    case 'failed':
      return serverError(failure);
    case 'conflict':
      return classed(
        failure,
        'CHATWOOT_REFUSED',
        'Chatwoot, or a proxy before it, refused the request',
        'item',
      );
    default:
      return REFUSED;
  }
}

/** It can come although the work was done (contract §3.2, #6446). */
function serverError(failure: FailureKind): Classification {
  return classed(
    failure,
    'CHATWOOT_SERVER_ERROR',
    "Chatwoot failed inside; its own log (rails, sidekiq) has the reason, and the call's effect may be there",
    'item',
  );
}

function rateLimited(answer: Answer): Classification {
  const wait = retryAfterMs(answer.headers, answer.now);
  return {
    ...classed(
      'rate-limited',
      'CHATWOOT_RATE_LIMITED',
      'too many requests from this address; RACK_ATTACK_ALLOWED_IPS on the Chatwoot server lifts the limit',
    ),
    ...(wait === null ? {} : { retryAfterMs: wait }),
  };
}

function says(body: string, words: string): boolean {
  return body.slice(0, 2000).toLowerCase().includes(words);
}

const UNAUTHORIZED = classed('refused', 'CHATWOOT_UNAUTHORIZED', 'Chatwoot does not know this token');
const FORBIDDEN = permanent(
  'CHATWOOT_FORBIDDEN',
  "the token's user may not do this: it needs the administrator role, or access to the account or inbox",
);
const BOT_FORBIDDEN = permanent(
  'CHATWOOT_BOT_FORBIDDEN',
  'agent-bot tokens may not call this endpoint; it needs the user token in CHATWOOT_API_TOKEN',
);
const ACCOUNT_SUSPENDED = classed(
  'refused',
  'CHATWOOT_ACCOUNT_SUSPENDED',
  'the Chatwoot account is suspended',
);
const PLAN_GATE = classed(
  'refused',
  'CHATWOOT_PLAN_GATE',
  "the Chatwoot Cloud plan of this account has no API access; it also stops the account's webhooks",
);
const NOT_FOUND = permanent('CHATWOOT_NOT_FOUND', 'there is no such thing in this account (any more)');
const INVALID = permanent('CHATWOOT_INVALID', 'Chatwoot refused the values that were sent');
const REFUSED = permanent('CHATWOOT_REFUSED', 'Chatwoot, or a proxy before it, refused the request');
const REDIRECTED = classed(
  'refused',
  'CHATWOOT_REDIRECTED',
  'the address answers with a redirect; set CHATWOOT_BASE_URL to the final one (https instead of http, right host)',
);
const TOO_MANY_MESSAGES = classed(
  'rate-limited',
  'CHATWOOT_TOO_MANY_MESSAGES',
  'the conversation has its fill of messages for this minute (CONVERSATION_MESSAGE_PER_MINUTE_LIMIT)',
  'item',
);

function permanent(code: ChatwootFailureCode, advice: string): Classification {
  return classed('permanent', code, advice);
}

function classed(
  failure: FailureKind,
  code: ChatwootFailureCode,
  advice: string,
  scope: FailureScope = usualScope(failure),
): Classification {
  return { failure, scope, code, advice };
}
