import type { RedisNodeHealth } from '@switchyard/jobs';
import { expect, test } from 'vitest';
import { troublesOf } from './troubles.ts';
import type { QueueView } from './yard-watch.ts';

const QUEUE: QueueView = {
  waiting: 0,
  active: 0,
  delayed: 0,
  dead: 0,
  done: 5,
  doneLastMinute: 1,
  lanes: 0,
  oldestWaitingMs: null,
  oldestDeadMs: null,
  breaker: null,
  paused: false,
  workers: 1,
};
const NODE: RedisNodeHealth = {
  node: 'redis:6379',
  up: true,
  version: '7.4.1',
  pingMs: 1,
  memoryUsedBytes: 100,
  memoryMaxBytes: 0,
  aofEnabled: true,
  aofLastWriteOk: true,
  evictedKeys: 0,
  connectedClients: 3,
};

function said(queue: Partial<QueueView>, node: Partial<RedisNodeHealth> = {}): string[] {
  const view = {
    at: 0,
    queues: { routing: { ...QUEUE, ...queue } },
    redis: [{ ...NODE, ...node }],
    otherShards: null,
    bot: null,
  };
  return troublesOf(view).map(({ level, about, words }) => `${level}: ${about} ${words}`);
}

test('nothing, when all is well', () => {
  expect(said({})).toEqual([]);
  expect(said({ workers: 0 })).toEqual([]);
  expect(said({ workers: null, waiting: 3, oldestWaitingMs: 900 })).toEqual([]);
});

test.each<[Partial<QueueView>, string[]]>([
  [{ waiting: 1, workers: 0 }, ['bad: routing 1 job waits and no worker is connected']],
  [{ breaker: 'TIMEOUT' }, ['warn: routing holds: its target is away (TIMEOUT)']],
  [{ paused: true }, ['warn: routing is paused']],
  [{ oldestWaitingMs: 61_000 }, ['warn: routing its oldest job has waited 1 min 1 s']],
  [{ oldestWaitingMs: 3_600_000 }, ['bad: routing its oldest job has waited 1 h']],
  [{ dead: 2 }, ['warn: routing 2 jobs are dead']],
  [
    { dead: 1, waiting: 2, workers: 0 },
    ['bad: routing 2 jobs wait and no worker is connected', 'warn: routing 1 job is dead'],
  ],
])('%j', (queue, words) => {
  expect(said(queue)).toEqual(words);
});

test.each<[Partial<RedisNodeHealth>, string[]]>([
  [{ up: false }, ['bad: Redis redis:6379 does not answer']],
  [{ aofEnabled: false }, ['warn: Redis redis:6379 keeps no append-only file: a restart loses jobs']],
  [{ aofLastWriteOk: false }, ['bad: Redis redis:6379 could not write its append-only file']],
  [{ evictedKeys: 3 }, ['bad: Redis redis:6379 threw away 3 keys for want of memory']],
  [{ memoryUsedBytes: 90, memoryMaxBytes: 100 }, ['warn: Redis redis:6379 has used 90 % of its memory']],
])('%j', (node, words) => {
  expect(said({}, node)).toEqual(words);
});

test('Redis is away', () => {
  expect(
    troublesOf({ at: 0, queues: null, redis: [{ ...NODE, up: false }], otherShards: null, bot: null }),
  ).toMatchObject([{ level: 'bad', about: 'Redis' }]);
});

test('the queues are spread over another number of shards than it was told', () => {
  const [trouble] = troublesOf({ at: 0, queues: {}, redis: [NODE], otherShards: 4, bot: null });
  expect(trouble).toMatchObject({ level: 'bad', words: expect.stringContaining('spread over 4 shards') });
});
