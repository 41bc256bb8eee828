import { CallFailure } from '@switchyard/chatwoot';
import {
  connectRedis,
  createBotSwitch,
  createQueueMonitor,
  knownShards,
  readRedisHealth,
} from '@switchyard/jobs';
import { eventOf } from '@switchyard/jobs/testing';
import { type AdminServer, createHealth, startAdminServer } from '@switchyard/telemetry';
import { emptyRedis, startProxy, type ToxicProxy } from '@switchyard/testkit';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { exportQueueMetrics } from './queue-metrics.ts';
import { openTestYard, quietRuntime, type TestYard } from './testing-yard.ts';
import { watchYard } from './yard-watch.ts';

const SHARDS = 2;
const held = Promise.withResolvers<void>();

let yard: TestYard;
let proxy: ToxicProxy;
let admin: AdminServer;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const url = await emptyRedis(inject('redisUrl'));
  yard = await openTestYard(url, SHARDS);
  proxy = await startProxy({ targetPort: Number(new URL(url).port) });
  const proxied = new URL(url);
  proxied.port = String(proxy.port);
  const { log, metrics } = quietRuntime();
  const redis = connectRedis({ url: proxied.href, log, temper: 'prompt', commandTimeoutMs: 2_000 });
  await redis.readyWithin(10_000);
  const monitor = createQueueMonitor({ redis, shards: SHARDS, custom: ['vip-alerts'] });
  const redisHealth = () => readRedisHealth(redis, { url: proxied.href, limitMs: 1_000 });
  const shards = { told: SHARDS, known: () => knownShards(redis) };
  const bot = createBotSwitch(redis).read;
  exportQueueMetrics(metrics, watchYard({ monitor, redisHealth, shards, bot, freshMs: 0 }));
  admin = await startAdminServer({ host: '127.0.0.1', port: 0, health: createHealth(), metrics });
  closing.push(
    () => admin.close(),
    () => monitor.close(),
    () => redis.close(),
    () => proxy.close(),
    () => yard.close(),
  );

  const routing: Parameters<TestYard['work']>[1] = async (event, { step }) => {
    if (event.conversation?.id === 1)
      throw new CallFailure('permanent', 'no such team', { code: 'TEST', target: 'test' });
    if (event.conversation?.id === 3) await step('hold', () => held.promise);
  };
  await yard.work('routing', routing);
  await yard.work('routing', routing);
  await yard.work('crm-sync', async () => {
    throw new CallFailure('rate-limited', 'slow down', {
      code: 'TEST',
      target: 'test',
      retryAfterMs: 3_600_000,
    });
  });
}, 60_000);
afterAll(async () => {
  held.resolve();
  for (const close of closing) await close();
});

async function scrape(): Promise<Map<string, number>> {
  const answer = await fetch(`http://127.0.0.1:${admin.port}/metrics`);
  expect(answer.status).toBe(200);
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [
      line.slice('switchyard_'.length, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' '))),
    ]),
  );
}

test('a scrape tells of every queue, over all shards, of its workers and of Redis', async () => {
  await yard.enqueue('routing', eventOf(1), eventOf(2), eventOf(4));
  await yard.enqueue('vip-alerts', eventOf(5), eventOf(6), eventOf(7));
  await yard.enqueue('crm-sync', eventOf(8));
  const paused = Array.from(
    { length: SHARDS },
    (_, shard) => new Queue('vip-alerts', { connection: yard.redis.client, prefix: `{switchyard:${shard}}` }),
  );
  await Promise.all(paused.map((queue) => queue.pause()));
  await Promise.all(paused.map((queue) => queue.close()));

  await vi.waitFor(
    async () => {
      const seen = await scrape();
      const of = (name: string) =>
        Object.fromEntries(
          ['routing', 'crm-sync', 'bot-replies', 'vip-alerts'].map((queue) => [
            queue,
            seen.get(`${name}{queue="${queue}"}`),
          ]),
        );
      const jobs = (queue: string) =>
        ['waiting', 'active', 'delayed', 'dead', 'done'].map((state) =>
          seen.get(`jobs{queue="${queue}",state="${state}"}`),
        );
      expect(jobs('routing')).toEqual([0, 0, 0, 1, 2]);
      expect(jobs('vip-alerts')).toEqual([3, 0, 0, 0, 0]);
      expect(jobs('bot-replies')).toEqual([0, 0, 0, 0, 0]);
      expect(of('workers')).toEqual({ routing: 2, 'crm-sync': 1, 'bot-replies': 0, 'vip-alerts': 0 });
      expect(of('breaker_open')).toMatchObject({ routing: 0, 'crm-sync': 1, 'bot-replies': 0 });
      expect(of('queue_paused')).toMatchObject({ routing: 0, 'vip-alerts': 1 });
      expect(of('lanes')).toMatchObject({ routing: 0, 'crm-sync': 1, 'vip-alerts': 3 });
    },
    { timeout: 20_000, interval: 200 },
  );
  const seen = await scrape();
  expect(seen.get('oldest_waiting_seconds{queue="vip-alerts"}')).toBeGreaterThan(0);
  expect(seen.get('oldest_waiting_seconds{queue="routing"}')).toBe(0);
  expect(seen.get('oldest_dead_seconds{queue="routing"}')).toBeGreaterThan(0);
  expect(seen.get('oldest_dead_seconds{queue="crm-sync"}')).toBe(0);
  const node = `{node="127.0.0.1:${proxy.port}"}`;
  expect(seen.get(`redis_up${node}`)).toBe(1);
  expect(seen.get(`redis_memory_used_bytes${node}`)).toBeGreaterThan(100_000);
  expect(seen.get(`redis_memory_max_bytes${node}`)).toBe(0);
  expect([0, 1]).toContain(seen.get(`redis_aof_enabled${node}`));
  expect(seen.get(`redis_aof_last_write_ok${node}`)).toBe(1);
  expect(seen.get(`redis_evicted_keys_total${node}`)).toBe(0);
  expect(seen.get(`redis_connected_clients${node}`)).toBeGreaterThan(2);
  expect(seen.get(`redis_ping_seconds${node}`)).toBeGreaterThan(0);
});

test('a job behind another of its lane waits; the one in hand is active', async () => {
  await yard.enqueue('routing', eventOf(3), eventOf(3), eventOf(3));
  await vi.waitFor(
    async () => {
      const seen = await scrape();
      expect(seen.get('jobs{queue="routing",state="active"}')).toBe(1);
      expect(seen.get('jobs{queue="routing",state="waiting"}')).toBe(2);
      expect(seen.get('lanes{queue="routing"}')).toBe(1);
    },
    { timeout: 20_000, interval: 200 },
  );
});

test.each([
  ['cut off', () => proxy.cut()],
  [
    'there and silent',
    async () => {
      await proxy.restore();
      proxy.stall();
    },
  ],
])('a Redis that is %s: the exporter answers, says so, and shows nothing stale', async (_how, happen) => {
  await happen();
  await vi.waitFor(
    async () => {
      const seen = await scrape();
      expect(seen.get(`redis_up{node="127.0.0.1:${proxy.port}"}`)).toBe(0);
      expect([...seen.keys()].filter((name) => name.includes('queue='))).toEqual([]);
      expect([...seen.keys()].filter((name) => name.startsWith('redis_memory'))).toEqual([]);
    },
    { timeout: 20_000, interval: 200 },
  );
});

test('and when it is back, so are the figures', async () => {
  proxy.resume();
  await vi.waitFor(
    async () => {
      const seen = await scrape();
      expect(seen.get(`redis_up{node="127.0.0.1:${proxy.port}"}`)).toBe(1);
      expect(seen.get('jobs{queue="routing",state="dead"}')).toBe(1);
    },
    { timeout: 20_000, interval: 200 },
  );
});
