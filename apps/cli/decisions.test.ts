import { CallFailure } from '@switchyard/chatwoot';
import { ConfigError } from '@switchyard/config';
import type { QueueCounts, RedisNodeHealth } from '@switchyard/jobs';
import { describe, expect, test } from 'vitest';
import { failureOf } from './command-failure.ts';
import { placeIn } from './dead-target.ts';
import { afterStage } from './outcomes.ts';
import { stageSizes } from './redrive-stages.ts';
import { type LineStatus, needsSomebody } from './status-judgement.ts';
import { happenings } from './story-line.ts';
import { readSubject } from './trace-subject.ts';

describe('exit codes', () => {
  const call = (failure: CallFailure['failure'], code: string) =>
    new CallFailure(failure, 'words', { code, target: 'chatwoot' });
  test.each([
    [new ConfigError(['PORT: wrong']), 2],
    [call('permanent', 'CHATWOOT_UNAUTHORIZED'), 5],
    [call('permanent', 'CHATWOOT_FORBIDDEN'), 5],
    [call('permanent', 'CHATWOOT_NOT_FOUND'), 3],
    [call('permanent', 'CHATWOOT_INVALID'), 1],
    [call('outage', 'ECONNREFUSED'), 4],
    [call('rate-limited', 'CHATWOOT_RATE_LIMITED'), 4],
    [new Error('Connection is closed.'), 4],
    [new Error('LOADING Redis is loading the dataset in memory'), 4],
    [new TypeError('x is not a function'), 70],
    ['a string', 70],
  ])('%o is %d', (error, exit) => {
    expect(failureOf(error).exit).toBe(exit);
  });
});

describe('what is traced', () => {
  test.each([
    [['1187'], { kind: 'conversation', id: 1187, account: null }],
    [['#1187'], { kind: 'conversation', id: 1187, account: null }],
    [['conversation', '1187'], { kind: 'conversation', id: 1187, account: null }],
    [['contact', '48'], { kind: 'contact', id: 48, account: null }],
    [['0b6d3c1e-6f0e'], { kind: 'delivery', id: '0b6d3c1e-6f0e' }],
    [['delivery', '1187'], { kind: 'delivery', id: '1187' }],
    [['https://c.example/app/accounts/3/conversations/1187'], { kind: 'conversation', id: 1187, account: 3 }],
    [
      ['https://c.example/app/accounts/3/inbox/12/conversations/1187?messageId=9'],
      { kind: 'conversation', id: 1187, account: 3 },
    ],
    [['https://c.example/app/accounts/3/contacts/48'], { kind: 'contact', id: 48, account: 3 }],
  ])('%j', (words, subject) => {
    expect(readSubject(words)).toEqual(subject);
  });

  test.each([[['team', '4']], [['contact', 'ada']], [['a b']], [['1', '2', '3']]])(
    '%j is refused',
    (words) => {
      expect(() => readSubject(words)).toThrow(expect.objectContaining({ exit: 2 }));
    },
  );
});

test.each([
  [['routing/abc'], { queue: 'routing', jobId: 'abc' }],
  [['routing', 'abc'], { queue: 'routing', jobId: 'abc' }],
  [['abc'], { queue: null, jobId: 'abc' }],
])('%j names a job', (words, place) => {
  expect(placeIn(words, ['routing'])).toEqual(place);
});

test('a queue that is none is not found, and more than one job is too many', () => {
  expect(() => placeIn(['nope/abc'], ['routing'])).toThrow(expect.objectContaining({ exit: 3 }));
  expect(() => placeIn(['a', 'b', 'c'], ['routing'])).toThrow(expect.objectContaining({ exit: 2 }));
});

describe('a redrive', () => {
  test.each([
    [0, true, []],
    [1, true, [1]],
    [2, true, [1, 1]],
    [11, true, [1, 10]],
    [42, true, [1, 10, 31]],
    [42, false, [42]],
  ])('of %d jobs (staged: %j) goes in stages of %j', (count, staged, sizes) => {
    expect(stageSizes(count, staged)).toEqual(sizes);
  });

  const all = { done: 1, diedAgain: 0, atWork: 0, codes: [] };
  test.each([
    ['all is well, nobody asked to be asked', all, true, false, 'go-on'],
    ['all is well, somebody is there', all, false, true, 'ask'],
    ['they die again', { ...all, diedAgain: 1 }, true, false, 'stop'],
    ['they die again, somebody is there', { ...all, diedAgain: 1 }, false, true, 'ask'],
    ['they are still at work', { ...all, atWork: 1 }, true, false, 'go-on'],
  ])('%s', (_name, outcomes, yes, interactive, next) => {
    expect(afterStage(outcomes, { yes, interactive })).toBe(next);
  });
});

describe('what needs somebody', () => {
  const queue: QueueCounts = {
    waiting: 0,
    active: 0,
    delayed: 0,
    dead: 0,
    done: 9,
    doneLastMinute: 1,
    lanes: 0,
    oldestWaitingMs: null,
    oldestDeadMs: null,
    breaker: null,
    paused: false,
  };
  const node: RedisNodeHealth = {
    node: 'r:6379',
    up: true,
    version: '7.2.0',
    pingMs: 1,
    memoryUsedBytes: 10,
    memoryMaxBytes: 0,
    aofEnabled: true,
    aofLastWriteOk: true,
    evictedKeys: 0,
    connectedClients: 1,
  };
  const well: LineStatus = {
    queues: { routing: queue },
    workers: { routing: 1 },
    used: ['routing'],
    redis: [node],
    spool: { records: 0, oldestSeconds: 0, setAside: 0, ready: true },
  };
  const withQueue = (over: Partial<QueueCounts>): LineStatus => ({
    ...well,
    queues: { routing: { ...queue, ...over } },
  });
  const withNode = (over: Partial<RedisNodeHealth>): LineStatus => ({
    ...well,
    redis: [{ ...node, ...over }],
  });

  test.each<[string, LineStatus, string | null]>([
    ['all is well', well, null],
    ['work that is not old', withQueue({ waiting: 5, oldestWaitingMs: 1_000 }), null],
    ['dead jobs', withQueue({ dead: 2, oldestDeadMs: 60_000 }), '2 dead jobs, the oldest for 1 m'],
    ['a paused queue', withQueue({ paused: true, waiting: 1 }), 'paused, 1 job waits'],
    ['an open breaker', withQueue({ breaker: 'crm: no answer' }), 'held back'],
    ['old work', withQueue({ waiting: 1, oldestWaitingMs: 3_600_000 }), 'has waited for 1 h'],
    ['no worker', { ...well, workers: { routing: 0 } }, 'no worker is connected'],
    ['no worker of a queue without work', { ...well, workers: {}, used: [] }, null],
    ['a Redis that does not tell of workers', { ...well, workers: null }, null],
    ['a node that is away', withNode({ up: false }), 'does not answer'],
    ['a full Redis', withNode({ memoryUsedBytes: 90, memoryMaxBytes: 100 }), '90 % of its memory'],
    ['evicted keys', withNode({ evictedKeys: 3 }), 'has evicted 3 keys'],
    [
      'a spool that is not empty',
      { ...well, spool: { records: 2, oldestSeconds: 60, setAside: 0, ready: true } },
      '2 deliveries lie in the spool',
    ],
  ])('%s', (_name, status, words) => {
    const found = needsSomebody(status, 900_000);
    expect(found).toHaveLength(words === null ? 0 : 1);
    if (words !== null) expect(found[0]).toContain(words);
  });
});

test('steps and failed attempts are told in the order they happened', () => {
  const told = happenings({
    steps: [
      { name: 'assign', state: 'begun', result: null, at: null },
      { name: 'label', state: 'done', result: { labels: 2 }, at: 20 },
    ],
    attempts: [{ at: 10, code: 'CRM_AWAY', message: 'no', step: 'label', next: 'hold', nextAt: null }],
  });
  expect(told.map(({ text }) => text)).toEqual([
    'CRM_AWAY in label: no (the queue waited)',
    'label → {"labels":2}',
    'assign: begun; whether it took effect is asked before it is tried again',
  ]);
});
