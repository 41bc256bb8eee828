import { emptyRedis } from '@switchyard/testkit';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { createEnqueuer } from './enqueue.ts';
import { createQueueMonitor } from './monitor.ts';
import { connectRedis, type RedisConnection } from './redis.ts';
import { shardOf } from './shard.ts';
import { agreeOnShards } from './shard-agreement.ts';
import { deliveryOf, eventOf } from './testing-events.ts';
import { createTraffic, quietRuntime, startWorker, type Traffic } from './testing-survival.ts';

let url: string;
let redis: RedisConnection;
let traffic: Traffic;
const enqueuers = (shards: number) => createEnqueuer(redis, { dedupeMs: 60_000, shards });
/** Conversations of four different shards. */
const ofEachShard = [0, 1, 2, 3].map((shard) => {
  for (let id = 1; ; id += 1) if (shardOf(eventOf(id), 4) === shard) return id;
});

beforeEach(async () => {
  url = await emptyRedis(inject('redisUrl'));
  redis = connectRedis({ url, log: quietRuntime().log, temper: 'patient' });
  traffic = createTraffic(url, { shards: 4 });
});
afterEach(async () => {
  await traffic.close();
  await redis.close();
});

describe('four shards in one Redis', () => {
  test('a batch goes to all of them, and its answers come in its order', async () => {
    await agreeOnShards(redis, 4);
    const deliveries = ofEachShard.map((id) => deliveryOf(eventOf(id)));
    const [first, second] = deliveries;
    if (first === undefined || second === undefined) throw new Error('no deliveries');
    expect(await enqueuers(4).enqueue([second, ...deliveries, first])).toEqual([
      'accepted',
      'accepted',
      'duplicate-delivery',
      'accepted',
      'accepted',
      'duplicate-delivery',
    ]);
    for (const [shard, delivery] of deliveries.entries())
      expect(await redis.client.lrange(`{switchyard:${shard}}:routing:wait`, 0, -1)).toEqual([
        delivery.event.delivery.id,
      ]);
    const monitor = createQueueMonitor({ redisUrl: url, shards: 4 });
    await vi.waitFor(
      async () => expect(await monitor.counts()).toMatchObject({ routing: { waiting: 4 } }),
      20_000,
    );
    await monitor.close();
  });

  test('one that fails fails the batch; offered again, nothing is lost or doubled', async () => {
    await agreeOnShards(redis, 4);
    const deliveries = ofEachShard.map((id) => deliveryOf(eventOf(id)));
    await redis.client.set('{switchyard:2}:lanes:routing', 'not ours');
    await expect(enqueuers(4).enqueue(deliveries)).rejects.toMatchObject({ code: 'QUEUE_BROKEN' });
    await redis.client.del('{switchyard:2}:lanes:routing');
    expect(await enqueuers(4).enqueue(deliveries)).toEqual([
      'duplicate-delivery',
      'duplicate-delivery',
      'accepted',
      'duplicate-delivery',
    ]);
  });

  test('workers keep each conversation in order, and consume all', async () => {
    const workers = await Promise.all(
      [1, 2].map(() => startWorker(traffic.work, { redisUrl: url, shards: 4 })),
    );
    await traffic.untilDone(await traffic.send(200), 60_000);
    await vi.waitFor(async () => expect(await traffic.unsettled()).toBe(0), 20_000);
    expect(traffic.disorder()).toEqual([]);
    await Promise.all(workers.map((worker) => worker.close()));
  });
});

describe('the number of shards', () => {
  test('is one where nobody said another, and then costs no key', async () => {
    await agreeOnShards(redis, 1);
    expect(await enqueuers(1).enqueue([deliveryOf(eventOf(1))])).toEqual(['accepted']);
    expect(await redis.client.keys('*:shards')).toEqual([]);
  });

  test('is refused by a process and by an enqueue while jobs are unsettled under another', async () => {
    await agreeOnShards(redis, 4);
    await enqueuers(4).enqueue(ofEachShard.map((id) => deliveryOf(eventOf(id))));
    for (const other of [1, 2, 8]) {
      const refused = {
        code: 'SHARDS_DIFFER',
        lines: [expect.stringMatching(/^SHARDS: \d, but .* over 4; /)],
      };
      await expect(agreeOnShards(redis, other)).rejects.toMatchObject(refused);
      await expect(enqueuers(other).enqueue([deliveryOf(eventOf(1))])).rejects.toMatchObject(refused);
      await expect(startWorker(traffic.work, { redisUrl: url, shards: other })).rejects.toMatchObject(
        refused,
      );
    }
    // Being refused has changed nothing.
    await agreeOnShards(redis, 4);
    const more = ofEachShard.map((id) => deliveryOf(eventOf(id)));
    expect(await enqueuers(4).enqueue(more)).toEqual(more.map(() => 'accepted'));
  });

  test('of an installation that had one, can grow only when its jobs are done', async () => {
    await enqueuers(1).enqueue([deliveryOf(eventOf(1))]);
    await expect(agreeOnShards(redis, 4)).rejects.toThrow(
      'SHARDS: 4, but the queues in Redis are spread over 1; 1',
    );
    const worker = await startWorker(traffic.work, { redisUrl: url });
    await vi.waitFor(
      async () => expect(await redis.client.exists('{switchyard:0}:unsettled:routing')).toBe(0),
      20_000,
    );
    await worker.close();
    await agreeOnShards(redis, 4);
    await expect(enqueuers(1).enqueue([deliveryOf(eventOf(1))])).rejects.toThrow('SHARDS: 1');
    expect(await enqueuers(4).enqueue([deliveryOf(eventOf(1))])).toEqual(['accepted']);
  });

  test('can shrink when no jobs, unsettled or dead, are in the shards that go, also those of a queue we do not know', async () => {
    await agreeOnShards(redis, 4);
    await redis.client.zadd('{switchyard:3}:own-queue:failed', 1, 'dead');
    await expect(agreeOnShards(redis, 2)).rejects.toThrow('1 dead jobs are in shards that would go');
    await redis.client.del('{switchyard:3}:own-queue:failed');
    await redis.client.zadd('{switchyard:1}:unsettled:own-queue', 1, 'job');
    await expect(agreeOnShards(redis, 2)).rejects.toThrow('1 jobs are not done');
    await redis.client.del('{switchyard:1}:unsettled:own-queue');
    await agreeOnShards(redis, 2);
    expect(await enqueuers(2).enqueue([deliveryOf(eventOf(1))])).toEqual(['accepted']);
  });

  test('is known in full to whoever starts after a process that died while it changed it', async () => {
    await agreeOnShards(redis, 4);
    await redis.client.set('{switchyard:3}:shards', 2);
    await redis.client.zadd('{switchyard:2}:unsettled:routing', 1, 'job');
    await expect(agreeOnShards(redis, 2)).rejects.toMatchObject({ code: 'SHARDS_DIFFER' });
    await agreeOnShards(redis, 4);
    expect(await redis.client.get('{switchyard:3}:shards')).toBe('4');
  });
});
