import { createLogger } from '@switchyard/telemetry';
import { emptyRedis } from '@switchyard/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { openYard, P, type Yard } from './dead-testing.ts';
import { forgetSeen } from './dedupe/testing-seen.ts';
import { formerJobIdOf, jobIdOf } from './job-id.ts';
import { connectRedis, type RedisConnection } from './redis.ts';
import { createStories } from './stories.ts';
import { eventOf } from './testing-events.ts';

/** What lies beside the jobs of a queue: BullMQ's own keys (its `QueueKeys`), and what a script of it names. */
const KEYS_OF_BULLMQ = [
  ...['wait', 'paused', 'active', 'delayed', 'prioritized', 'waiting-children', 'completed', 'failed'],
  ...[
    'id',
    'stalled',
    'stalled-check',
    'limiter',
    'repeat',
    'meta',
    'events',
    'pc',
    'marker',
    'de',
    'metrics',
  ],
];

let yard: Yard;
let redis: RedisConnection;

beforeAll(async () => {
  const url = await emptyRedis(inject('redisUrl'));
  yard = openYard(url);
  redis = connectRedis({ url, log: createLogger({ app: 'test', level: 'silent' }), temper: 'patient' });
});
beforeEach(() => redis.client.flushdb());
afterAll(async () => {
  await yard.close();
  await redis.close();
});

describe('an id from outside is no key of ours', () => {
  test.each(KEYS_OF_BULLMQ)('a delivery with the id %s harms no queue, and is worked on', async (id) => {
    const named = (delivery: string, conversation: number) =>
      eventOf(conversation, {
        delivery: { id: delivery, source: 'default', kind: 'account', receivedAt: Date.now() },
      });
    await yard.enqueue(named(id, 1));
    const others = Array.from({ length: 5 }, (_, index) => eventOf(index));
    await yard.enqueue(...others);
    const done: string[] = [];
    await yard.work(async (event) => void done.push(event.delivery.id));
    await yard.rest(0);
    await yard.stopWorkers();
    expect(done.toSorted()).toEqual([id, ...others.map((event) => event.delivery.id)].toSorted());
    const [job] = (await createStories({ redis }).ofDelivery(id)) ?? [];
    expect(job).toMatchObject({ delivery: id, state: 'done' });
  });

  test('the job id is the delivery id where that is a UUID or our own digest of a body', () => {
    const own = ['0b2f6c1e-6b0e-4d0b-9a53-3b1c6f2a9e10', `body-${'0a'.repeat(16)}`];
    expect(own.map(jobIdOf)).toEqual(own);
  });

  test('is a digest otherwise, whatever it is: whole numbers, colons, anything odd', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.nat().map(String), fc.string(), fc.constantFrom('a:b', ...KEYS_OF_BULLMQ)),
        (id) => {
          expect(jobIdOf(id)).toMatch(/^d-[0-9a-f]{32}$/);
          expect(jobIdOf(id)).toBe(jobIdOf(id));
        },
      ),
    );
  });
});

test('a job that a version before left under its delivery id is found and done', async () => {
  const event = eventOf(7, {
    delivery: { id: 'order-1', source: 'default', kind: 'account', receivedAt: Date.now() },
  });
  await yard.enqueue(event);
  const [from, to] = [jobIdOf('order-1'), 'order-1'];
  await redis.client.rename(`${P}:routing:${from}`, `${P}:routing:${to}`);
  await redis.client.lset(`${P}:routing:wait`, 0, to);
  await redis.client.hset(`${P}:lanes:routing`, 'v3-7', to);
  await redis.client.zrem(`${P}:unsettled:routing`, from);
  await redis.client.zadd(`${P}:unsettled:routing`, 1, to);
  await forgetSeen(redis, P);
  expect(await createStories({ redis }).ofDelivery('order-1')).toMatchObject([
    { jobId: to, state: 'waiting' },
  ]);
  await yard.work(async () => {});
  await yard.rest(0);
  await yard.stopWorkers();
});

test('a former job id is never a key of BullMQ', () => {
  expect(KEYS_OF_BULLMQ.map(formerJobIdOf).filter((id) => id !== null)).toEqual([]);
  expect(formerJobIdOf('12')).toBeNull();
});
