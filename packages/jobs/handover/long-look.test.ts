import { emptyRedis } from '@switchyard/testkit';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createEnqueuer } from '../enqueue.ts';
import { createQueueSwitch } from '../queue-switch.ts';
import { connectRedis, type RedisConnection } from '../redis.ts';
import { deliveryOf, eventOf } from '../testing-events.ts';
import { quietRuntime } from '../testing-survival.ts';
import { createLongLook } from './long-look.ts';
import { createOwedJobs } from './owed.ts';

const NONE = new Set<string>();
const ALL = ['-inf', '+inf'] as const;

let redis: RedisConnection;
beforeEach(async () => {
  redis = connectRedis({
    url: await emptyRedis(inject('redisUrl')),
    log: quietRuntime().log,
    temper: 'patient',
  });
});
afterEach(() => redis.close());

async function fill(members: number): Promise<void> {
  const all = Array.from({ length: members }, (_, score) => [score, `job-${score}`]).flat();
  for (let from = 0; from < all.length; from += 20_000) {
    await redis.client.zadd('{switchyard:0}:set', ...all.slice(from, from + 20_000));
  }
}

test('of a backlog longer than one look the rest is found by the next looks', async () => {
  await createQueueSwitch({ redis }).pause('routing');
  const enqueuer = createEnqueuer(redis, { dedupeMs: 60_000 });
  const backlog = 5_200;
  const old = Date.now() - 600_000;
  for (let from = 0; from < backlog; from += 200) {
    const some = Array.from({ length: 200 }, (_, at) => {
      const event = eventOf(from + at + 1);
      return deliveryOf({ ...event, delivery: { ...event.delivery, receivedAt: old + from + at } });
    });
    await enqueuer.enqueue(some);
  }
  const owed = createOwedJobs(redis, 1);
  const known = new Set<string>();
  for (let look = 0; look < 2; look += 1) {
    for (const { jobId } of await owed.overdue('routing', Date.now() - 300_000, known)) known.add(jobId);
  }
  expect(known.size).toBe(backlog);
}, 60_000);

test('what is known hides nothing behind it, however much it is', async () => {
  await fill(60_500);
  const known = new Set(Array.from({ length: 60_000 }, (_, score) => `job-${score}`));
  const look = createLongLook(redis.client);
  // Two looks are one time round: the first ends after 50 000.
  const found = [
    ...(await look('{switchyard:0}:set', ALL, known)),
    ...(await look('{switchyard:0}:set', ALL, known)),
  ];
  expect(found).toHaveLength(500);
});

test('a look that nobody remembers goes on all the same, and begins again after the last', async () => {
  await fill(7_000);
  const look = createLongLook(redis.client);
  const first = await look('{switchyard:0}:set', ALL, NONE);
  const second = await look('{switchyard:0}:set', ALL, NONE);
  expect(new Set([...first, ...second]).size).toBe(7_000);
  expect(await look('{switchyard:0}:set', ALL, NONE)).toEqual(first);
});
