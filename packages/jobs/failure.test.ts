import { CallFailure } from '@switchyard/chatwoot';
import { expect, test } from 'vitest';
import { readFailure } from './failure.ts';

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

// Not `transient`: a step whose result could not be written down may have been carried out.
test.each([
  ['Error', 'Connection is closed.'],
  ['Error', 'Too many Cluster redirections. Last error: Error: Connection is closed.'],
  ['Error', "Cluster isn't ready and enableOfflineQueue options is false"],
  ['MaxRetriesPerRequestError', 'Reached the max retries per request limit'],
  ['ClusterAllFailedError', 'Failed to refresh slots cache.'],
  ['ReplyError', "READONLY You can't write against a read only replica."],
  ['ReplyError', 'CLUSTERDOWN The cluster is down'],
  ['ReplyError', "OOM command not allowed when used memory > 'maxmemory'."],
])('of a Redis that is away (%s: %s), the outcome is unknown', (name, message) => {
  expect(readFailure(named(name, message))).toMatchObject({
    failure: 'unknown-outcome',
    code: 'REDIS_AWAY',
    target: 'redis',
  });
});

test.each([
  [named('ReplyError', 'WRONGTYPE Operation against a key holding the wrong kind of value'), 'unexpected'],
  [new TypeError('a fault of ours'), 'unexpected'],
  ['no error at all', 'unexpected'],
  [new CallFailure('transient', 'Connection is closed by them', { code: 'X', target: 'crm' }), 'transient'],
])('%s is as it says', (error, failure) => expect(readFailure(error).failure).toBe(failure));

test.each([
  [{ failure: 'refused' }, 'target'],
  [{ failure: 'outage' }, 'target'],
  [{ failure: 'unknown-outcome' }, 'target'],
  [{ failure: 'unknown-outcome', scope: 'item' }, 'item'],
  [{ failure: 'unknown-outcome', scope: 'everything' }, 'target'],
  [{ failure: 'rate-limited', scope: 'item' }, 'item'],
  [{ failure: 'transient' }, 'item'],
  [{}, 'item'],
])('an error that says %j is about the %s', (said, scope) => {
  expect(readFailure(Object.assign(new Error('x'), said)).scope).toBe(scope);
});
