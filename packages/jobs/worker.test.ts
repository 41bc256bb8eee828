import { CallFailure, type ChatwootEvent } from '@switchyard/chatwoot';
import { createHealth, createLogger, createMetrics, type Running, type Runtime } from '@switchyard/telemetry';
import { emptyRedis } from '@switchyard/testkit';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { tellReached, willTell } from './attempt-scope/current.ts';
import { readBreakers } from './breaker.ts';
import type { StepContext, WorkerDefinition } from './define.ts';
import { readDoneCounts } from './done/done-counts.ts';
import { createEnqueuer, type Enqueuer } from './enqueue.ts';
import { connectRedis, type RedisConnection } from './redis.ts';
import { storyBucket } from './story-store/bucket.ts';
import { deliveryOf, eventOf } from './testing-events.ts';
import { runWorker } from './worker.ts';

type Definition = WorkerDefinition<null, { action: string; reason: string }>;

const P = '{switchyard:0}';
let url: string;
let redis: RedisConnection;
let enqueuer: Enqueuer;
let bull: Queue;
let running: Running[] = [];

beforeAll(async () => {
  url = await emptyRedis(inject('redisUrl'));
  redis = connectRedis({ url, log: createLogger({ app: 'test', level: 'silent' }), temper: 'patient' });
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

function runtime(): Runtime {
  return {
    app: 'test',
    log: createLogger({ app: 'test', level: 'silent' }),
    metrics: createMetrics({ app: 'test', version: '0' }),
    health: createHealth(),
  };
}

async function start(
  steps: (event: ChatwootEvent, context: StepContext) => Promise<void>,
  over: { concurrency?: number; shutdownTimeoutMs?: number } = {},
): Promise<Runtime> {
  const definition: Definition = {
    queue: 'routing',
    facts: async () => null,
    decide: () => ({ action: 'test', reason: 'test' }),
    steps: (event, _decision, context) => steps(event, context),
  };
  const its = runtime();
  const config = { redisUrl: url, concurrency: 10, shutdownTimeoutMs: 5_000, ...over };
  running.push(await runWorker(definition, { config, runtime: its }));
  return its;
}

const ids = (deliveries: readonly { event: ChatwootEvent }[]) =>
  deliveries.map((one) => one.event.delivery.id);
const settled = () =>
  vi.waitFor(async () => expect(await redis.client.zcard(`${P}:unsettled:routing`)).toBe(0), 45_000);
const transient = () => new CallFailure('transient', 'not now', { code: 'TEST_TRANSIENT', target: 'test' });
const permanent = () => new CallFailure('permanent', 'never', { code: 'TEST_PERMANENT', target: 'test' });

test('a worker whose job went to another one meanwhile writes nothing more of it', async () => {
  const performed: string[] = [];
  const delivery = deliveryOf(eventOf(1));
  const { id } = delivery.event.delivery;
  await start(async (_event, context) => {
    await context.step('first', async () => {
      performed.push('first');
      await redis.client.set(`${P}:routing:${id}:lock`, 'of another worker', 'PX', 60_000);
    });
    await context.step('second', async () => void performed.push('second'));
  });
  await enqueuer.enqueue([delivery]);
  await vi.waitFor(() => expect(performed).toEqual(['first']), 30_000);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(performed).toEqual(['first']);
  expect(await redis.client.hgetall(`${P}:ledger:routing:${id}`)).toEqual({});
  expect(await redis.client.zcard(`${P}:unsettled:routing`)).toBe(1);
  expect(await bull.getJobCounts('active', 'failed')).toEqual({ active: 1, failed: 0 });
});

test('a job that went to another worker by the time it is done is neither ended nor settled', async () => {
  const [first, second] = [deliveryOf(eventOf(1)), deliveryOf(eventOf(1))];
  const { id } = first.event.delivery;
  const its = await start(async (_event, context) => {
    await context.step('only', async () => {
      await redis.client.set(`${P}:routing:${id}:lock`, 'of another worker', 'PX', 60_000);
    });
  });
  await enqueuer.enqueue([first, second]);
  await vi.waitFor(async () => {
    const jobs = await its.metrics.registry.getSingleMetricAsString('switchyard_jobs_total');
    expect(jobs).toContain('result="lock-lost"} 1');
  }, 20_000);
  expect(await redis.client.hget(`${P}:lanes:routing`, 'v3-1')).toBe(id);
  expect(await redis.client.zcard(`${P}:unsettled:routing`)).toBe(2);
  expect(await redis.client.lrange(storyBucket(P, 'v3-1'), 0, -1)).toHaveLength(2);
  expect(await bull.getJobCounts('active', 'completed', 'failed')).toEqual({
    active: 1,
    completed: 0,
    failed: 0,
  });
});

test('a job that is done leaves nothing of its ledger, nor of itself in BullMQ, and is counted', async () => {
  const delivery = deliveryOf(eventOf(1));
  const { id } = delivery.event.delivery;
  await enqueuer.enqueue([delivery]);
  await start(async (_event, context) => {
    await context.step('one', async () => 1);
    await context.step('two', async () => 2);
  });
  await settled();
  expect(await redis.client.exists(`${P}:ledger:routing:${id}`, `${P}:routing:${id}:lock`)).toBe(0);
  expect(await redis.client.exists(`${P}:routing:${id}`, `${P}:routing:completed`)).toBe(0);
  expect(await readDoneCounts(redis.client, P, 'routing', Date.now())).toEqual({
    done: 1,
    doneLastMinute: 1,
  });
});

describe('lanes', () => {
  test('works on a conversation in order, one at a time, across two workers and across retries', async () => {
    const done: string[] = [];
    const inHand = new Map<number, number>();
    const failing = new Set<string>();
    const steps = async (event: ChatwootEvent) => {
      const conversation = event.conversation?.id ?? 0;
      inHand.set(conversation, (inHand.get(conversation) ?? 0) + 1);
      try {
        expect(inHand.get(conversation)).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
        if (failing.delete(event.delivery.id)) throw transient();
        done.push(event.delivery.id);
      } finally {
        inHand.set(conversation, (inHand.get(conversation) ?? 1) - 1);
      }
    };
    const deliveries = Array.from({ length: 60 }, (_, index) => deliveryOf(eventOf(index % 6)));
    for (const index of [0, 7, 20]) failing.add(deliveries[index]?.event.delivery.id ?? '');
    await enqueuer.enqueue(deliveries);
    await start(steps, { concurrency: 5 });
    await start(steps, { concurrency: 5 });
    await settled();
    expect(done.toSorted()).toEqual(ids(deliveries).toSorted());
    for (let conversation = 0; conversation < 6; conversation += 1) {
      const accepted = ids(deliveries.filter(({ event }) => event.conversation?.id === conversation));
      expect(done.filter((id) => accepted.includes(id))).toEqual(accepted);
    }
    expect(await redis.client.hlen(`${P}:lanes:routing`)).toBe(0);
  });

  test('works on different conversations at the same time', async () => {
    let most = 0;
    let now = 0;
    const gate = Promise.withResolvers<void>();
    await enqueuer.enqueue([1, 2, 3, 4].map((conversation) => deliveryOf(eventOf(conversation))));
    await start(async () => {
      now += 1;
      most = Math.max(most, now);
      if (now === 4) gate.resolve();
      await gate.promise;
    });
    await settled();
    expect(most).toBe(4);
  });

  test('a dead job frees its lane, stays in sight and says why', async () => {
    const [first, second] = [deliveryOf(eventOf(1)), deliveryOf(eventOf(1))];
    const seen: string[] = [];
    await enqueuer.enqueue([first, second]);
    const its = await start(async (event, { step }) => {
      seen.push(event.delivery.id);
      await step('assign', async () => {
        if (event.delivery.id === first.event.delivery.id) throw permanent();
      });
    });
    await settled();
    expect(seen).toEqual(ids([first, second]));
    const dead = await vi.waitFor(async () => {
      const [job] = await bull.getFailed();
      if (job === undefined) throw new Error('not yet');
      return job;
    }, 20_000);
    expect(dead.id).toBe(first.event.delivery.id);
    expect(dead.failedReason).toBe('TEST_PERMANENT: never');
    expect(await its.metrics.registry.getSingleMetricAsString('switchyard_dead_jobs_total')).toContain(
      'switchyard_dead_jobs_total{queue="routing",reason="permanent"} 1',
    );
  });

  test('a lane whose job was removed by hand is freed', async () => {
    const [first, second] = [deliveryOf(eventOf(1)), deliveryOf(eventOf(1))];
    await enqueuer.enqueue([first, second]);
    await bull.remove(first.event.delivery.id);
    const seen: string[] = [];
    await start(async (event) => void seen.push(event.delivery.id));
    await settled();
    expect(seen).toEqual([second.event.delivery.id]);
  });

  test('a job whose data no code can read dies, and its lane goes on', async () => {
    const [first, second] = [deliveryOf(eventOf(1)), deliveryOf(eventOf(1))];
    await enqueuer.enqueue([first, second]);
    await redis.client.hset(`${P}:routing:${first.event.delivery.id}`, 'data', '{"event":7}');
    const seen: string[] = [];
    await start(async (event) => void seen.push(event.delivery.id));
    await settled();
    expect(seen).toEqual([second.event.delivery.id]);
    expect((await bull.getFailed()).map((job) => job.id)).toEqual([first.event.delivery.id]);
  });
});

describe('steps', () => {
  test('a retry skips finished steps and gets their stored results', async () => {
    const performed: string[] = [];
    const results: unknown[] = [];
    await enqueuer.enqueue([deliveryOf(eventOf(1))]);
    await start(async (_event, { step, attempt }) => {
      results.push(
        await step('one', async () => {
          performed.push('one');
          return { id: 7 };
        }),
      );
      await step('two', async () => {
        performed.push('two');
        if (attempt === 1) throw transient();
      });
    });
    await settled();
    expect(performed).toEqual(['one', 'two', 'two']);
    expect(results).toEqual([{ id: 7 }, { id: 7 }]);
  });

  test.each([
    ['that had happened is not performed again', true, 1],
    ['that had not happened is performed again', false, 2],
  ])('a step of unknown outcome %s', async (_title, happened, times) => {
    let performed = 0;
    const asked: string[] = [];
    const results: unknown[] = [];
    const delivery = deliveryOf(eventOf(1));
    await enqueuer.enqueue([delivery]);
    await start(async (_event, { step }) => {
      const perform = async () => {
        performed += 1;
        if (performed === 1)
          throw new CallFailure('unknown-outcome', 'no answer', { code: 'TIMEOUT', target: 'test' });
        return 'performed';
      };
      results.push(
        await step('send', perform, {
          confirm: async ({ key }) => {
            asked.push(key);
            return happened ? { done: true, result: 'confirmed' } : { done: false };
          },
        }),
      );
    });
    await settled();
    expect(performed).toBe(times);
    expect(asked).toEqual([`routing:${delivery.event.delivery.id}:send`]);
    expect(results).toEqual([happened ? 'confirmed' : 'performed']);
  });

  test('a step that surely did nothing is performed again without asking', async () => {
    let performed = 0;
    const confirm = vi.fn();
    await enqueuer.enqueue([deliveryOf(eventOf(1))]);
    await start(async (_event, { step }) => {
      await step(
        'send',
        async () => {
          performed += 1;
          if (performed === 1) throw transient();
        },
        { confirm },
      );
    });
    await settled();
    expect(performed).toBe(2);
    expect(confirm).not.toHaveBeenCalled();
  });
});

describe('retries', () => {
  test('a rate limit holds the whole queue as long as told, and burns no attempt', async () => {
    const starts: { at: number; attempt: number }[] = [];
    let limited = false;
    await enqueuer.enqueue([deliveryOf(eventOf(1))]);
    await start(
      async (_event, { attempt }) => {
        starts.push({ at: Date.now(), attempt });
        if (limited) return;
        limited = true;
        await enqueuer.enqueue([deliveryOf(eventOf(2))]);
        throw new CallFailure('rate-limited', 'slow down', {
          code: 'TEST_429',
          target: 'test',
          retryAfterMs: 600,
        });
      },
      { concurrency: 1 },
    );
    await settled();
    expect(starts).toHaveLength(3);
    expect(starts.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
    const [first, ...later] = starts.map(({ at }) => at);
    for (const at of later) expect(at - (first ?? 0)).toBeGreaterThanOrEqual(590);
  });

  test('an error nobody typed dies after five attempts', async () => {
    let attempts = 0;
    await enqueuer.enqueue([deliveryOf(eventOf(1))]);
    await start(async () => {
      attempts += 1;
      throw new TypeError('a fault of ours');
    });
    await settled();
    expect(attempts).toBe(5);
  });
});

test('a retry that a worker with a wrong clock put off for a month comes when it was meant to', async () => {
  let attempts = 0;
  await start(async () => {
    attempts += 1;
    if (attempts > 1) return;
    throw new CallFailure('transient', 'not now', { code: 'TEST', target: 'test', retryAfterMs: 4_000 });
  });
  const delivery = deliveryOf(eventOf(1));
  const { id } = delivery.event.delivery;
  const delayed = `${P}:routing:delayed`;
  await enqueuer.enqueue([delivery]);
  await vi.waitFor(
    async () => {
      // Where it is due in a moment, it is due in a month.
      const month = (Date.now() + 30 * 24 * 3_600_000) * 4096;
      expect(await redis.client.zadd(delayed, 'XX', 'CH', month, id)).toBe(1);
    },
    { timeout: 30_000, interval: 1 },
  );
  await settled();
  expect(attempts).toBe(2);
});

test('attempts are counted by class: a first unexpected error after five transient ones is not the end', async () => {
  let attempts = 0;
  await enqueuer.enqueue([deliveryOf(eventOf(1))]);
  await start(async () => {
    attempts += 1;
    if (attempts <= 5)
      throw new CallFailure('transient', 'not now', { code: 'TEST', target: 'test', retryAfterMs: 10 });
    if (attempts === 6) throw new TypeError('once');
  });
  await settled();
  expect(attempts).toBe(7);
  expect(await bull.getFailedCount()).toBe(0);
});

describe('the breaker of a target that told to wait', () => {
  const wait = (retryAfterMs: number) =>
    new CallFailure('rate-limited', 'slow down', { code: 'TEST_429', target: 'told', retryAfterMs });

  test('is not closed by bystanders: a job in hand that ends, one that needs nothing, one that dies', async () => {
    willTell('told');
    const inHand = Promise.withResolvers<void>();
    const sent: number[] = [];
    let toldAt = 0;
    const crowd = Array.from({ length: 40 }, (_, index) => deliveryOf(eventOf(10 + index)));
    await enqueuer.enqueue([deliveryOf(eventOf(1)), deliveryOf(eventOf(2)), deliveryOf(eventOf(3))]);
    await start(async (event) => {
      const conversation = event.conversation?.id ?? 0;
      const from = performance.now();
      if (conversation === 1 && toldAt === 0) {
        toldAt = Date.now();
        throw wait(2_000);
      }
      if (conversation === 2) await inHand.promise;
      if (conversation === 3) {
        await inHand.promise;
        throw permanent();
      }
      // Of the crowd every second one needs nothing of the target.
      if (conversation >= 10 && conversation % 2 === 0) return;
      sent.push(Date.now());
      tellReached('told', from);
    });
    await vi.waitFor(() => expect(toldAt).toBeGreaterThan(0), 20_000);
    await vi.waitFor(async () => expect(await redis.client.exists(`${P}:breaker:routing`)).toBe(1), 20_000);
    await enqueuer.enqueue(crowd);
    inHand.resolve();
    await vi.waitFor(async () => expect(await bull.getFailedCount()).toBe(1), 20_000);
    expect(await redis.client.exists(`${P}:breaker:routing`)).toBe(1);
    await settled();
    // The one that was in hand before reached it then.
    for (const at of sent.slice(1)) expect(at - toldAt).toBeGreaterThanOrEqual(1_990);
    expect(await redis.client.exists(`${P}:breaker:routing`)).toBe(0);
  });
});

describe('an outage', () => {
  test('is probed by one job at a time, burns no attempt, and then work resumes', async () => {
    const deliveries = Array.from({ length: 30 }, (_, index) => deliveryOf(eventOf(index)));
    let away = true;
    let now = 0;
    const calls: { at: number; together: number; attempt: number }[] = [];
    const done: string[] = [];
    await enqueuer.enqueue(deliveries);
    await start(async (event, { attempt }) => {
      now += 1;
      calls.push({ at: Date.now(), together: now, attempt });
      await new Promise((resolve) => setTimeout(resolve, 5));
      now -= 1;
      if (away) throw new CallFailure('outage', 'nobody there', { code: 'ECONNREFUSED', target: 'test' });
      done.push(event.delivery.id);
    });
    // The first ten were under way before anyone knew; after them, one probe at a time.
    await vi.waitFor(() => expect(calls.length).toBeGreaterThanOrEqual(13), 45_000);
    expect(calls.slice(10).map(({ together }) => together)).toEqual(calls.slice(10).map(() => 1));
    expect(await readBreakers(redis, { shards: 1, queues: ['routing', 'crm-sync'] })).toEqual({
      routing: true,
      'crm-sync': false,
    });
    away = false;
    await settled();
    expect(done.toSorted()).toEqual(ids(deliveries).toSorted());
    expect(new Set(calls.map(({ attempt }) => attempt))).toEqual(new Set([1]));
    // Gently: it widens step by step, and in the end nothing is left of it.
    expect(await redis.client.exists(`${P}:breaker:routing`)).toBe(0);
    expect(await bull.getGlobalConcurrency()).toBeNull();
  });
});

describe('a worker that died', () => {
  const field = (id: string, name: string) => redis.client.hget(`${P}:ledger:routing:${id}`, name);

  test('leaves jobs that go on side by side: only one of them can be to blame', async () => {
    const deliveries = Array.from({ length: 10 }, (_, index) => deliveryOf(eventOf(index)));
    await enqueuer.enqueue(deliveries);
    for (const id of ids(deliveries)) await redis.client.hset(`${P}:routing:${id}`, 'stc', '1');
    const all = Promise.withResolvers<void>();
    let together = 0;
    await start(async () => {
      together += 1;
      if (together === 10) all.resolve();
      await all.promise;
    });
    await settled();
    expect(together).toBe(10);
  });

  test('a second time leaves its jobs under suspicion: each runs alone, and none of them is taken for poison', async () => {
    const deliveries = Array.from({ length: 8 }, (_, index) => deliveryOf(eventOf(index)));
    await enqueuer.enqueue(deliveries);
    // As BullMQ leaves them when it has taken them back from a dead worker, however often.
    for (const id of ids(deliveries).slice(0, 5)) await redis.client.hset(`${P}:routing:${id}`, 'stc', '3');
    let together = 0;
    const seen = new Map<string, number>();
    await start(async (event) => {
      together += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      seen.set(event.delivery.id, together);
      await new Promise((resolve) => setTimeout(resolve, 5));
      together -= 1;
    });
    await settled();
    expect(seen.size).toBe(8);
    for (const id of ids(deliveries).slice(0, 5)) expect(seen.get(id)).toBe(1);
    expect(await bull.getFailedCount()).toBe(0);
  });

  test('twice over a job that ran alone makes it dead, and its lane goes on', async () => {
    const [poison, next] = [deliveryOf(eventOf(1)), deliveryOf(eventOf(1))];
    await enqueuer.enqueue([poison, next]);
    const { id } = poison.event.delivery;
    await redis.client.hset(`${P}:routing:${id}`, 'stc', '3');
    await redis.client.hset(`${P}:ledger:routing:${id}`, '=alone', '2');
    const seen: string[] = [];
    await start(async (event) => void seen.push(event.delivery.id));
    await settled();
    expect(seen).toEqual(ids([next]));
    const [dead] = await vi.waitFor(async () => {
      const failed = await bull.getFailed();
      expect(failed).toHaveLength(1);
      return failed;
    }, 20_000);
    expect(dead?.failedReason).toContain('JOB_KILLS_WORKERS');
    // A redrive starts with a clean slate.
    expect(await field(id, '=alone')).toBeNull();
  });
});

describe('fairness', () => {
  test('an account with a thousand conversations does not keep another one waiting behind them', async () => {
    const crowd = Array.from({ length: 1_000 }, (_, index) => deliveryOf(eventOf(index)));
    const other = deliveryOf(eventOf(1, { account: 4 }), 'routing', {
      jobs: [{ queue: 'routing', lane: 'v4-1' }],
    });
    await enqueuer.enqueue(crowd);
    await enqueuer.enqueue([other]);
    const done: string[] = [];
    await start(async (event) => void done.push(event.delivery.id), { concurrency: 1 });
    await settled();
    expect(done).toHaveLength(1_001);
    expect(done.indexOf(other.event.delivery.id)).toBeLessThanOrEqual(200);
  });

  test('a conversation with a thousand messages takes turns with the others of its account', async () => {
    const long = Array.from({ length: 300 }, () => deliveryOf(eventOf(1)));
    const others = Array.from({ length: 5 }, (_, index) => deliveryOf(eventOf(10 + index)));
    await enqueuer.enqueue([...long, ...others]);
    const done: string[] = [];
    await start(async (event) => void done.push(event.delivery.id), { concurrency: 1 });
    await settled();
    for (const id of ids(others)) expect(done.indexOf(id)).toBeLessThan(12);
    expect(done.filter((id) => ids(long).includes(id))).toEqual(ids(long));
  });

  test('leaves nothing behind when all is done', async () => {
    await enqueuer.enqueue(Array.from({ length: 700 }, (_, index) => deliveryOf(eventOf(index % 450))));
    await start(async () => {}, { concurrency: 50 });
    await settled();
    const left = await redis.client.keys(`${P}:*`);
    const lanes = left.filter((key) => /:(lanes|lane|admitted|line|unsettled|breaker):/.test(key));
    expect(lanes).toEqual([]);
  });
});

describe('stop', () => {
  test('finishes what it has in hand and takes no new job', async () => {
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    let finished = 0;
    await enqueuer.enqueue([deliveryOf(eventOf(1)), deliveryOf(eventOf(1))]);
    await start(
      async () => {
        started.resolve();
        await finish.promise;
        finished += 1;
      },
      { concurrency: 1 },
    );
    await started.promise;
    const closing = running.pop()?.close();
    finish.resolve();
    await closing;
    expect(finished).toBe(1);
    expect(await redis.client.zcard(`${P}:unsettled:routing`)).toBe(1);
  });

  test('hands back what does not finish in time, and another worker takes it at once', async () => {
    const started = Promise.withResolvers<void>();
    await enqueuer.enqueue([deliveryOf(eventOf(1))]);
    await start(
      async (_event, { signal }) => {
        started.resolve();
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        );
      },
      { shutdownTimeoutMs: 2_050 },
    );
    await started.promise;
    await running.pop()?.close();
    const at = Date.now();
    let taken = 0;
    await start(async () => {
      taken = Date.now();
    });
    await settled();
    expect(taken - at).toBeLessThan(15_000);
  });
});
