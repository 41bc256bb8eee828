import { CallFailure, type ChatwootEvent, type Contact, type Message } from '@switchyard/chatwoot';
import { emptyRedis } from '@switchyard/testkit';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { createDeadJobs } from './dead-jobs.ts';
import { forgetSeen } from './dedupe/testing-seen.ts';
import type { DecisionSummary, StepContext } from './define.ts';
import { createEnqueuer, type Enqueuer } from './enqueue.ts';
import { connectRedis, type RedisConnection } from './redis.ts';
import { agreeOnShards } from './shard-agreement.ts';
import { createStories, type Stories } from './stories.ts';
import { storyBucket } from './story-store/bucket.ts';
import { deliveryOf, eventOf } from './testing-events.ts';
import { quietRuntime } from './testing-survival.ts';
import { runWorker } from './worker.ts';

type Steps = (event: ChatwootEvent, context: StepContext) => Promise<void>;

let url: string;
let redis: RedisConnection;
let enqueuer: Enqueuer;
let stories: Stories;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  url = await emptyRedis(inject('redisUrl'));
  redis = connectRedis({ url, log: quietRuntime().log, temper: 'patient' });
  enqueuer = createEnqueuer(redis, { dedupeMs: 60_000 });
  stories = createStories({ redis });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await redis.close();
});

async function work(
  steps: Steps,
  over: {
    queue?: 'routing' | 'crm-sync';
    decision?: DecisionSummary;
    shards?: number;
    keepStoriesMs?: number;
    shutdownTimeoutMs?: number;
  } = {},
) {
  const { queue = 'routing', decision = { action: 'test', reason: 'because' }, ...config } = over;
  const worker = await runWorker(
    {
      queue,
      facts: async () => null,
      decide: () => decision,
      steps: (event, _decision, context) => steps(event, context),
    },
    {
      config: { redisUrl: url, concurrency: 10, shutdownTimeoutMs: 5_000, ...config },
      runtime: quietRuntime(),
    },
  );
  let closed: Promise<void> | null = null;
  const close = () => (closed ??= worker.close());
  closing.push(close);
  return close;
}

const contact = (id: number): Contact => ({
  id,
  name: 'Ada Example',
  email: 'ada@example.com',
  phone: null,
  identifier: null,
  blocked: false,
  customAttributes: {},
  city: null,
  country: null,
});
const crmDelivery = (event: ChatwootEvent) =>
  deliveryOf(event, 'crm-sync', { jobs: [{ queue: 'crm-sync', lane: `c3-${event.contact?.id}` }] });
const states = (jobs: readonly { delivery: string; state: string }[] | null) =>
  jobs?.map(({ delivery, state }) => [delivery, state]);
const permanent = () => new CallFailure('permanent', 'never', { code: 'TEST_PERMANENT', target: 'test' });
const transient = () => new CallFailure('transient', 'not now', { code: 'TEST_TRANSIENT', target: 'test' });
const becomes = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 50 });

describe('the story of a conversation', () => {
  test('tells what was decided, what each step gave and which attempts failed', async () => {
    const event = eventOf(17, {
      contact: contact(5),
      message: { id: 99, content: 'my secret is 1234' } as Partial<Message> as Message,
    });
    await enqueuer.enqueue([deliveryOf(event)]);
    await work(
      async (_event, { step, attempt }) => {
        await step('assign-team', async () => ({ team: 4 }));
        await step('add-labels', async () => {
          if (attempt === 1) throw transient();
        });
      },
      { decision: { action: 'assign', reason: 'rule:vip', about: { team: 'VIP', priority: null } } },
    );
    await becomes(async () => expect(await stories.ofConversation(3, 17)).toMatchObject([{ state: 'done' }]));
    const [job] = await stories.ofConversation(3, 17);
    const number = expect.any(Number);
    expect(job).toEqual({
      delivery: event.delivery.id,
      jobId: event.delivery.id,
      queue: 'routing',
      lane: 'v3-17',
      event: 'conversation_created',
      source: 'default',
      account: 3,
      conversation: 17,
      contact: 5,
      message: 99,
      receivedAt: event.delivery.receivedAt,
      startedAt: number,
      endedAt: number,
      state: 'done',
      attempts: [
        {
          at: number,
          code: 'TEST_TRANSIENT',
          message: 'not now',
          step: 'add-labels',
          next: 'retry',
          nextAt: number,
        },
      ],
      decision: { action: 'assign', reason: 'rule:vip', about: { team: 'VIP', priority: null } },
      steps: [
        { name: 'assign-team', state: 'done', result: { team: 4 }, at: number },
        { name: 'add-labels', state: 'done', result: null, at: number },
      ],
      error: null,
    });
    const [key = ''] = await redis.client.keys('{switchyard:0}:stories:*');
    const kept = await redis.client.lrange(key, 0, -1);
    expect(kept.join()).not.toMatch(/secret|Ada|example\.com/);
  });

  test('shows what is not done: the job in hand, those behind it, one that waits for its retry', async () => {
    const hold = Promise.withResolvers<void>();
    const [first, second] = [eventOf(17), eventOf(17)];
    const failing = eventOf(18);
    await enqueuer.enqueue([first, second, failing].map((event) => deliveryOf(event)));
    expect(states(await stories.ofConversation(3, 17))).toEqual([
      [first.delivery.id, 'waiting'],
      [second.delivery.id, 'behind'],
    ]);
    await work(async (event, { step }) => {
      await step('one', async () => 'well');
      await step('two', async () => {
        if (event === failing || event.delivery.id === failing.delivery.id) {
          throw new CallFailure('transient', 'not now', {
            code: 'LATER',
            target: 'test',
            retryAfterMs: 600_000,
          });
        }
        await hold.promise;
      });
    });
    await becomes(async () => {
      expect(await stories.ofConversation(3, 18)).toMatchObject([
        {
          state: 'delayed',
          attempts: [{ code: 'LATER', next: 'retry', step: 'two' }],
          decision: { action: 'test', reason: 'because', about: {} },
          steps: [{ name: 'one', state: 'done', result: 'well' }],
        },
      ]);
    });
    await becomes(async () => {
      const [active, behind] = await stories.ofConversation(3, 17);
      expect(active).toMatchObject({
        state: 'active',
        steps: [
          { name: 'one', state: 'done' },
          { name: 'two', state: 'begun' },
        ],
      });
      expect(behind).toMatchObject({ state: 'behind', startedAt: null, steps: [] });
    });
    hold.resolve();
    await becomes(async () =>
      expect((await stories.ofConversation(3, 17)).map(({ state }) => state)).toEqual(['done', 'done']),
    );
  });

  test('finds the job of a contact’s lane by the conversation, though nothing names the contact yet', async () => {
    const event = eventOf(17, { contact: contact(5) });
    await enqueuer.enqueue([crmDelivery(event), crmDelivery(eventOf(18, { contact: contact(6) }))]);
    expect(states(await stories.ofConversation(3, 17))).toEqual([[event.delivery.id, 'waiting']]);
    expect(await stories.ofConversation(4, 17)).toEqual([]);
  });

  test('finds a job whose lane waits in its account’s line', async () => {
    const events = Array.from({ length: 230 }, (_, index) => eventOf(index + 1));
    await enqueuer.enqueue(events.map((event) => deliveryOf(event)));
    expect(await redis.client.hget('{switchyard:0}:lanes:routing', 'v3-230')).toMatch(/^~/);
    expect(states(await stories.ofConversation(3, 230))).toEqual([[events[229]?.delivery.id, 'waiting']]);
  });

  test('keeps the newest 300 jobs, and nothing when it is switched off', async () => {
    const events = Array.from({ length: 310 }, () => eventOf(17));
    await enqueuer.enqueue(events.map((event) => deliveryOf(event)));
    await work(async () => {});
    await becomes(async () => expect(await redis.client.exists('{switchyard:0}:unsettled:routing')).toBe(0));
    const jobs = await stories.ofConversation(3, 17);
    expect(jobs).toHaveLength(300);
    expect(jobs.at(-1)?.delivery).toBe(events.at(-1)?.delivery.id);
    for (const close of closing.splice(0)) await close();

    await redis.client.flushdb();
    enqueuer = createEnqueuer(redis, { dedupeMs: 60_000, keepStoriesMs: 0 });
    await enqueuer.enqueue([deliveryOf(eventOf(20, { contact: contact(5) }))]);
    await work(async () => {}, { keepStoriesMs: 0 });
    await becomes(async () => expect(await redis.client.exists('{switchyard:0}:unsettled:routing')).toBe(0));
    expect(await stories.ofConversation(3, 20)).toEqual([]);
    expect(await redis.client.keys('*stor*')).toEqual([]);
  });

  test('drops what is older than it is to be kept, while newer things happen', async () => {
    await work(async () => {}, { keepStoriesMs: 400 });
    const finish = async (event: ChatwootEvent) => {
      await enqueuer.enqueue([deliveryOf(event)]);
      await becomes(async () =>
        expect(await redis.client.exists('{switchyard:0}:unsettled:routing')).toBe(0),
      );
    };
    const old = JSON.stringify([Date.now() - 500, 'discarded', 'routing', 'x']);
    const bucket = storyBucket('{switchyard:0}', 'v3-17');
    await redis.client.rpush(bucket, old, old);
    await finish(eventOf(17));
    expect(await redis.client.lrange(bucket, 0, -1)).not.toContain(old);
  });
});

describe('a dead job', () => {
  test('stands in the story with its error, survives a redrive, and is one job when that went well', async () => {
    const event = eventOf(17);
    const dead = createDeadJobs({ redis, shards: 1 });
    let broken = true;
    await enqueuer.enqueue([deliveryOf(event)]);
    await work(async (_event, { step }) => {
      await step('one', async () => 1);
      await step('two', async () => {
        if (broken) throw permanent();
      });
    });
    const error = { code: 'TEST_PERMANENT', message: 'never', step: 'two' };
    await becomes(async () => {
      expect(await redis.client.zcard('{switchyard:0}:routing:failed')).toBe(1);
      expect(await stories.ofConversation(3, 17)).toMatchObject([
        {
          state: 'dead',
          error,
          attempts: [{ ...error, next: 'dead', nextAt: null }],
          steps: [{ name: 'one', state: 'done', result: 1 }],
        },
      ]);
    });
    broken = false;
    expect(await dead.redrive({ filter: {} })).toMatchObject({ done: 1 });
    await becomes(async () => {
      expect(await stories.ofConversation(3, 17)).toMatchObject([
        { state: 'done', error: null, attempts: [{ code: 'TEST_PERMANENT', next: 'dead' }] },
      ]);
    });
  });

  test('that was redriven and waits is no longer dead; one that was discarded says so', async () => {
    const dead = createDeadJobs({ redis, shards: 1 });
    const [redriven, discarded] = [eventOf(17), eventOf(18)];
    await enqueuer.enqueue([redriven, discarded].map((event) => deliveryOf(event)));
    const close = await work(() => Promise.reject(permanent()));
    await becomes(async () => expect(await redis.client.zcard('{switchyard:0}:routing:failed')).toBe(2));
    await close();
    await dead.redrive({ job: { queue: 'routing', jobId: redriven.delivery.id } });
    expect(await stories.ofConversation(3, 17)).toMatchObject([
      { state: 'waiting', error: null, attempts: [{ code: 'TEST_PERMANENT' }] },
    ]);
    await dead.discard({ job: { queue: 'routing', jobId: discarded.delivery.id } });
    expect(await stories.ofConversation(3, 18)).toMatchObject([
      { state: 'dead', error: { code: 'TEST_PERMANENT' }, discardedAt: expect.any(Number) },
    ]);
  });
});

test('a job that was handed back by a stopping worker says so', async () => {
  const started = Promise.withResolvers<void>();
  await enqueuer.enqueue([deliveryOf(eventOf(17))]);
  const close = await work(
    async (_event, { step, signal }) => {
      await step('one', async () => 'kept');
      await step('two', async () => {
        started.resolve();
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        );
      });
    },
    { shutdownTimeoutMs: 2_050 },
  );
  await started.promise;
  await close();
  expect(await stories.ofConversation(3, 17)).toMatchObject([
    {
      state: 'waiting',
      attempts: [{ code: 'HANDED_BACK', next: 'handed-back', step: 'two', nextAt: null }],
      steps: [
        { name: 'one', state: 'done', result: 'kept' },
        { name: 'two', state: 'begun' },
      ],
    },
  ]);
});

describe('over shards', () => {
  test('a contact has its own lane’s jobs and its conversations, a delivery its jobs on all queues', async () => {
    await agreeOnShards(redis, 4);
    enqueuer = createEnqueuer(redis, { dedupeMs: 60_000, shards: 4 });
    stories = createStories({ redis, shards: 4 });
    const created = eventOf(17, { contact: contact(5) });
    const both = deliveryOf(created, 'routing', {
      jobs: [
        { queue: 'crm-sync', lane: 'c3-5' },
        { queue: 'routing', lane: 'v3-17' },
      ],
    });
    const changed = eventOf(0, { name: 'contact_updated', contact: contact(5), conversation: null });
    const ignored = eventOf(19, { contact: contact(6) });
    await enqueuer.enqueue([both, crmDelivery(changed), deliveryOf(ignored, 'routing', { jobs: [] })]);
    expect((await stories.ofDelivery(created.delivery.id))?.map(({ state }) => state)).toEqual([
      'waiting',
      'waiting',
    ]);
    expect(states(await stories.ofDelivery(changed.delivery.id))).toEqual([[changed.delivery.id, 'behind']]);

    await work(async () => {}, { shards: 4 });
    await work(async () => {}, { shards: 4, queue: 'crm-sync' });
    await becomes(async () => {
      const { jobs, conversations } = await stories.ofContact(3, 5);
      expect(states(jobs)).toEqual([
        [created.delivery.id, 'done'],
        [changed.delivery.id, 'done'],
      ]);
      expect(conversations).toEqual([17]);
      const its = (await stories.ofDelivery(created.delivery.id)) ?? [];
      expect(its.map(({ queue, state }) => [queue, state]).toSorted()).toEqual([
        ['crm-sync', 'done'],
        ['routing', 'done'],
      ]);
    });
    expect(states(await stories.ofDelivery(changed.delivery.id))).toEqual([[changed.delivery.id, 'done']]);
    expect(await stories.ofDelivery(ignored.delivery.id)).toEqual([]);
    expect(await stories.ofDelivery('never-seen')).toBeNull();
  });
});

test('a delivery that an older version remembered is found as long as BullMQ has its job', async () => {
  const event = eventOf(17);
  await enqueuer.enqueue([deliveryOf(event)]);
  await forgetSeen(redis, '{switchyard:0}');
  await redis.client.set(`{switchyard:0}:seen:d:${event.delivery.id}`, '1');
  expect(states(await stories.ofDelivery(event.delivery.id))).toEqual([[event.delivery.id, 'waiting']]);
  await redis.client.del(`{switchyard:0}:routing:${event.delivery.id}`);
  expect(await stories.ofDelivery(event.delivery.id)).toEqual([]);
});
