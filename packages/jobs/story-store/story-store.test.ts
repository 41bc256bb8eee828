import { randomUUID } from 'node:crypto';
import type { Message } from '@switchyard/chatwoot';
import { emptyRedis } from '@switchyard/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { createEnqueuer } from '../enqueue.ts';
import { createLanes } from '../lanes.ts';
import { connectRedis, type RedisConnection } from '../redis.ts';
import { createStories } from '../stories.ts';
import type { StoryJob } from '../story-job.ts';
import { packStory } from '../story-record.ts';
import { deliveryOf, eventOf } from '../testing-events.ts';
import { quietRuntime } from '../testing-survival.ts';
import { runWorker } from '../worker.ts';
import { STORY_BUCKETS, storyBucket } from './bucket.ts';
import { isEnded, packEnded, unpackEnded } from './ended.ts';
import { packOrigin, unpackOrigin } from './origin.ts';
import { shapeOf } from './shape.ts';
import { createStoryTrim } from './trim.ts';

const P = '{switchyard:0}';

/** One job as its story is told. */
function jobOf(over: Partial<StoryJob> = {}): StoryJob & { readonly endedAt: number } {
  const delivery = over.delivery ?? randomUUID();
  const receivedAt = 1_790_000_000_000;
  return {
    ...{
      delivery,
      jobId: delivery,
      queue: 'routing',
      lane: 'v3-17',
      event: 'message_created',
      source: 'default',
    },
    ...{ account: 3, conversation: 17, contact: 5, message: 99, receivedAt, startedAt: receivedAt + 12 },
    state: 'done',
    attempts: [],
    decision: { action: 'assign', reason: 'rule:vip-2', about: { team: 'VIP', priority: null, tries: 3 } },
    steps: [
      { name: 'assign-team', state: 'done', result: { team: 4, id: 'L-0042/17' }, at: receivedAt + 30 },
    ],
    error: null,
    ...over,
    endedAt: over.endedAt ?? receivedAt + 44,
  };
}

describe('a record', () => {
  test('gives back what was told, whatever it was', () => {
    const id = fc.option(fc.nat(2 ** 31 - 1));
    fc.assert(
      fc.property(
        fc.record({
          delivery: fc.oneof(
            fc.uuid(),
            fc.uuid().map((uuid) => `body-${uuid.replaceAll('-', '')}`),
          ),
          event: fc.constantFrom('message_created', 'contact_updated', 'webwidget_triggered', 'tést'),
          source: fc.constantFrom('default', 'sales', 'ünï'),
          ...{ account: id, conversation: id, contact: id, message: id },
          receivedAt: fc.integer({ min: 1_600_000_000_000, max: 2_500_000_000_000 }),
          wait: fc.integer({ min: -5_000, max: 10_000_000 }),
          shapeId: fc.nat(10_000),
          run: fc.integer({ min: -5_000, max: 10_000_000 }),
          about: fc.dictionary(
            fc.string({ minLength: 1 }).filter((name) => name !== '__proto__'),
            fc.oneof(
              fc.string(),
              fc.integer(),
              fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
              fc.boolean(),
              fc.constant(null),
            ),
            { maxKeys: 4 },
          ),
          result: fc.jsonValue({ maxDepth: 2 }).map((value): unknown => JSON.parse(JSON.stringify(value))),
        }),
        ({ wait, run, shapeId, about, result, ...over }) => {
          const startedAt = over.receivedAt + wait;
          const lane = `v${over.account ?? 0}-${over.conversation ?? 0}`;
          const job = jobOf({
            ...over,
            jobId: over.delivery,
            lane,
            startedAt,
            endedAt: startedAt + run,
            decision: {
              action: 'a1',
              reason: 'b 007',
              about: Object.fromEntries(
                Object.entries(about).map(([name, value]) => [name, Object.is(value, -0) ? 0 : value]),
              ),
            },
            steps: [{ name: 's', state: 'done', result, at: startedAt + 3 }],
          });
          const shaped = shapeOf(job);
          const origin = packOrigin({
            ...eventOf(1),
            name: job.event,
            account: job.account,
            delivery: { id: job.delivery, source: job.source, kind: 'account', receivedAt: job.receivedAt },
            conversation: job.conversation === null ? null : { ...conversation(), id: job.conversation },
            contact: job.contact === null ? null : { ...person(), id: job.contact },
            message: job.message === null ? null : { ...note(), id: job.message },
          });
          // What has no short form tells all by itself.
          fc.pre(shaped !== null && origin !== null);
          if (shaped === null || origin === null) return;
          const read = unpackEnded(packEnded(job, shapeId, shaped), shaped.shape, unpackOrigin(origin));
          expect(read).toEqual(job);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('in Redis', () => {
  let url: string;
  let redis: RedisConnection;
  const closing: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    url = await emptyRedis(inject('redisUrl'));
    redis = connectRedis({ url, log: quietRuntime().log, temper: 'patient' });
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    await redis.close();
  });

  const settled = () =>
    vi.waitFor(async () => expect(await redis.client.exists(`${P}:unsettled:routing`)).toBe(0), 20_000);

  async function work(): Promise<void> {
    const worker = await runWorker(
      {
        queue: 'routing',
        facts: async () => null,
        decide: () => ({ action: 'test', reason: 'because' }),
        steps: async (event, _decision, { step }) => {
          await step('one', async () => ({ id: event.conversation?.id }));
        },
      },
      {
        config: { redisUrl: url, concurrency: 1, shutdownTimeoutMs: 5_000 },
        runtime: quietRuntime(),
      },
    );
    closing.push(() => worker.close());
  }

  test('what is told often takes some bytes, and is read as what was told in full', async () => {
    const { enqueue } = createEnqueuer(redis, { dedupeMs: 3_600_000 });
    const events = Array.from({ length: 60 }, () => eventOf(17));
    await work();
    for (const event of events) {
      await enqueue([deliveryOf(event)]);
      await settled();
    }
    const records = await redis.client.lrangeBuffer(storyBucket(P, 'v3-17'), 0, -1);
    const ends = records.filter(isEnded);
    expect(ends.length).toBeGreaterThan(40);
    expect(Math.max(...ends.map((record) => record.length))).toBeLessThan(16);
    const jobs = await createStories({ redis }).ofConversation(3, 17);
    expect(jobs.map(({ delivery }) => delivery)).toEqual(events.map(({ delivery }) => delivery.id));
    for (const job of jobs) {
      expect(job).toMatchObject({ state: 'done', lane: 'v3-17', decision: { reason: 'because' } });
      expect(job.steps).toEqual([{ name: 'one', state: 'done', result: { id: 17 }, at: expect.any(Number) }]);
      expect((job.steps[0]?.at ?? 0) - job.receivedAt).toBeLessThan(20_000);
    }
  });

  test('jobs and stories that a version before left are told beside the new ones', async () => {
    const { enqueue } = createEnqueuer(redis, { dedupeMs: 3_600_000 });
    const { state, endedAt, ...former } = jobOf();
    const contactOf = { ...person(), id: 5 };
    await redis.client.rpush(`${P}:story:v3-17`, packStory({ ...former, state: 'done', endedAt }));
    await redis.client.zadd(`${P}:conversations:c3-5`, 1, '16');
    const waiting = eventOf(17, { contact: contactOf });
    await enqueue([deliveryOf(waiting)]);
    // Such a job does not say that its delivery is in the store, where it is not.
    const key = `${P}:routing:${waiting.delivery.id}`;
    await redis.client.hset(key, 'data', JSON.stringify({ lane: 'v3-17', event: waiting }));
    await redis.client.del(storyBucket(P, 'v3-17'));
    await work();
    await settled();
    const stories = createStories({ redis });
    const told = await stories.ofConversation(3, 17);
    expect(told.map(({ delivery }) => delivery).toSorted()).toEqual(
      [former.delivery, waiting.delivery.id].toSorted(),
    );
    expect((await stories.ofContact(3, 5)).conversations).toEqual([17, 16]);
  });

  test('stories take no more bytes than they may; the oldest go first', async () => {
    const mostBytes = 400_000;
    const { enqueue } = createEnqueuer(redis, { dedupeMs: 3_600_000 });
    const sent = Array.from({ length: 20_000 }, (_, index) => eventOf(index % 4_000));
    for (let at = 0; at < sent.length; at += 500)
      await enqueue(sent.slice(at, at + 500).map((event) => deliveryOf(event)));
    const used = async () => {
      const keys = await redis.client.keys(`${P}:stories:*`);
      const sizes = await Promise.all(keys.map((key) => redis.client.memory('USAGE', key)));
      return sizes.reduce<number>((sum, size) => sum + Number(size), 0);
    };
    expect(await used()).toBeGreaterThan(2 * mostBytes);
    const trim = createStoryTrim(redis, P, { keepMs: 3_600_000, mostBytes });
    for (let call = 0; call < STORY_BUCKETS / 8; call += 1) await trim();
    expect(await used()).toBeLessThan(1.1 * mostBytes);
    const bucket = storyBucket(P, 'v3-17');
    const left = (await redis.client.lrangeBuffer(bucket, 0, -1)).map(
      (record) => unpackOrigin(record).delivery,
    );
    expect(left).toContain(sent.findLast(({ conversation: its }) => its?.id === 17)?.delivery.id);
  });

  test('what is older than it is to be kept goes, and with it the contact’s conversations', async () => {
    const { enqueue } = createEnqueuer(redis, { dedupeMs: 3_600_000 });
    await enqueue([deliveryOf(eventOf(17, { contact: { ...person(), id: 5 } }))]);
    const trim = createStoryTrim(redis, P, { keepMs: 0, mostBytes: 1_000_000 });
    const later = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3 * 3_600_000);
    for (let call = 0; call < STORY_BUCKETS / 32; call += 1) await trim();
    later.mockRestore();
    expect(await redis.client.keys(`${P}:stor*`)).toEqual([]);
    await createLanes(redis, P).repair('routing');
  });
});

function conversation() {
  const { conversation: its } = eventOf(1);
  if (its === null) throw new Error('eventOf gives a conversation');
  return its;
}

function person() {
  return {
    ...{ id: 5, name: 'Ada Example', email: null, phone: null, identifier: null, blocked: false },
    ...{ customAttributes: {}, city: null, country: null },
  };
}

function note(): Message {
  return {
    ...{ id: 99, content: 'my secret', type: 'incoming', private: false, contentType: null, sender: null },
    ...{ createdAt: null, deleted: false, automated: false, marker: null, attachments: 0 },
  };
}
