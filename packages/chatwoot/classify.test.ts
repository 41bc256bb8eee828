import { expect, test } from 'vitest';
import { classifyResponse } from './classify.ts';

const now = Date.UTC(2026, 5, 18, 8, 15, 0);
const error = (text: string) => JSON.stringify({ error: text });

test.each<[number, string, string, string]>([
  [301, '', 'permanent', 'CHATWOOT_REDIRECTED'],
  [308, '', 'permanent', 'CHATWOOT_REDIRECTED'],
  [400, '', 'permanent', 'CHATWOOT_REFUSED'],
  [
    401,
    '{"errors":["You need to sign in or sign up before continuing."]}',
    'permanent',
    'CHATWOOT_UNAUTHORIZED',
  ],
  [401, error('Invalid Access Token'), 'permanent', 'CHATWOOT_UNAUTHORIZED'],
  [401, '', 'permanent', 'CHATWOOT_UNAUTHORIZED'],
  [401, error('You are not authorized to do this action'), 'permanent', 'CHATWOOT_FORBIDDEN'],
  [401, error('You are not authorized to access this account'), 'permanent', 'CHATWOOT_FORBIDDEN'],
  [401, error('Bot is not authorized to access this account'), 'permanent', 'CHATWOOT_FORBIDDEN'],
  [401, error('Account is suspended'), 'permanent', 'CHATWOOT_ACCOUNT_SUSPENDED'],
  [401, error('Access to this endpoint is not authorized for bots'), 'permanent', 'CHATWOOT_BOT_FORBIDDEN'],
  [403, error('API access is not enabled for this account'), 'permanent', 'CHATWOOT_PLAN_GATE'],
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
