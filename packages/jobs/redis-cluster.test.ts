import { setTimeout as sleep } from 'node:timers/promises';
import { createHealth, createMetrics } from '@switchyard/telemetry';
import { type RedisCluster, startRedisCluster } from '@switchyard/testkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createDeadJobs } from './dead-jobs.ts';
import { createQueueMonitor } from './monitor.ts';
import { watchDurability } from './redis-durability.ts';
import { shardOf } from './shard.ts';
import { agreeOnShards } from './shard-agreement.ts';
import { deliveryOf, eventOf } from './testing-events.ts';
import { createTraffic, quietRuntime, startWorker } from './testing-survival.ts';

const SHARDS = 4;
let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await startRedisCluster({ nodes: 3 });
}, 120_000);
afterAll(() => cluster.close());

test('deliveries over all nodes are enqueued atomically, consumed in order, and seen', {
  timeout: 150_000,
}, async () => {
  const traffic = createTraffic(cluster.url, { shards: SHARDS });
  await traffic.redis.readyWithin(30_000);
  await agreeOnShards(traffic.redis, SHARDS);
  // Both queues of a delivery in one step, in whichever node its shard lies.
  const deliveries = Array.from({ length: 40 }, (_, id) =>
    deliveryOf(eventOf(id), '', {
      jobs: [
        { queue: 'crm-sync', lane: `v3-${id}` },
        { queue: 'routing', lane: `v3-${id}` },
      ],
    }),
  );
  expect(await traffic.enqueuer.enqueue(deliveries)).toEqual(deliveries.map(() => 'accepted'));
  expect(await traffic.enqueuer.enqueue(deliveries)).toEqual(deliveries.map(() => 'duplicate-delivery'));
  expect(new Set(deliveries.map(({ event }) => shardOf(event, SHARDS))).size).toBe(SHARDS);
  const held = await Promise.all(traffic.redis.primaries().map((node) => node.dbsize()));
  expect(held.length).toBe(3);
  expect(Math.min(...held)).toBeGreaterThan(0);
  const monitor = createQueueMonitor({ redisUrl: cluster.url, shards: SHARDS });
  await vi.waitFor(
    async () =>
      expect(await monitor.counts()).toMatchObject({ 'crm-sync': { waiting: 40 }, routing: { waiting: 40 } }),
    20_000,
  );
  await monitor.close();

  const workers = await Promise.all(
    [1, 2].map(() => startWorker(traffic.work, { redisUrl: cluster.url, shards: SHARDS })),
  );
  await traffic.untilDone(await traffic.send(300), 60_000);
  await vi.waitFor(async () => expect(await traffic.unsettled()).toBe(0), 20_000);
  expect(traffic.disorder()).toEqual([]);
  await Promise.all(workers.map((worker) => worker.close()));
  await expect(agreeOnShards(traffic.redis, 2)).rejects.toThrow('jobs are not done');
  const dead = createDeadJobs({ redis: traffic.redis, shards: SHARDS });
  expect(await dead.list({ limit: 10 })).toEqual({ jobs: [], next: null });
  expect(await dead.summary()).toMatchObject({ routing: {} });
  await traffic.close();
});

test('a node that is killed and started again: work goes on, and nothing is lost', {
  timeout: 300_000,
}, async () => {
  // As the ingress is: it fails at once and offers again.
  const traffic = createTraffic(cluster.url, { shards: SHARDS, prompt: true });
  await traffic.redis.readyWithin(30_000);
  await agreeOnShards(traffic.redis, SHARDS);
  const worker = await startWorker(traffic.work, { redisUrl: cluster.url, shards: SHARDS });
  await traffic.untilDone(await traffic.send(48), 60_000);
  for (const node of [cluster.nodes[0], cluster.nodes[1]]) {
    const trouble = async () => {
      await node?.kill('SIGKILL');
      await sleep(4_000);
      await node?.restart();
      await cluster.whole();
    };
    await traffic.during(trouble());
    // Up to 15 s until a worker whose blocking connection is lost is replaced.
    await traffic.untilDone(await traffic.send(48), 60_000);
  }
  await traffic.untilDone(traffic.accepted, 75_000);
  await vi.waitFor(async () => expect(await traffic.unsettled()).toBe(0), { timeout: 30_000 });
  expect(traffic.disorder()).toEqual([]);
  await worker.close();
  await traffic.close();
});

test('a cluster keeps deliveries as well as the worst of its nodes', async () => {
  const { log } = quietRuntime();
  const health = createHealth();
  const traffic = createTraffic(cluster.url, { shards: SHARDS });
  await traffic.redis.readyWithin(30_000);
  await traffic.redis.primaries()[1]?.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const shown = health.dependency('redis');
  const metrics = createMetrics({ app: 'test', version: '0' });
  const watch = watchDurability({ redis: traffic.redis, health: shown, metrics, log, everyMs: 50 });
  const said = () => Object.keys(health.readiness().detail).filter((key) => key.startsWith('warning'));
  await vi.waitFor(() => expect(said()).toEqual(['warning: redis.maxmemory-policy']), 20_000);
  await traffic.redis.primaries()[1]?.config('SET', 'maxmemory-policy', 'noeviction');
  await vi.waitFor(() => expect(said()).toEqual([]), 20_000);
  watch.close();
  await traffic.close();
});

test('a node that was started anew has its append-only file rewritten (aof-mend.ts)', {
  timeout: 150_000,
}, async () => {
  const { log } = quietRuntime();
  const shown = createHealth().dependency('redis');
  const metrics = createMetrics({ app: 'test', version: '0' });
  const traffic = createTraffic(cluster.url, { shards: SHARDS, prompt: true });
  await traffic.redis.readyWithin(30_000);
  await agreeOnShards(traffic.redis, SHARDS);
  // Not every minute: the node's return is what it looks at.
  const watch = watchDurability({ redis: traffic.redis, health: shown, metrics, log, everyMs: 600_000 });
  const [node] = cluster.nodes;
  await node?.kill('SIGKILL');
  await node?.restart();
  await cluster.whole();
  const client = new Redis({ host: '127.0.0.1', port: node?.port ?? 0 });
  await traffic.during(
    vi.waitFor(
      async () => expect(await client.info('persistence')).toMatch(/^aof_last_rewrite_time_sec:\d/m),
      60_000,
    ),
  );
  watch.close();
  client.disconnect();
  await traffic.close();
});
