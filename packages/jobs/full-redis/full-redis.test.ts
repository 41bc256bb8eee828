import { createLogger } from '@switchyard/telemetry';
import { type RedisServer, startRedis } from '@switchyard/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createEnqueuer } from '../enqueue.ts';
import { connectRedis, type RedisConnection } from '../redis.ts';
import { deliveryOf, eventOf } from '../testing-events.ts';
import { quietRuntime } from '../testing-survival.ts';
import { runWorker } from '../worker.ts';

const P = '{switchyard:0}';
const LARGE = 'x'.repeat(150_000);

let server: RedisServer;
let redis: RedisConnection;

beforeEach(async () => {
  server = await startRedis({ owned: true, appendonly: 'no' });
  redis = connectRedis({
    url: server.url,
    log: createLogger({ app: 'test', level: 'silent' }),
    temper: 'patient',
  });
});
afterEach(async () => {
  await redis.close();
  await server.close();
});

const used = async () => Number(/used_memory:(\d+)/.exec(await redis.client.info('memory'))?.[1]);
const largeEvent = (conversation: number) => {
  const event = eventOf(conversation);
  return { ...event, inbox: { id: 12, name: LARGE } };
};

test('a Redis that large payloads have filled is worked off without an operator', {
  timeout: 120_000,
}, async () => {
  await redis.client.config('SET', 'maxmemory', (await used()) + 15_000_000);
  const enqueuer = createEnqueuer(redis, { dedupeMs: 3_600_000 });
  let entered = 0;
  const fill = async () => {
    for (;;) {
      await enqueuer.enqueue([deliveryOf(largeEvent(entered + 1))]);
      entered += 1;
    }
  };
  await expect(fill()).rejects.toThrow(/OOM/);
  expect(entered).toBeGreaterThan(20);
  // So full that nothing goes in by itself, however small.
  await redis.client.config('SET', 'maxmemory', (await used()) - 1_000_000);
  let fails = 3;
  const worker = await runWorker(
    {
      queue: 'routing',
      facts: async () => null,
      decide: () => ({ action: 'test', reason: 'because' }),
      steps: async (_event, _decision, { step, state }) => {
        await step('one', async () => state.set('seen', 'yes', 60_000));
        fails -= 1;
        if (fails >= 0) throw new Error('once more');
      },
    },
    {
      config: { redisUrl: server.url, concurrency: 5, shutdownTimeoutMs: 5_000 },
      runtime: quietRuntime(),
    },
  );
  try {
    await vi.waitFor(async () => expect(await redis.client.exists(`${P}:unsettled:routing`)).toBe(0), {
      timeout: 60_000,
      interval: 100,
    });
    expect(await redis.client.keys(`${P}:routing:0*`)).toEqual([]);
    expect(await enqueuer.enqueue([deliveryOf(largeEvent(1))])).toEqual(['accepted']);
  } finally {
    await worker.close();
  }
});

test('what an older version kept of done jobs is removed, also while Redis is full', {
  timeout: 60_000,
}, async () => {
  for (let index = 0; index < 60; index += 1) {
    await redis.client.hset(`${P}:routing:old-${index}`, 'data', LARGE);
    await redis.client.zadd(`${P}:routing:completed`, index, `old-${index}`);
  }
  await redis.client.config('SET', 'maxmemory', (await used()) - 1_000_000);
  await expect(redis.client.set('one', 'more')).rejects.toThrow(/OOM/);
  const worker = await runWorker(
    {
      queue: 'routing',
      facts: async () => null,
      decide: () => ({ action: 'test', reason: 'because' }),
      steps: async () => {},
    },
    {
      config: { redisUrl: server.url, concurrency: 5, shutdownTimeoutMs: 5_000 },
      runtime: quietRuntime(),
    },
  );
  try {
    await vi.waitFor(async () => expect(await redis.client.exists(`${P}:routing:completed`)).toBe(0), {
      timeout: 30_000,
      interval: 100,
    });
    expect(await redis.client.keys(`${P}:routing:old-*`)).toEqual([]);
    await redis.client.set('one', 'more');
  } finally {
    await worker.close();
  }
});
