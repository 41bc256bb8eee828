import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '@switchyard/telemetry';
import { emptyRedis } from '@switchyard/testkit';
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { createEnqueuer, type PlannedDelivery } from '../enqueue.ts';
import { connectRedis, type RedisConnection } from '../redis.ts';
import { deliveryOf, eventOf } from '../testing-events.ts';
import { createRecall } from './recall.ts';

const P = '{switchyard:0}';
let redis: RedisConnection;

beforeAll(async () => {
  const url = await emptyRedis(inject('redisUrl'));
  redis = connectRedis({ url, log: createLogger({ app: 'test', level: 'silent' }), temper: 'patient' });
});
beforeEach(() => redis.client.flushdb());
afterAll(() => redis.close());

const enqueuer = (dedupeMs = 3_600_000) => createEnqueuer(redis, { dedupeMs });
const buckets = () => redis.client.keys(`${P}:seen:*`);

/** Events that no queue wants, so that nothing is there but what is remembered of them. */
function many(count: number): PlannedDelivery[] {
  return Array.from({ length: count }, (_, index) => {
    const { delivery, ...event } = eventOf(index);
    return deliveryOf({ ...event, delivery: { ...delivery, id: randomUUID() } }, '', {
      jobs: [],
      semanticKey: randomUUID(),
    });
  });
}

test('what a version before remembered is known until it runs out', async () => {
  const known = ['d', 's', 'r'].map((kind) => `${P}:seen:${kind}:old`);
  for (const key of known) await redis.client.set(key, 1, 'PX', 60_000);
  const { delivery, ...event } = eventOf(1);
  const old = deliveryOf({ ...event, delivery: { ...delivery, id: 'old' } });
  const others = [
    deliveryOf(eventOf(2), 'routing', { semanticKey: 'old' }),
    deliveryOf(eventOf(3), 'routing', { replayKey: 'old' }),
  ];
  const answers = ['duplicate-delivery', 'duplicate-semantic', 'duplicate-replay'];
  // The new format is in use already.
  expect(await enqueuer().enqueue([deliveryOf(eventOf(9))])).toEqual(['accepted']);
  expect(await enqueuer().enqueue([old, ...others])).toEqual(answers);
  await redis.client.del(...known);
  const again = others.map(({ semanticKey, replayKey }, index) =>
    deliveryOf(eventOf(index), 'routing', { semanticKey, replayKey }),
  );
  expect(await enqueuer().enqueue([old, ...again])).toEqual(['accepted', 'accepted', 'accepted']);
});

test('an event that a version before knew on one queue gets its job on another, once', async () => {
  const first = deliveryOf(eventOf(1), 'routing', { semanticKey: 'same' });
  expect(await enqueuer().enqueue([first])).toEqual(['accepted']);
  const mask = await createRecall(redis)(P, 's:same');
  for (const key of await buckets()) await redis.client.del(key);
  await redis.client.set(`${P}:seen:s:same`, mask ?? '', 'PX', 60_000);
  const jobs = ['routing', 'bot-replies'].map((queue) => ({ queue, lane: 'v3-1' }));
  const copies = [1, 2].map(() => deliveryOf(eventOf(1), '', { jobs, semanticKey: 'same' }));
  expect(await enqueuer().enqueue(copies)).toEqual(['accepted', 'duplicate-semantic']);
  expect(await redis.client.llen(`${P}:bot-replies:wait`)).toBe(1);
  expect(await redis.client.pttl(`${P}:seen:s:same`)).toBeGreaterThan(50_000);
});

test('each delivery is known for the whole of its time, and no key is left of any soon after', async () => {
  const keepMs = 1_500;
  const { enqueue } = enqueuer(keepMs);
  const sent: { readonly delivery: PlannedDelivery; readonly at: number }[] = [];
  const begun = performance.now();
  let looks = 0;
  while (performance.now() - begun < 2 * keepMs) {
    const at = performance.now();
    const [delivery] = many(1);
    if (delivery === undefined) throw new Error('none was made');
    await enqueue([delivery]);
    sent.push({ delivery, at });
    for (const one of sent) {
      const [answer] = await enqueue([one.delivery]);
      if (performance.now() - one.at > keepMs) continue;
      expect(answer).toBe('duplicate-delivery');
      looks += 1;
    }
    await sleep(60);
  }
  expect(looks).toBeGreaterThan(100);
  await vi.waitFor(async () => expect(await buckets()).toEqual([]), { timeout: 5_000 });
});

test('however many come, all are known, and Redis packs every bucket', { timeout: 60_000 }, async () => {
  const all = many(20_000);
  const { enqueue } = enqueuer();
  for (let at = 0; at < all.length; at += 500) await enqueue(all.slice(at, at + 500));
  const encodings = await Promise.all((await buckets()).map((key) => redis.client.object('ENCODING', key)));
  expect(new Set(encodings)).toEqual(new Set(['listpack']));
  for (let at = 0; at < all.length; at += 500) {
    const answers = await enqueue(all.slice(at, at + 500));
    expect(new Set(answers)).toEqual(new Set(['duplicate-delivery']));
  }
  const copies = all.map((one) => deliveryOf(eventOf(1), '', { jobs: [], semanticKey: one.semanticKey }));
  for (let at = 0; at < copies.length; at += 500)
    expect(new Set(await enqueue(copies.slice(at, at + 500)))).toEqual(new Set(['duplicate-semantic']));
});

test('a longer time to remember holds from the first delivery on', async () => {
  await enqueuer(60_000).enqueue(many(1));
  const [longer] = many(1);
  if (longer === undefined) throw new Error('none was made');
  await enqueuer(3_600_000).enqueue([longer]);
  const ttls = await Promise.all((await buckets()).map((key) => redis.client.pttl(key)));
  expect(Math.max(...ttls)).toBeGreaterThan(3_590_000);
});
