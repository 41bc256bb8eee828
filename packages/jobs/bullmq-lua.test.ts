import { createLogger } from '@switchyard/telemetry';
import { emptyRedis } from '@switchyard/testkit';
import { Job, Queue } from 'bullmq';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createEnqueuer } from './enqueue.ts';
import { LATER_OPTIONS, LIVE_OPTIONS } from './job-options.ts';
import { shardPrefix } from './keys.ts';
import { LANES } from './lanes-lua.ts';
import { connectRedis, type RedisConnection } from './redis.ts';
import { deliveryOf, eventOf } from './testing-events.ts';

let redis: RedisConnection;

beforeAll(async () => {
  const url = await emptyRedis(inject('redisUrl'));
  redis = connectRedis({ url, log: createLogger({ app: 'test', level: 'silent' }), temper: 'patient' });
});
afterAll(() => redis.close());

/** All that BullMQ has of a queue with this one job; of what two additions can't share, the value is left out. */
async function dump(queue: string, jobId: string) {
  const base = `${shardPrefix(0)}:${queue}:`;
  const { opts, timestamp: _timestamp, ...job } = await redis.client.hgetall(base + jobId);
  const { jobId: _id, timestamp: _at, ...options } = JSON.parse(opts ?? '{}');
  const { version: _version, ...meta } = await redis.client.hgetall(`${base}meta`);
  const events = await redis.client.xrange(`${base}events`, '-', '+');
  const keys = (await redis.client.keys(`${base}*`)).map((key) => key.slice(base.length)).toSorted();
  return {
    keys,
    job,
    options,
    meta,
    wait: await redis.client.lrange(`${base}wait`, '0', '-1'),
    prioritized: await redis.client.zrange(`${base}prioritized`, '0', '-1', 'WITHSCORES'),
    priorities: await redis.client.get(`${base}pc`),
    marker: await redis.client.zrange(`${base}marker`, '0', '-1', 'WITHSCORES'),
    id: await redis.client.get(`${base}id`),
    events: events.map(([, fields]) => fields),
  };
}

test('a job enqueued by our script is, key by key, what Queue.add of the same BullMQ writes', async () => {
  const event = eventOf(1);
  await createEnqueuer(redis, { dedupeMs: 60_000 }).enqueue([deliveryOf(event, 'routing')]);

  const theirs = new Queue('theirs', { connection: redis.client, prefix: shardPrefix(0) });
  await theirs.add(
    event.name,
    { lane: 'v3-1', origin: 1, event },
    {
      jobId: event.delivery.id,
      timestamp: event.delivery.receivedAt,
      attempts: 1_000_000,
      backoff: { type: 'custom' },
    },
  );

  expect(await dump('routing', event.delivery.id)).toEqual(await dump('theirs', event.delivery.id));
  expect(await redis.client.hget(`${shardPrefix(0)}:routing:${event.delivery.id}`, 'timestamp')).toBe(
    String(event.delivery.receivedAt),
  );

  const queue = new Queue('routing', { connection: redis.client, prefix: shardPrefix(0) });
  const read = await Job.fromId(queue, event.delivery.id);
  expect(read?.data).toEqual({ lane: 'v3-1', origin: 1, event });
  expect(read?.opts.attempts).toBe(1_000_000);
  expect(await read?.getState()).toBe('waiting');
  await Promise.all([queue.close(), theirs.close()]);
});

test.each([
  ['a job that goes behind live ones', false],
  ['and one that a live job of its lane waits for', true],
])('%s is what Queue.add with a priority writes', async (_title, hastened) => {
  const event = eventOf(2);
  const { id: jobId, receivedAt } = event.delivery;
  const data = { lane: 'v3-2', event };
  const [ourName, theirName] = hastened ? ['ours-2', 'theirs-2'] : ['ours-1', 'theirs-1'];
  const enter = redis.script(
    'testEnterLane',
    `${LANES} enterLane(KEYS[1], ARGV[1], 'v3-2', { ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7] })`,
  );
  const job = [event.name, String(receivedAt), JSON.stringify(data)];
  await enter(shardPrefix(0), [ourName, jobId, ...job, LATER_OPTIONS, 'later']);
  if (hastened) await enter(shardPrefix(0), [ourName, 'live', ...job, LIVE_OPTIONS, '']);

  const theirs = new Queue(theirName, { connection: redis.client, prefix: shardPrefix(0) });
  const options = { attempts: 1_000_000, backoff: { type: 'custom' }, priority: 10 };
  const added = await theirs.add(event.name, data, { jobId, timestamp: receivedAt, ...options });
  if (hastened) await added.changePriority({ priority: 0 });
  expect(await dump(ourName, jobId)).toEqual(await dump(theirName, jobId));

  const ours = new Queue(ourName, { connection: redis.client, prefix: shardPrefix(0) });
  const read = await Job.fromId(ours, jobId);
  expect(await read?.getState()).toBe(hastened ? 'waiting' : 'prioritized');
  await Promise.all([ours.close(), theirs.close()]);
});
