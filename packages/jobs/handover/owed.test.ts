import { emptyRedis } from '@switchyard/testkit';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createEnqueuer } from '../enqueue.ts';
import { shardPrefix } from '../keys.ts';
import { createQueueSwitch } from '../queue-switch.ts';
import { connectRedis, type RedisConnection } from '../redis.ts';
import { agreeOnShards } from '../shard-agreement.ts';
import { deliveryOf, eventOf } from '../testing-events.ts';
import { quietRuntime, startWorker } from '../testing-survival.ts';
import { createHandoverClaims } from './claim.ts';
import { type HandoverOrder, handoverDelivery, readHandover } from './order.ts';
import { createOwedJobs } from './owed.ts';

const NONE = new Set<string>();

let url: string;
let redis: RedisConnection;
beforeEach(async () => {
  url = await emptyRedis(inject('redisUrl'));
  redis = connectRedis({ url, log: quietRuntime().log, temper: 'patient' });
});
afterEach(() => redis.close());

/** Enters a job of `routing` that was accepted then; returns its id. */
async function enter(conversation: number, receivedAt: number, shards = 1): Promise<string> {
  const event = eventOf(conversation);
  const delivery = { ...event.delivery, receivedAt };
  await createEnqueuer(redis, { dedupeMs: 60_000, shards }).enqueue([deliveryOf({ ...event, delivery })]);
  return delivery.id;
}

test('finds what was accepted before and has not ended: waiting, behind in its lane, and in its account’s line', async () => {
  const old = Date.now() - 60_000;
  const ids = [await enter(1, old), await enter(1, old + 1), await enter(1, old + 2)];
  // More lanes of one account than BullMQ is given at once.
  for (let lane = 100; lane < 305; lane += 1) ids.push(await enter(lane, old + lane));
  await enter(2, Date.now());
  const owed = createOwedJobs(redis, 1);

  const found = await owed.overdue('routing', Date.now() - 30_000, NONE);
  expect(found.map(({ jobId }) => jobId)).toEqual(ids);
  expect(found[1]?.event.conversation?.id).toBe(1);
  const rest = await owed.overdue('routing', Date.now() - 30_000, new Set(ids.slice(1)));
  expect(rest.map(({ jobId }) => jobId)).toEqual(ids.slice(0, 1));
});

test('finds them on every shard, in a queue that is paused too', async () => {
  await agreeOnShards(redis, 3);
  await createQueueSwitch({ redis, shards: 3 }).pause('routing');
  const ids = new Set<string>();
  for (let conversation = 1; conversation <= 12; conversation += 1)
    ids.add(await enter(conversation, 1_000, 3));
  const found = await createOwedJobs(redis, 3).overdue('routing', 2_000, NONE);
  expect(new Set(found.map(({ jobId }) => jobId))).toEqual(ids);
});

test('finds what died, and tells what became of a job', async () => {
  const owed = createOwedJobs(redis, 1);
  const [bad, good] = [await enter(1, Date.now()), await enter(2, Date.now())];
  expect(await owed.fate('routing', bad)).toBe('unsettled');
  const worker = await startWorker(
    (event) =>
      event.conversation?.id === 1
        ? Promise.reject(Object.assign(new Error('no'), { failure: 'permanent', code: 'NO' }))
        : Promise.resolve(),
    { redisUrl: url },
  );
  await expect.poll(() => owed.fate('routing', bad), { timeout: 20_000 }).toBe('dead');
  await expect.poll(() => owed.fate('routing', good), { timeout: 20_000 }).toBe('gone');
  await worker.close();

  expect((await owed.dead('routing', Date.now() - 60_000, NONE)).map(({ jobId }) => jobId)).toEqual([bad]);
  expect(await owed.dead('routing', Date.now() + 60_000, NONE)).toEqual([]);
  expect(await owed.dead('routing', Date.now() - 60_000, new Set([bad]))).toEqual([]);
});

test('an order is entered once, in the lane of its conversation, and read back as it was', async () => {
  const order: HandoverOrder = {
    ...{ cause: 'overdue', account: 3, conversation: 17, inbox: 12, contact: 5, message: 99, job: 'd-1' },
  };
  const enqueuer = createEnqueuer(redis, { dedupeMs: 60_000 });
  const delivery = handoverDelivery(order, Date.now());
  expect(delivery.jobs).toEqual([{ queue: 'handover', lane: 'v3-17' }]);
  expect(readHandover(delivery.event)).toEqual(order);
  const refused: HandoverOrder = { ...order, message: 100, undelivered: true };
  expect(readHandover(handoverDelivery(refused, Date.now()).event)).toEqual(refused);
  expect(readHandover(eventOf(17))).toBeNull();
  expect(await enqueuer.enqueue([delivery])).toEqual(['accepted']);
  // Found again, and by then for another cause.
  const again = handoverDelivery({ ...order, cause: 'dead' }, Date.now());
  expect(await enqueuer.enqueue([again])).toEqual(['duplicate-delivery']);
});

test('of bot-replies and the healer one claims a message; the healer takes it over from a job that nobody works on', async () => {
  const claims = createHandoverClaims(redis, 1);
  const handed = { account: 3, conversation: 17, message: 99 };
  const event = eventOf(17);
  expect(await claims.forBot(event, handed, 'bot-job')).toBe(true);
  expect(await claims.forBot(event, handed, 'bot-job')).toBe(true);
  const lock = `${shardPrefix(0)}:bot-replies:bot-job:lock`;
  await redis.client.set(lock, 'token');
  expect(await claims.forHealer(event, handed)).toBe(false);
  await redis.client.del(lock);
  expect(await claims.forHealer(event, handed)).toBe(true);
  expect(await claims.forBot(event, handed, 'bot-job')).toBe(false);
  expect(await claims.forBot(event, { ...handed, message: 100 }, 'other')).toBe(true);
});
