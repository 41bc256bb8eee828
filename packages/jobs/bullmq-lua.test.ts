import { createLogger } from '@switchyard/telemetry';
import { emptyRedis } from '@switchyard/testkit';
import { Job, Queue } from 'bullmq';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createEnqueuer } from './enqueue.ts';
import { shardPrefix } from './keys.ts';
import { connectRedis, type RedisConnection } from './redis.ts';
import { deliveryOf, eventOf } from './testing-events.ts';

let redis: RedisConnection;

beforeAll(async () => {
  const url = await emptyRedis(inject('redisUrl'));
  redis = connectRedis({ url, log: createLogger({ app: 'test', level: 'silent' }), temper: 'patient' });
});
afterAll(() => redis.close());

test('a job enqueued by our script is, key by key, what Queue.add of the same BullMQ writes', async () => {
  const event = eventOf(1);
  await createEnqueuer(redis, { dedupeMs: 60_000 }).enqueue([deliveryOf(event, 'routing')]);

  const theirs = new Queue('theirs', { connection: redis.client, prefix: shardPrefix(0) });
  await theirs.add(
    event.name,
    { lane: 'v3-1', event },
    {
      jobId: event.delivery.id,
      timestamp: event.delivery.receivedAt,
      attempts: 1_000_000,
      backoff: { type: 'custom' },
    },
  );

  const dump = async (queue: string) => {
    const base = `${shardPrefix(0)}:${queue}:`;
    const { opts, ...job } = await redis.client.hgetall(base + event.delivery.id);
    const { jobId: _id, timestamp: _at, ...options } = JSON.parse(opts ?? '{}');
    const events = await redis.client.xrange(`${base}events`, '-', '+');
    const keys = (await redis.client.keys(`${base}*`)).map((key) => key.slice(base.length)).toSorted();
    return {
      keys,
      job,
      options,
      wait: await redis.client.lrange(`${base}wait`, '0', '-1'),
      marker: await redis.client.zrange(`${base}marker`, '0', '-1', 'WITHSCORES'),
      id: await redis.client.get(`${base}id`),
      events: events.map(([, fields]) => fields),
    };
  };
  const ours = await dump('routing');
  const { version: _version, ...theirMeta } = await redis.client.hgetall(`${shardPrefix(0)}:theirs:meta`);
  expect(await redis.client.hgetall(`${shardPrefix(0)}:routing:meta`)).toEqual(theirMeta);
  expect(ours).toEqual(await dump('theirs'));

  const queue = new Queue('routing', { connection: redis.client, prefix: shardPrefix(0) });
  const read = await Job.fromId(queue, event.delivery.id);
  expect(read?.data).toEqual({ lane: 'v3-1', event });
  expect(read?.opts.attempts).toBe(1_000_000);
  expect(await read?.getState()).toBe('waiting');
  await Promise.all([queue.close(), theirs.close()]);
});
