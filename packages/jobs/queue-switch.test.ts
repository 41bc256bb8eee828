import { emptyRedis } from '@switchyard/testkit';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { createQueueSwitch } from './queue-switch.ts';
import { agreeOnShards } from './shard-agreement.ts';
import { deliveryOf, eventOf } from './testing-events.ts';
import { createTraffic, startWorker, type Traffic } from './testing-survival.ts';

let url: string;
let traffic: Traffic;

beforeEach(async () => {
  url = await emptyRedis(inject('redisUrl'));
  traffic = createTraffic(url, { shards: 2 });
});
afterEach(() => traffic.close());

test('a paused queue starts nothing on any shard, also what is accepted meanwhile, until it is resumed', async () => {
  const { redis } = traffic;
  await agreeOnShards(redis, 2);
  const queueSwitch = createQueueSwitch({ redis, shards: 2 });
  const worker = await startWorker(traffic.work, { redisUrl: url, shards: 2 });
  await traffic.untilDone(await traffic.send(4), 20_000);

  expect(await queueSwitch.paused('routing')).toBe(false);
  await queueSwitch.pause('routing');
  await queueSwitch.pause('routing');
  expect(await queueSwitch.paused('routing')).toBe(true);
  expect(await queueSwitch.paused('crm-sync')).toBe(false);
  const ids = await traffic.send(24);
  // Where BullMQ looks for them when it goes on; with followers behind them.
  for (const shard of [0, 1]) {
    const waiting = await redis.client.llen(`{switchyard:${shard}}:routing:wait`);
    expect(waiting).toBe(await redis.client.hlen(`{switchyard:${shard}}:lanes:routing`));
    expect(waiting).toBeGreaterThan(0);
  }
  expect(ids.filter((id) => traffic.done.has(id))).toEqual([]);

  await queueSwitch.resume('routing');
  expect(await queueSwitch.paused('routing')).toBe(false);
  await traffic.untilDone(ids, 20_000);
  expect(traffic.disorder()).toEqual([]);
  await worker.close();
});

test('a job in hand when its queue is paused is finished, and its follower waits', async () => {
  const { redis } = traffic;
  const queueSwitch = createQueueSwitch({ redis });
  await agreeOnShards(redis, 1);
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const done: string[] = [];
  const [first, second] = [eventOf(1), eventOf(1)];
  const one = createTraffic(url);
  await one.enqueuer.enqueue([first, second].map((event) => deliveryOf(event)));
  const worker = await startWorker(
    async (event) => {
      started.resolve();
      await finish.promise;
      done.push(event.delivery.id);
    },
    { redisUrl: url },
  );
  await started.promise;
  await queueSwitch.pause('routing');
  finish.resolve();
  await vi.waitFor(async () => {
    expect(await redis.client.hget('{switchyard:0}:lanes:routing', 'v3-1')).toBe(second.delivery.id);
    expect(await redis.client.llen('{switchyard:0}:routing:active')).toBe(0);
  }, 20_000);
  expect(done).toEqual([first.delivery.id]);
  await queueSwitch.resume('routing');
  await vi.waitFor(() => expect(done).toEqual([first.delivery.id, second.delivery.id]), 20_000);
  await worker.close();
  await one.close();
});

test('a queue paused on one shard alone counts as paused, and a name that is no queue’s is refused', async () => {
  const queueSwitch = createQueueSwitch({ redis: traffic.redis, shards: 2, queues: ['routing', 'own'] });
  await createQueueSwitch({ redis: traffic.redis, shards: 1, queues: ['own'] }).pause('own');
  expect(await queueSwitch.paused('own')).toBe(true);
  await queueSwitch.resume('own');
  expect(await queueSwitch.paused('own')).toBe(false);
  await expect(queueSwitch.pause('crm-sync')).rejects.toThrow('no queue "crm-sync"; there are: routing, own');
});
