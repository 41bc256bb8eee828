import { emptyRedis } from '@switchyard/testkit';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { createActs } from './dead-acts.ts';
import { readDead } from './dead-job.ts';
import { createDeadJobs } from './dead-jobs.ts';
import type { DeadProgress } from './dead-run.ts';
import { ids, openYard, P, permanent, type Yard } from './dead-testing.ts';
import { shardPrefix } from './keys.ts';
import { eventOf } from './testing-events.ts';

let yard: Yard;
let other: Yard;

beforeAll(async () => {
  const url = await emptyRedis(inject('redisUrl'));
  yard = openYard(url);
  other = openYard(url);
});
beforeEach(() => yard.redis.client.flushdb());
afterEach(() => yard.stopWorkers());
afterAll(() => Promise.all([yard.close(), other.close()]));

const one = (jobId: string) => ({ job: { queue: 'routing', jobId } });
const crowd = (count: number, over: Parameters<typeof eventOf>[1] = {}) =>
  Array.from({ length: count }, (_, index) => eventOf(index, over));
const laneKeys = async () =>
  (await yard.redis.client.keys(`${P}:*`)).filter((key) =>
    /:(lanes|lane|admitted|line|unsettled):/.test(key),
  );

describe('a redrive', () => {
  test('takes one, then ten, then all, the oldest first, and says how far it is', async () => {
    const events = crowd(120);
    await yard.kill(events);
    const done: string[] = [];
    await yard.work(async (event) => void done.push(event.delivery.id));
    const [group] = await yard.dead.groups();
    const target = { fingerprint: group?.fingerprint ?? '' };
    const order = (await yard.dead.list({ limit: 500 })).jobs.map(({ jobId }) => jobId).toReversed();

    expect(await yard.dead.redrive(target, { limit: 1 })).toMatchObject({ done: 1, of: 120, ended: 'limit' });
    await yard.rest(119);
    expect(done).toEqual(order.slice(0, 1));
    expect(await yard.dead.redrive(target, { limit: 10 })).toMatchObject({
      done: 10,
      of: 119,
      ended: 'limit',
    });
    await yard.rest(109);
    expect(done.toSorted()).toEqual(order.slice(0, 11).toSorted());
    const told: DeadProgress[] = [];
    const result = await yard.dead.redrive(target, { onProgress: (progress) => told.push(progress) });
    expect(result).toEqual({
      done: 109,
      notDead: 0,
      unknown: 0,
      expired: 0,
      seen: 109,
      of: 109,
      ended: 'all',
    });
    expect(told.map((progress) => progress.done)).toEqual([25, 50, 75, 100, 109, 109]);
    await yard.rest(0);
    expect(done.toSorted()).toEqual(ids(events).toSorted());
    expect(await laneKeys()).toEqual([]);
  });

  test('of a filter takes what it means and leaves the rest', async () => {
    await yard.kill([...crowd(5), ...crowd(4, { account: 8 })]);
    expect(await yard.dead.redrive({ filter: { account: 8 } })).toMatchObject({ done: 4, ended: 'all' });
    await yard.work(async () => {});
    await yard.rest(5);
  });

  test('stops when it is told to, between two batches', async () => {
    await yard.kill(crowd(60));
    const stop = new AbortController();
    const options = { signal: stop.signal, onProgress: () => stop.abort() };
    expect(await yard.dead.redrive({ filter: {} }, options)).toMatchObject({ done: 25, ended: 'aborted' });
    expect((await yard.dead.summary()).routing?.count).toBe(35);
  });

  test('takes a job that dies again only once, and it is known to have been redriven', async () => {
    await yard.kill(crowd(60));
    let attempts = 0;
    await yard.work(async () => {
      attempts += 1;
      throw permanent('still');
    });
    expect(await yard.dead.redrive({ filter: {} })).toMatchObject({ done: 60, ended: 'all' });
    await yard.rest(60);
    expect(attempts).toBe(60);
    const { jobs } = await yard.dead.list({ limit: 100 });
    for (const job of jobs) expect(job.redrivenAt).toBeGreaterThan(job.acceptedAt ?? 0);
  });
});

describe('a redriven job', () => {
  test('skips its finished steps with their results, and confirms the one of unknown outcome', async () => {
    const event = eventOf(1);
    const performed: string[] = [];
    const results: unknown[] = [];
    let healed = false;
    await yard.enqueue(event);
    await yard.work(async (_event, { step }) => {
      results.push(await step('label', async () => performed.push('label')));
      await step(
        'send',
        async () => {
          performed.push('send');
          throw new TypeError('broke off'); // Of no class: it may have happened.
        },
        { confirm: async () => (healed ? { done: true, result: undefined } : { done: false }) },
      );
    });
    await yard.rest(1);
    const tries = performed.filter((name) => name === 'send').length;
    healed = true;
    await yard.dead.redrive(one(event.delivery.id));
    await yard.rest(0);
    expect(performed.filter((name) => name === 'label')).toHaveLength(1);
    expect(performed.filter((name) => name === 'send')).toHaveLength(tries);
    expect(new Set(results)).toEqual(new Set([1]));
  });

  test('keeps its id and its event to the letter, and counts its age anew', async () => {
    const event = eventOf(1, {
      changes: { empty: { from: [], to: {} }, at: { from: 0.1234567891234567, to: 'ä😀' } },
    });
    await yard.kill([event]);
    const before = Date.now();
    await yard.dead.redrive(one(event.delivery.id));
    const raw = await yard.redis.client.hget(`${P}:routing:${event.delivery.id}`, 'data');
    const { since, ...data } = JSON.parse(raw ?? '');
    expect(data).toEqual({ lane: 'v3-1', origin: 1, event });
    expect(since).toBeGreaterThanOrEqual(before);
    const [, waitingSince] = await yard.redis.client.zrange(`${P}:unsettled:routing`, '0', '0', 'WITHSCORES');
    expect(Number(waitingSince)).toBe(since);
  });

  test('goes to the tail of its lane, which stays in order and one at a time', async () => {
    const [dead, ...live] = Array.from({ length: 8 }, () => eventOf(1));
    if (dead === undefined) throw new Error('no event');
    await yard.kill([dead]);
    await yard.enqueue(...live.slice(0, 4));
    await yard.dead.redrive(one(dead.delivery.id));
    await yard.enqueue(...live.slice(4));
    const done: string[] = [];
    let inHand = 0;
    const steps = async (event: { delivery: { id: string } }) => {
      inHand += 1;
      expect(inHand).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 3));
      inHand -= 1;
      done.push(event.delivery.id);
    };
    await Promise.all([yard.work(steps), yard.work(steps)]);
    await yard.rest(0);
    expect(done).toEqual(ids([...live.slice(0, 4), dead, ...live.slice(4)]));
    expect(await laneKeys()).toEqual([]);
  });
});

describe('live jobs', () => {
  test('go before redriven ones, also of an account whose ten thousand are being redriven', async () => {
    const dead = crowd(1_000);
    await yard.kill(dead);
    expect(await yard.dead.redrive({ filter: {} })).toMatchObject({ done: 1_000 });
    const live = Array.from({ length: 300 }, (_, index) => eventOf(5_000 + index));
    await yard.enqueue(...live);
    const done: string[] = [];
    await yard.work(async (event) => void done.push(event.delivery.id), { concurrency: 1 });
    await yard.rest(0);
    expect(done).toHaveLength(1_300);
    expect(done.slice(0, 300).toSorted()).toEqual(ids(live).toSorted());
    expect(await laneKeys()).toEqual([]);
  });

  test('are not held up behind the redriven ones of their own lane', async () => {
    const [first, second] = [eventOf(1), eventOf(1)];
    await yard.kill([first, second, ...crowd(50).slice(10)]);
    await yard.dead.redrive({ filter: { account: 3 } });
    const follower = eventOf(1);
    await yard.enqueue(follower);
    const done: string[] = [];
    await yard.work(async (event) => void done.push(event.delivery.id), { concurrency: 1 });
    await yard.rest(0);
    expect(done.slice(0, 3)).toEqual(ids([first, second, follower]));
    expect(done).toHaveLength(43);
  });
});

test('jobs on several shards are one list, and each goes back to a lane of its own shard', async () => {
  const dead = createDeadJobs({ redis: yard.redis, shards: 3 });
  const events = crowd(30);
  for (const [at, event] of events.entries()) {
    const [prefix, id] = [shardPrefix(at % 3), event.delivery.id];
    const data = JSON.stringify({ lane: `v3-${at}`, event });
    await yard.redis.client.hset(`${prefix}:routing:${id}`, { name: event.name, data, failedReason: 'X: y' });
    await yard.redis.client.zadd(`${prefix}:routing:failed`, Date.now() - 1_000 + at, id);
  }
  expect((await dead.list({ limit: 50 })).jobs.map(({ jobId }) => jobId)).toEqual(ids(events).toReversed());
  expect((await dead.groups()).map(({ count }) => count)).toEqual([30]);
  expect(await dead.redrive(one(events[1]?.delivery.id ?? ''))).toMatchObject({
    done: 1,
    notDead: 0,
    unknown: 0,
  });
  expect(await dead.redrive(one(events[1]?.delivery.id ?? ''))).toMatchObject({
    done: 0,
    notDead: 1,
    unknown: 0,
  });
  expect(await dead.redrive({ filter: {} })).toMatchObject({ done: 29, of: 29 });
  const waiting = [0, 1, 2].map((shard) =>
    yard.redis.client.zcard(`${shardPrefix(shard)}:routing:prioritized`),
  );
  expect(await Promise.all(waiting)).toEqual([10, 10, 10]);
});

describe('what is not dead', () => {
  test('two redrives at once revive each job once', async () => {
    await yard.kill(crowd(150));
    const [mine, theirs] = await Promise.all(
      [yard.dead, other.dead].map((dead) => dead.redrive({ filter: {} })),
    );
    expect((mine?.done ?? 0) + (theirs?.done ?? 0)).toBe(150);
    const done: string[] = [];
    await yard.work(async (event) => void done.push(event.delivery.id));
    await yard.rest(0);
    expect(done).toHaveLength(150);
    expect(new Set(done).size).toBe(150);
  });

  test.each(['redrive', 'discard'] as const)(
    'a script that is run again (%s) changes nothing',
    async (act) => {
      const events = crowd(3);
      await yard.kill(events);
      const { jobs } = await yard.dead.list({ limit: 3 });
      const records = await readDead(yard.redis.client, jobs);
      const acts = createActs(yard.redis);
      const dump = async () => {
        const keys = (await yard.redis.client.keys(`${P}:*`)).toSorted();
        return Promise.all(keys.map(async (key) => [key, await yard.redis.client.dumpBuffer(key)]));
      };
      expect(await acts[act](records)).toEqual(['done', 'done', 'done']);
      const once = await dump();
      const again = act === 'redrive' ? 'not-dead' : 'unknown';
      expect(await acts[act](records)).toEqual([again, again, again]);
      expect(await dump()).toEqual(once);
    },
  );

  test('running, waiting and following jobs are not dead; one that is done is as unknown as an id nobody knows', async () => {
    const [running, following, finished] = [eventOf(1), eventOf(1), eventOf(2)];
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    await yard.enqueue(running, following, finished);
    await yard.work(async (event) => {
      if (event === running || event.delivery.id !== running.delivery.id) return;
      started.resolve();
      await finish.promise;
    });
    await started.promise;
    await expect.poll(() => yard.redis.client.zcard(`${P}:unsettled:routing`)).toBe(2);
    for (const event of [running, following]) {
      for (const act of [yard.dead.redrive, yard.dead.discard]) {
        expect(await act(one(event.delivery.id))).toMatchObject({ done: 0, notDead: 1, unknown: 0 });
      }
    }
    expect(await yard.dead.redrive(one('nobody'))).toMatchObject({ done: 0, notDead: 0, unknown: 1 });
    finish.resolve();
    await yard.rest(0);
  });
});

describe('a discard', () => {
  test('removes jobs and their ledgers for good, and leaves the others', async () => {
    await yard.kill([...crowd(40), ...crowd(5, { account: 8 })]);
    expect(await yard.dead.discard({ filter: { account: 3 } }, { limit: 30 })).toMatchObject({
      done: 30,
      ended: 'limit',
    });
    expect(await yard.dead.discard({ filter: { account: 3 } })).toMatchObject({ done: 10, ended: 'all' });
    expect((await yard.dead.list({ limit: 100 })).jobs.map(({ account }) => account)).toEqual([
      8, 8, 8, 8, 8,
    ]);
    expect(await yard.redis.client.keys(`${P}:ledger:routing:*`)).toHaveLength(5);
    const bull = new Queue('routing', { connection: yard.redis.client, prefix: P });
    expect(await bull.getJobCounts('failed', 'wait', 'active', 'prioritized')).toEqual({
      failed: 5,
      wait: 0,
      active: 0,
      prioritized: 0,
    });
    await bull.close();
  });
});
