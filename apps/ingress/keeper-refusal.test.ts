import { expect, test } from 'vitest';
import { refusalOf } from './keeper-refusal.ts';

class ReplyError extends Error {
  override readonly name = 'ReplyError';
}

test.each([
  new ReplyError("READONLY You can't write against a read only replica. script: f, on @user_script:17."),
  new ReplyError("OOM command not allowed when used memory > 'maxmemory'. script: f, on @user_script:17."),
  new ReplyError(
    'ERR Error running script (call to f_1): @user_script:17: @user_script: 17: -READONLY You can’t',
  ),
  new ReplyError('LOADING Redis is loading the dataset in memory'),
  new ReplyError("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."),
  new ReplyError('CLUSTERDOWN The cluster is down'),
  new ReplyError('NOREPLICAS Not enough good replicas to write.'),
  new ReplyError('MISCONF Redis is configured to save RDB snapshots, but it cannot persist on disk.'),
  new ReplyError('BUSY Redis is busy running a script.'),
  new ReplyError('NOAUTH Authentication required.'),
  new ReplyError("NOPERM this user has no permissions to run the 'evalsha' command"),
  new ReplyError('ERR max number of clients reached'),
  new ReplyError("ERR unknown command 'evalsha'"),
  new Error('Connection is closed.'),
  new Error("Stream isn't writeable and enableOfflineQueue options is false"),
  'anything',
])('%s is Redis being away', (error) => expect(refusalOf(error)).toBe('away'));

test.each([
  new ReplyError('WRONGTYPE Operation against a key holding the wrong kind of value script: f'),
  new ReplyError('ERR user_script:9: too many results to unpack script: f'),
  Object.assign(new Error('delivery x can not be entered'), { code: 'DELIVERY_REFUSED' }),
])('%s is about what it was given', (error) => expect(refusalOf(error)).toBe('poison'));

test('a queue whose keys are not ours is neither', () => {
  const error = Object.assign(new Error('the key x'), { code: 'QUEUE_BROKEN' });
  expect(refusalOf(error)).toBe('broken');
});
