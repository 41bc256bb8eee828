import { createLogger } from '@switchyard/telemetry';
import { emptyRedis } from '@switchyard/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { forgetSeen, seenTtl } from './dedupe/testing-seen.ts';
import { createEnqueuer, type Enqueuer } from './enqueue.ts';
import { connectRedis, type RedisConnection } from './redis.ts';
import { deliveryOf, eventOf } from './testing-events.ts';

let redis: RedisConnection;
let enqueuer: Enqueuer;
const P = '{switchyard:0}';

beforeAll(async () => {
  const url = await emptyRedis(inject('redisUrl'));
  redis = connectRedis({ url, log: createLogger({ app: 'test', level: 'silent' }), temper: 'patient' });
  enqueuer = createEnqueuer(redis, { dedupeMs: 60_000 });
});
beforeEach(() => redis.client.flushdb());
afterAll(() => redis.close());

const waiting = (queue: string) => redis.client.lrange(`${P}:${queue}:wait`, '0', '-1');
const followers = (queue: string, lane: string) => redis.client.llen(`${P}:lane:${queue}:${lane}`);

describe('enqueue', () => {
  test('puts one job of a delivery on each planned queue, its id from the delivery id', async () => {
    const event = eventOf(1);
    const delivery = deliveryOf(event, '', {
      jobs: [
        { queue: 'crm-sync', lane: 'c3-7' },
        { queue: 'routing', lane: 'v3-1' },
      ],
    });
    expect(await enqueuer.enqueue([delivery])).toEqual(['accepted']);
    expect(await waiting('crm-sync')).toEqual([event.delivery.id]);
    expect(await waiting('routing')).toEqual([event.delivery.id]);
    expect(await waiting('bot-replies')).toEqual([]);
  });

  test('adds nothing when the same delivery comes again, in the same batch or later', async () => {
    const delivery = deliveryOf(eventOf(1));
    expect(await enqueuer.enqueue([delivery, delivery])).toEqual(['accepted', 'duplicate-delivery']);
    expect(await enqueuer.enqueue([delivery])).toEqual(['duplicate-delivery']);
    expect(await waiting('routing')).toHaveLength(1);
    expect(await followers('routing', 'v3-1')).toBe(0);
  });

  test('knows an event by what it says, under another delivery id and from another source', async () => {
    const first = deliveryOf(eventOf(1), 'routing', { semanticKey: 'same' });
    const copy = deliveryOf(eventOf(1), 'routing', { semanticKey: 'same' });
    const other = deliveryOf(eventOf(1), 'routing', { semanticKey: 'other' });
    expect(await enqueuer.enqueue([first, copy, other])).toEqual([
      'accepted',
      'duplicate-semantic',
      'accepted',
    ]);
  });

  test('a second copy of an event that wants one queue more adds it there, and nowhere else', async () => {
    const [first, copy, third] = [eventOf(1), eventOf(1), eventOf(1)];
    const routing = { queue: 'routing', lane: 'v3-1' };
    const bot = { queue: 'bot-replies', lane: 'v3-1' };
    const planned = (event: typeof first, jobs: (typeof routing)[]) =>
      deliveryOf(event, '', { jobs, semanticKey: 'same' });
    expect(await enqueuer.enqueue([planned(first, [routing]), planned(copy, [routing, bot])])).toEqual([
      'accepted',
      'accepted',
    ]);
    expect(await waiting('routing')).toEqual([first.delivery.id]);
    expect(await waiting('bot-replies')).toEqual([copy.delivery.id]);
    expect(await followers('routing', 'v3-1')).toBe(0);
    expect(await enqueuer.enqueue([planned(third, [bot]), planned(eventOf(1), [routing, bot])])).toEqual([
      'duplicate-semantic',
      'duplicate-semantic',
    ]);
    expect(await seenTtl(redis, P)).toBeGreaterThan(50_000);
  });

  test('takes an event that a version before knew for one that all queues have', async () => {
    await redis.client.set(`${P}:seen:s:old`, 1, 'PX', 60_000);
    expect(await enqueuer.enqueue([deliveryOf(eventOf(1), 'routing', { semanticKey: 'old' })])).toEqual([
      'duplicate-semantic',
    ]);
  });

  test('knows a captured request sent again under a fresh delivery id', async () => {
    const first = deliveryOf(eventOf(1), 'routing', { replayKey: 'sha256=aa' });
    const replayed = deliveryOf(eventOf(1), 'routing', { replayKey: 'sha256=aa' });
    expect(await enqueuer.enqueue([first])).toEqual(['accepted']);
    expect(await enqueuer.enqueue([replayed])).toEqual(['duplicate-replay']);
  });

  test('still knows a delivery after its finished job was removed, until the window is over', async () => {
    const delivery = deliveryOf(eventOf(1));
    await enqueuer.enqueue([delivery]);
    await redis.client.del(
      `${P}:routing:${delivery.event.delivery.id}`,
      `${P}:routing:wait`,
      `${P}:lanes:routing`,
    );
    expect(await enqueuer.enqueue([delivery])).toEqual(['duplicate-delivery']);
    expect(await seenTtl(redis, P)).toBeGreaterThan(50_000);
    await forgetSeen(redis, P);
    expect(await enqueuer.enqueue([delivery])).toEqual(['accepted']);
  });

  test('a delivery that can not be entered is refused, not taken for seen, and harms no other', async () => {
    const [good, bad] = [
      deliveryOf(eventOf(1)),
      deliveryOf(eventOf(2), 'routing', { semanticKey: 'x', replayKey: 'y' }),
    ];
    await redis.client.set(`${P}:lanes:routing`, 'not ours');
    await expect(enqueuer.enqueue([bad])).rejects.toMatchObject({ code: 'QUEUE_BROKEN' });
    await redis.client.del(`${P}:lanes:routing`);
    expect(await enqueuer.enqueue([good, bad])).toEqual(['accepted', 'accepted']);
  });

  test.each(['lanes:routing', 'routing:wait', 'routing:events', 'lane:routing:v3-1'])(
    'a delivery for two queues enters neither when %s of the second is not ours',
    async (key) => {
      const delivery = deliveryOf(eventOf(1), '', {
        jobs: [
          { queue: 'crm-sync', lane: 'c3-7' },
          { queue: 'routing', lane: 'v3-1' },
        ],
      });
      await redis.client.set(`${P}:${key}`, 'not ours');
      const before = await redis.client.dbsize();
      for (let offer = 0; offer < 3; offer += 1) {
        await expect(enqueuer.enqueue([delivery])).rejects.toMatchObject({
          code: key.startsWith('lane:') ? 'DELIVERY_REFUSED' : 'QUEUE_BROKEN',
          message: expect.stringContaining(`${P}:${key}`),
        });
      }
      expect(await redis.client.dbsize()).toBe(before);
      await redis.client.del(`${P}:${key}`);
      expect(await enqueuer.enqueue([delivery])).toEqual(['accepted']);
      expect([await followers('crm-sync', 'c3-7'), await waiting('crm-sync')]).toEqual([
        0,
        [delivery.event.delivery.id],
      ]);
    },
  );

  test('knows a copy without a semantic key by its signature for as long as by its delivery id', async () => {
    await enqueuer.enqueue([deliveryOf(eventOf(1), 'routing', { replayKey: 'sha256=bb' })]);
    expect(await seenTtl(redis, P)).toBeGreaterThan(50_000);
  });

  test('gives BullMQ one job of a lane; the others wait behind it in order', async () => {
    const [a, b, c] = [deliveryOf(eventOf(5)), deliveryOf(eventOf(5)), deliveryOf(eventOf(5))];
    const elsewhere = deliveryOf(eventOf(6));
    await enqueuer.enqueue([a, b, elsewhere, c]);
    expect(await waiting('routing')).toEqual([elsewhere.event.delivery.id, a.event.delivery.id]);
    expect(await followers('routing', 'v3-5')).toBe(2);
    expect(await redis.client.zcard(`${P}:unsettled:routing`)).toBe(4);
  });

  test('accepts each of many deliveries exactly once, however they are mixed and batched', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        async (picks, size) => {
          await redis.client.flushdb();
          const pool = Array.from({ length: 10 }, (_, index) => deliveryOf(eventOf(index % 3)));
          const sent = picks.flatMap((pick) => pool[pick] ?? []);
          const answers: string[] = [];
          for (let at = 0; at < sent.length; at += size)
            answers.push(...(await enqueuer.enqueue(sent.slice(at, at + size))));
          const distinct = new Set(sent.map((one) => one.event.delivery.id));
          expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(distinct.size);
          expect(new Set(await redis.client.zrange(`${P}:unsettled:routing`, '0', '-1'))).toEqual(distinct);
        },
      ),
      { numRuns: 30 },
    );
  });
});
