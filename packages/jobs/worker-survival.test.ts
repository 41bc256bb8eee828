import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type RedisServer, startProcess, startProxy, startRedis, type ToxicProxy } from '@switchyard/testkit';
import { Queue } from 'bullmq';
import { describe, expect, test, vi } from 'vitest';
import { createBreaker } from './breaker.ts';
import { queueNamed } from './catalogue.ts';
import { ConsumingWorker, createConsumer } from './consumer.ts';
import { shardPrefix } from './keys.ts';
import { createLanes } from './lanes.ts';
import { createBringForward } from './late-retries.ts';
import { deliveryOf, eventOf } from './testing-events.ts';
import { createTraffic, quietRuntime, startWorker } from './testing-survival.ts';
import { createUpkeep } from './upkeep.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

interface Parts {
  readonly server: RedisServer;
  readonly proxy: ToxicProxy;
  readonly traffic: ReturnType<typeof createTraffic>;
}

/** A Redis of one test's own, with a proxy before it for the worker; the traffic goes around the proxy. */
async function withRedis(use: (parts: Parts) => Promise<void>): Promise<void> {
  const server = await startRedis({ owned: true });
  const proxy = await startProxy({ targetPort: server.port });
  const traffic = createTraffic(server.url);
  try {
    await use({ server, proxy, traffic });
  } finally {
    await traffic.close();
    await proxy.close();
    await server.close();
  }
}

// Workers that reconnect and consume nothing: taskforcesh/bullmq#2964, #3185.
describe.concurrent('a worker goes on consuming, in order, after', () => {
  const troubles: readonly [string, (parts: Parts) => Promise<unknown>][] = [
    [
      'a Redis that was killed and started again',
      async ({ server }) => {
        await server.kill('SIGKILL');
        await sleep(2_000);
        await server.restart();
      },
    ],
    [
      'two restarts of Redis, the second while it reconnects',
      async ({ server }) => {
        await server.restart();
        await sleep(60);
        await server.kill('SIGKILL');
        await server.restart();
      },
    ],
    [
      'CLIENT PAUSE for 8 s',
      async ({ traffic }) => {
        await traffic.redis.client.call('CLIENT', 'PAUSE', '8000', 'ALL');
        await sleep(8_000);
      },
    ],
    [
      'a Redis that was stopped for 12 s',
      async ({ server }) => {
        await server.pause();
        await sleep(12_000);
        await server.resume();
      },
    ],
    [
      'a connection that was cut for 5 s',
      async ({ proxy }) => {
        await proxy.cut();
        await sleep(5_000);
        await proxy.restore();
      },
    ],
    [
      'a connection on which nothing came for 9 s',
      async ({ proxy }) => {
        proxy.stall();
        await sleep(9_000);
        proxy.resume();
      },
    ],
    [
      'a connection on which nothing came for 9 s, and which was cut then',
      async ({ proxy }) => {
        proxy.stall();
        await sleep(9_000);
        await proxy.cut();
        proxy.resume();
        await proxy.restore();
      },
    ],
  ];

  test.for(troubles)('%s', { timeout: 200_000 }, ([_title, trouble], { expect }) =>
    withRedis(async (parts) => {
      const { proxy, traffic } = parts;
      const worker = await startWorker(traffic.work, { redisUrl: proxy.url });
      await traffic.untilDone(await traffic.send(24), 30_000);
      await traffic.during(trouble(parts));
      await traffic.untilDone(await traffic.send(24), 45_000);
      // What it had in hand when its connection broke may wait until its lock expires.
      await traffic.untilDone(traffic.accepted, 70_000);
      await vi.waitFor(async () => expect(await traffic.unsettled()).toBe(0), { timeout: 30_000 });
      expect(traffic.disorder()).toEqual([]);
      await worker.close();
    }),
  );
});

describe.concurrent('a stop while Redis is away', () => {
  const hangs = async () => new Promise<void>(() => {});

  test.for([
    ['cut off', (proxy: ToxicProxy) => proxy.cut()],
    ['silent', async (proxy: ToxicProxy) => proxy.stall()],
  ] as const)(
    'ends within its limit, %s, with a job in hand',
    { timeout: 90_000 },
    ([_how, leave], { expect }) =>
      withRedis(async ({ proxy, traffic }) => {
        const begun = Promise.withResolvers<void>();
        const worker = await startWorker(
          async () => {
            begun.resolve();
            await hangs();
          },
          { redisUrl: proxy.url, shutdownTimeoutMs: 3_000 },
        );
        await traffic.send(1);
        await begun.promise;
        await leave(proxy);
        const from = performance.now();
        await worker.close();
        expect(performance.now() - from).toBeLessThan(3_000 + 20_000);
      }),
  );

  test('does not take its whole limit with nothing in hand', { timeout: 120_000 }, ({ expect }) =>
    withRedis(async ({ proxy, traffic }) => {
      const worker = await startWorker(traffic.work, { redisUrl: proxy.url, shutdownTimeoutMs: 25_000 });
      await traffic.untilDone(await traffic.send(3), 30_000);
      await vi.waitFor(async () => expect(await traffic.unsettled()).toBe(0), 20_000);
      await sleep(100);
      await proxy.cut();
      const from = performance.now();
      await worker.close();
      expect(performance.now() - from).toBeLessThan(20_000);
    }),
  );

  test('nor before Redis was ever there', { timeout: 120_000 }, ({ expect }) =>
    withRedis(async ({ proxy, traffic }) => {
      await proxy.cut();
      const worker = await startWorker(traffic.work, { redisUrl: proxy.url, shutdownTimeoutMs: 25_000 });
      const from = performance.now();
      await worker.close();
      expect(performance.now() - from).toBeLessThan(20_000);
    }),
  );

  test.for([
    ['nothing in hand', '0'],
    ['a job in hand that does not end', '1'],
  ] as const)(
    'leaves nothing that keeps the process, with %s; and its job goes on elsewhere',
    { timeout: 240_000 },
    ([_what, hang], { expect }) =>
      withRedis(async ({ proxy, traffic }) => {
        const child = await startProcess({
          name: 'worker',
          command: process.execPath,
          args: [fileURLToPath(new URL('./testing-worker-process.ts', import.meta.url))],
          env: { PATH: process.env.PATH, REDIS_URL: proxy.url, HANG: hang },
          readyLine: 'ready',
        });
        const ids = await traffic.send(1);
        await child.waitForLog('job begun', 30_000);
        if (hang === '0')
          await vi.waitFor(async () => expect(await traffic.unsettled()).toBe(0), { timeout: 30_000 });
        await proxy.cut();
        const from = performance.now();
        const exit = await child.stop('SIGTERM', 60_000);
        expect(exit).toEqual({ code: 0, signal: null });
        // Its limit, and up to 5 s until BullMQ's check for stalled jobs has waited for the last time; an app's process
        // does not wait for that: runProcess exits.
        expect(performance.now() - from).toBeLessThan(45_000);
        if (hang === '0') return;
        const other = await startWorker(traffic.work, { redisUrl: traffic.url });
        await traffic.untilDone(ids, 90_000);
        await other.close();
      }),
  );
});

describe('/healthz', () => {
  test('turns bad when a worker consumes nothing while work waits, and well when it does again', () =>
    withRedis(async ({ server, traffic }) => {
      const runtime = quietRuntime();
      const prefix = shardPrefix(0);
      const connection = traffic.redis.client;
      const hands = { active: 0, lastMovedAt: 0 };
      const bullQueue = new Queue('routing', { connection, prefix });
      const workers: ConsumingWorker[] = [];
      const start = () => {
        const worker = new ConsumingWorker('routing', async () => {}, { connection, prefix, autorun: false });
        workers.push(worker);
        return worker;
      };
      const stopping = new AbortController();
      const upkeep = createUpkeep({
        queue: 'routing',
        consumer: createConsumer(traffic.redis, start),
        bullQueue,
        lanes: createLanes(traffic.redis, prefix),
        clearKept: async () => 0,
        trimStories: async () => {},
        bringForward: createBringForward(traffic.redis, prefix, 'routing'),
        breaker: createBreaker(traffic.redis, prefix, 'routing', queueNamed('routing').policy),
        hands,
        measured: createWorkerMetrics(runtime.metrics),
        log: runtime.log,
        health: runtime.health,
        stopping: stopping.signal,
        everyMs: 50,
        patienceMs: 3_000,
        replaceAfterMs: 60_000,
      });
      const answers: boolean[] = [];
      const watching = setInterval(() => answers.push(runtime.health.alive().ok), 10);
      await sleep(300);
      await traffic.enqueuer.enqueue([deliveryOf(eventOf(1))]);
      // Idle for ages, but work has only just come: still well.
      await sleep(300);
      expect(answers).not.toContain(false);
      await vi.waitFor(() => expect(runtime.health.alive().ok).toBe(false), { timeout: 30_000 });
      expect(JSON.stringify(runtime.health.alive().detail)).toContain('wedged: 1 jobs wait');

      // While Redis is away nobody can consume; neither does its return find the worker guilty at once.
      await server.kill('SIGKILL');
      await server.restart();
      hands.lastMovedAt = performance.now();
      await vi.waitFor(() => expect(runtime.health.alive().ok).toBe(true), { timeout: 30_000 });
      void workers.at(-1)?.run();
      await vi.waitFor(async () => expect(await bullQueue.getJobCountByTypes('wait')).toBe(0), 20_000);
      await sleep(3_500);
      expect(runtime.health.alive().ok).toBe(true);
      clearInterval(watching);
      upkeep.stop();
      await upkeep.ended;
      await Promise.all(workers.map((worker) => worker.close()));
      await bullQueue.close();
    }));
});

test('a worker that consumes nothing while work waits is replaced by one that does', () =>
  withRedis(async ({ traffic }) => {
    const runtime = quietRuntime();
    const prefix = shardPrefix(0);
    const connection = traffic.redis.client;
    const workers: ConsumingWorker[] = [];
    const start = () => {
      const autorun = workers.length > 0;
      const worker = new ConsumingWorker('routing', async () => {}, { connection, prefix, autorun });
      workers.push(worker);
      return worker;
    };
    const bullQueue = new Queue('routing', { connection, prefix });
    const consumer = createConsumer(traffic.redis, start);
    const upkeep = createUpkeep({
      queue: 'routing',
      consumer,
      bullQueue,
      lanes: createLanes(traffic.redis, prefix),
      clearKept: async () => 0,
      trimStories: async () => {},
      bringForward: createBringForward(traffic.redis, prefix, 'routing'),
      breaker: createBreaker(traffic.redis, prefix, 'routing', queueNamed('routing').policy),
      hands: { active: 0, lastMovedAt: 0 },
      measured: createWorkerMetrics(runtime.metrics),
      log: runtime.log,
      health: runtime.health,
      stopping: new AbortController().signal,
      everyMs: 50,
      replaceAfterMs: 300,
    });
    await bullQueue.pause();
    await traffic.enqueuer.enqueue([deliveryOf(eventOf(1))]);
    // A paused queue is nobody's fault.
    await sleep(800);
    expect(workers).toHaveLength(1);
    await bullQueue.resume();
    await vi.waitFor(async () => expect(await bullQueue.getJobCountByTypes('completed')).toBe(1), 30_000);
    expect(workers).toHaveLength(2);
    expect(
      await runtime.metrics.registry.getSingleMetricAsString('switchyard_replaced_workers_total'),
    ).toContain('{queue="routing"} 1');
    upkeep.stop();
    await upkeep.ended;
    await consumer.close();
    await bullQueue.close();
  }));
