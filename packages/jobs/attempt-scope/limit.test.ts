import type { ChatwootEvent } from '@switchyard/chatwoot';
import type { Running } from '@switchyard/telemetry';
import { emptyRedis } from '@switchyard/testkit';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import type { StepContext } from '../define.ts';
import { createEnqueuer, type Enqueuer } from '../enqueue.ts';
import { createSend } from '../outbound.ts';
import { connectRedis, type RedisConnection } from '../redis.ts';
import { deliveryOf, eventOf } from '../testing-events.ts';
import { quietRuntime } from '../testing-survival.ts';
import { runWorker } from '../worker.ts';

const P = '{switchyard:0}';
const ATTEMPT_MS = 300;
let url: string;
let redis: RedisConnection;
let enqueuer: Enqueuer;
let bull: Queue;
let running: Running[] = [];

beforeAll(async () => {
  url = await emptyRedis(inject('redisUrl'));
  redis = connectRedis({ url, log: quietRuntime().log, temper: 'patient' });
  enqueuer = createEnqueuer(redis, { dedupeMs: 60_000 });
  bull = new Queue('routing', { connection: redis.client, prefix: P });
});
beforeEach(() => redis.client.flushdb());
afterEach(async () => {
  await Promise.all(running.map((one) => one.close()));
  running = [];
});
afterAll(async () => {
  await bull.close();
  await redis.close();
});

async function start(
  steps: (event: ChatwootEvent, context: StepContext) => Promise<void>,
  over: { concurrency?: number; attemptMs?: number } = {},
): Promise<void> {
  const definition = {
    queue: 'routing',
    facts: async () => null,
    decide: () => ({ action: 'test', reason: 'test' }),
    steps: (event: ChatwootEvent, _decision: unknown, context: StepContext) => steps(event, context),
  };
  const config = { redisUrl: url, concurrency: 2, shutdownTimeoutMs: 3_000, attemptMs: ATTEMPT_MS, ...over };
  running.push(await runWorker(definition, { config, runtime: quietRuntime() }));
}

const never = () => new Promise<never>(() => {});
const attemptsOf = async (id: string): Promise<readonly { code: string }[]> =>
  JSON.parse((await redis.client.hget(`${P}:ledger:routing:${id}`, '=attempts')) ?? '[]');

test('two handlers that never settle do not stop a worker of concurrency 2', async () => {
  const hanging = [deliveryOf(eventOf(1)), deliveryOf(eventOf(2))];
  const good = Array.from({ length: 5 }, (_, index) => deliveryOf(eventOf(10 + index)));
  const done: string[] = [];
  const signals: AbortSignal[] = [];
  await enqueuer.enqueue([...hanging, ...good]);
  await start(async (event, { signal }) => {
    if ((event.conversation?.id ?? 0) < 10) {
      signals.push(signal);
      await never();
    }
    done.push(event.delivery.id);
  });
  await vi.waitFor(() => expect(done).toHaveLength(5), 30_000);
  expect(signals.length).toBeGreaterThanOrEqual(2);
  for (const { event } of hanging)
    expect(await attemptsOf(event.delivery.id)).toMatchObject([{ code: 'JOB_TIMED_OUT' }]);
  expect(signals.slice(0, 2).map(({ aborted }) => aborted)).toEqual([true, true]);
});

test('what settles late does nothing twice: each step and call of a timed-out attempt throws', async () => {
  const delivery = deliveryOf(eventOf(1));
  const sender = createSend({ target: 'test', timeoutMs: 5_000, runtime: quietRuntime() });
  const late = Promise.withResolvers<void>();
  const refused: string[] = [];
  const performed: string[] = [];
  let attempt = 0;
  const refuse = (work: () => Promise<unknown>) => work().catch((error: Error) => refused.push(error.name));
  await enqueuer.enqueue([delivery]);
  await start(async (_event, { step, state }) => {
    attempt += 1;
    const mine = attempt;
    await step(
      'first',
      async () => {
        performed.push(`first of ${mine}`);
        if (mine === 1) await late.promise;
      },
      { confirm: async () => ({ done: true, result: undefined }) },
    ).catch(() => refused.push('first, late'));
    if (mine > 1) {
      await step('second', async () => performed.push(`second of ${mine}`));
      return;
    }
    await refuse(() => step('second', async () => performed.push('second of 1')));
    await refuse(() => state.set('key', 1, 60_000));
    await refuse(() =>
      sender.send({ method: 'POST', url: 'http://127.0.0.1:9/', operation: 'x', headers: {} }),
    );
  });
  await vi.waitFor(async () => expect(await attemptsOf(delivery.event.delivery.id)).toHaveLength(1), 20_000);
  late.resolve();
  await vi.waitFor(async () => expect(await redis.client.zcard(`${P}:unsettled:routing`)).toBe(0), 40_000);
  expect(performed).toEqual(['first of 1', 'second of 2']);
  expect(refused).toEqual(['first, late', 'StepTooLate', 'AttemptCut', 'AttemptCut']);
  expect(await redis.client.exists(`${P}:state:routing:key`)).toBe(0);
  await sender.close();
});

test('a handler that heeds its signal and ends in time keeps what it did', async () => {
  const performed: string[] = [];
  await enqueuer.enqueue([deliveryOf(eventOf(1))]);
  await start(async (_event, { step, signal }) => {
    await step('slow', async () => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      performed.push('slow');
    });
  });
  await vi.waitFor(async () => expect(await redis.client.zcard(`${P}:unsettled:routing`)).toBe(0), 20_000);
  expect(performed).toEqual(['slow']);
});

test('a lost lock reaches the handler', async () => {
  const delivery = deliveryOf(eventOf(1));
  const aborted = Promise.withResolvers<unknown>();
  await enqueuer.enqueue([delivery]);
  await start(
    async (_event, { signal }) => {
      signal.addEventListener('abort', () => aborted.resolve(signal.reason));
      // BullMQ renews it every ten seconds.
      await redis.client.set(
        `${P}:routing:${delivery.event.delivery.id}:lock`,
        'of another worker',
        'PX',
        120_000,
      );
      await never();
    },
    { attemptMs: 120_000 },
  );
  expect(await aborted.promise).toMatchObject({ name: 'LockLost' });
});
