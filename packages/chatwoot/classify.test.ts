import { expect, test } from 'vitest';
import { classifyResponse } from './classify.ts';

const now = Date.UTC(2026, 5, 18, 8, 15, 0);
const error = (text: string) => JSON.stringify({ error: text });
const signIn = { errors: ['You need to sign in or sign up before continuing.'] };
const forBots = { error: 'Access to this endpoint is not authorized for bots' };
const notYou = { error: 'You are not authorized to do this action' };
const failedInside = { status: 500, error: 'Internal Server Error' };
const itemsKeys = 'Validation failed: Content attributes contains invalid keys for items : [:extra]';
const invalid = (message: string, attribute: string) => ({ message, attributes: [attribute] });
const INVALID = ['permanent', 'item', 'CHATWOOT_INVALID'] as const;

test.each<[number, string, string, string]>([
  [301, '', 'refused', 'CHATWOOT_REDIRECTED'],
  [308, '', 'refused', 'CHATWOOT_REDIRECTED'],
  [400, '', 'permanent', 'CHATWOOT_REFUSED'],
  [
    401,
    '{"errors":["You need to sign in or sign up before continuing."]}',
    'refused',
    'CHATWOOT_UNAUTHORIZED',
  ],
  [401, error('Invalid Access Token'), 'refused', 'CHATWOOT_UNAUTHORIZED'],
  [401, '', 'refused', 'CHATWOOT_UNAUTHORIZED'],
  [401, error('You are not authorized to do this action'), 'permanent', 'CHATWOOT_FORBIDDEN'],
  [401, error('You are not authorized to access this account'), 'permanent', 'CHATWOOT_FORBIDDEN'],
  [401, error('Bot is not authorized to access this account'), 'permanent', 'CHATWOOT_FORBIDDEN'],
  [401, error('Account is suspended'), 'refused', 'CHATWOOT_ACCOUNT_SUSPENDED'],
  [401, error('Access to this endpoint is not authorized for bots'), 'permanent', 'CHATWOOT_BOT_FORBIDDEN'],
  [403, error('API access is not enabled for this account'), 'refused', 'CHATWOOT_PLAN_GATE'],
  [403, '<html>blocked</html>', 'permanent', 'CHATWOOT_FORBIDDEN'],
  [404, error('Resource could not be found'), 'permanent', 'CHATWOOT_NOT_FOUND'],
  [405, '', 'permanent', 'CHATWOOT_REFUSED'],
  [413, '', 'permanent', 'CHATWOOT_REFUSED'],
  [422, '{"message":"Email has already been taken","attributes":["email"]}', 'permanent', 'CHATWOOT_INVALID'],
  [422, error('Too many messages'), 'rate-limited', 'CHATWOOT_TOO_MANY_MESSAGES'],
  [429, 'Retry later', 'rate-limited', 'CHATWOOT_RATE_LIMITED'],
])('%i %s is %s, %s, for reads and writes', (status, body, failure, code) => {
  for (const method of ['GET', 'POST'] as const) {
    expect(classifyResponse({ status, body, headers: {}, method, now })).toMatchObject({ failure, code });
  }
});

test.each<[number, string, string]>([
  [408, 'transient', 'unknown-outcome'],
  [500, 'transient', 'unknown-outcome'],
  [501, 'transient', 'unknown-outcome'],
  [502, 'outage', 'unknown-outcome'],
  [503, 'outage', 'outage'],
  [504, 'outage', 'unknown-outcome'],
  [520, 'outage', 'unknown-outcome'],
  [521, 'outage', 'outage'],
  [522, 'outage', 'outage'],
  [524, 'outage', 'unknown-outcome'],
])('%i is %s on a read and %s on a write', (status, onRead, onWrite) => {
  const classified = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE') =>
    classifyResponse({ status, body: '<html>', headers: {}, method, now })?.failure;
  expect(classified('GET')).toBe(onRead);
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) expect(classified(method)).toBe(onWrite);
});

/** Every refusal that running Chatwoots 4.10.1, 4.13.0 and 4.16.2 were seen to give (contract [R] 2, 8, 9). */
test.each<['GET' | 'POST' | 'PUT', number, object | string, string, string, string]>([
  ['GET', 401, signIn, 'refused', 'target', 'CHATWOOT_UNAUTHORIZED'],
  ['GET', 401, forBots, 'permanent', 'item', 'CHATWOOT_BOT_FORBIDDEN'],
  ['POST', 401, forBots, 'permanent', 'item', 'CHATWOOT_BOT_FORBIDDEN'],
  ['GET', 401, notYou, 'permanent', 'item', 'CHATWOOT_FORBIDDEN'],
  ['POST', 401, notYou, 'permanent', 'item', 'CHATWOOT_FORBIDDEN'],
  ['GET', 404, { error: 'Resource could not be found' }, 'permanent', 'item', 'CHATWOOT_NOT_FOUND'],
  ['GET', 404, '<!DOCTYPE html><title>Page not found</title>', 'permanent', 'item', 'CHATWOOT_NOT_FOUND'],
  ['PUT', 422, invalid('Phone number should be in e164 format', 'phone_number'), ...INVALID],
  ['POST', 422, invalid('Url is invalid', 'url'), ...INVALID],
  ['POST', 422, invalid('Subscriptions Invalid events', 'subscriptions'), ...INVALID],
  [
    'POST',
    422,
    { error: 'Validation failed: Content is too long (maximum is 150000 characters)' },
    ...INVALID,
  ],
  ['POST', 422, { error: itemsKeys }, ...INVALID],
  ['GET', 500, failedInside, 'transient', 'item', 'CHATWOOT_SERVER_ERROR'],
  ['POST', 500, failedInside, 'unknown-outcome', 'item', 'CHATWOOT_SERVER_ERROR'],
])('a %s that was answered %i %j is %s, about the %s: %s', (method, status, body, failure, scope, code) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  expect(classifyResponse({ status, body: text, headers: {}, method, now })).toMatchObject({
    failure,
    scope,
    code,
  });
});

test.each([
  ['GET', 401, error('Invalid Access Token'), 'target'],
  ['GET', 401, error('Account is suspended'), 'target'],
  ['GET', 403, error('API access is not enabled for this account'), 'target'],
  ['GET', 429, 'Retry later', 'target'],
  ['POST', 422, error('Too many messages'), 'item'],
  ['POST', 408, '', 'target'],
  ['POST', 502, '', 'target'],
  ['POST', 504, '', 'target'],
  ['GET', 503, '', 'target'],
] as const)('a %s that is answered %i %s is about the %s', (method, status, body, scope) => {
  expect(classifyResponse({ status, body, headers: {}, method, now })?.scope).toBe(scope);
});

test.each<[string | undefined, number | undefined]>([
  [undefined, undefined],
  ['30', 30_000],
  [' 5 ', 5_000],
  ['0', 0],
  ['999999', 3_600_000],
  ['Thu, 18 Jun 2026 08:15:20 GMT', 20_000],
  ['Thu, 18 Jun 2026 08:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
])('Retry-After %j is %j ms', (header, expected) => {
  const headers = { 'retry-after': header };
  expect(classifyResponse({ status: 429, body: '', headers, method: 'GET', now })?.retryAfterMs).toBe(
    expected,
  );
});

test.each([200, 201, 204])('%i is no failure', (status) => {
  expect(classifyResponse({ status, body: '', headers: {}, method: 'POST', now })).toBeNull();
});
