import { emptyRedis } from '@switchyard/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { DeadJob } from './dead-job.ts';
import type { DeadPageRequest } from './dead-list.ts';
import { ids, openYard, P, permanent, type Yard } from './dead-testing.ts';
import { createRecall } from './dedupe/recall.ts';
import { createLanes } from './lanes.ts';
import { eventOf } from './testing-events.ts';

let yard: Yard;
let url: string;

beforeAll(async () => {
  url = await emptyRedis(inject('redisUrl'));
  yard = openYard(url);
});
beforeEach(() => yard.redis.client.flushdb());
afterEach(() => yard.stopWorkers());
afterAll(() => yard.close());

async function pages(request: DeadPageRequest): Promise<DeadJob[][]> {
  const found: DeadJob[][] = [];
  let cursor: string | null = null;
  do {
    const page = await yard.dead.list({ ...request, cursor });
    found.push([...page.jobs]);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

/** Dead jobs as a worker leaves them, without the time it takes to kill them. */
async function bury(count: number, diedAt: (index: number) => number): Promise<void> {
  const pipeline = yard.redis.client.pipeline();
  for (let index = 0; index < count; index += 1) {
    const event = eventOf(index, { account: index % 3 });
    const id = event.delivery.id;
    const data = JSON.stringify({ lane: `v${index % 3}-${index}`, event });
    pipeline.hset(`${P}:routing:${id}`, {
      name: event.name,
      data,
      failedReason: 'X: y',
      timestamp: 1,
      atm: 1,
    });
    const outcome = { kind: 'dead', code: `CODE_${index % 2}`, message: `no team ${index}`, step: 'assign' };
    pipeline.hset(`${P}:ledger:routing:${id}`, '=outcome', JSON.stringify(outcome));
    pipeline.zadd(`${P}:routing:failed`, diedAt(index), id);
  }
  await pipeline.exec();
}

describe('the list', () => {
  test('says of a dead job what it was, why and where it died, and nothing a customer wrote', async () => {
    const message = {
      id: 9,
      content: 'my card is 4111',
      type: 'incoming' as const,
      private: false,
      contentType: 'text',
      sender: { kind: 'contact' as const, id: 1, name: 'Ada Secret' },
      createdAt: null,
      deleted: false,
      automated: false,
      marker: null,
      attachments: 0,
    };
    const event = eventOf(17, { message });
    await yard.enqueue(event);
    await yard.work(async (_event, { step }) => {
      await step('label', async () => 'labelled');
      await step('assign', () => Promise.reject(permanent('no team 7')));
    });
    await yard.rest(1);
    const { jobs, next } = await yard.dead.list({ limit: 10 });
    expect(next).toBeNull();
    expect(jobs).toEqual([
      {
        queue: 'routing',
        shard: 0,
        jobId: event.delivery.id,
        delivery: event.delivery.id,
        event: 'conversation_created',
        account: 3,
        conversation: 17,
        code: 'TEST_PERMANENT',
        message: 'no team 7',
        step: 'assign',
        fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/),
        attempts: { made: 1, started: 1 },
        acceptedAt: event.delivery.receivedAt,
        diedAt: expect.any(Number),
        redrivenAt: null,
        finishedSteps: ['label'],
      },
    ]);
    expect(JSON.stringify(jobs)).not.toMatch(/4111|Secret/);
    expect(await yard.dead.find('routing', event.delivery.id)).toEqual(jobs[0]);
    expect(await yard.dead.find('routing', 'another')).toBeNull();
  });

  test('comes in pages, newest first, each job once, also when more died in one millisecond than are read', async () => {
    await bury(1_000, (index) => (index < 700 ? 5_000 : 6_000 + index));
    const found = await pages({ limit: 90 });
    expect(found.map((page) => page.length)).toEqual([...Array.from({ length: 11 }, () => 90), 10]);
    const all = found.flat();
    expect(new Set(all.map(({ jobId }) => jobId)).size).toBe(1_000);
    const deaths = all.map(({ diedAt }) => diedAt);
    expect(deaths).toEqual(deaths.toSorted((a, b) => b - a));
  });

  test('goes on where it was when jobs of the page before are gone', async () => {
    await bury(30, (index) => 1_000 + index);
    const first = await yard.dead.list({ limit: 10 });
    for (const { queue, jobId } of first.jobs) await yard.dead.discard({ job: { queue, jobId } });
    const second = await yard.dead.list({ limit: 20, cursor: first.next });
    expect(second.jobs.map(({ diedAt }) => diedAt)).toEqual(
      Array.from({ length: 20 }, (_, at) => 1_019 - at),
    );
  });

  test('is of one queue, account, conversation, code or fingerprint, or of what has been dead for long', async () => {
    await bury(60, (index) => Date.now() - index * 60_000 - 1_000);
    const count = async (filter: Omit<DeadPageRequest, 'limit'>) =>
      (await pages({ ...filter, limit: 7 })).flat().length;
    const [group] = await yard.dead.groups();
    expect(await count({})).toBe(60);
    expect(await count({ queue: 'routing' })).toBe(60);
    expect(await count({ queue: 'crm-sync' })).toBe(0);
    expect(await count({ account: 2 })).toBe(20);
    expect(await count({ account: 2, conversation: 5 })).toBe(1);
    expect(await count({ account: 1, conversation: 5 })).toBe(0);
    expect(await count({ code: 'CODE_1' })).toBe(30);
    expect(await count({ fingerprint: group?.fingerprint })).toBe(30);
    expect(await count({ olderThanMs: 30 * 60_000 })).toBe(30);
  });

  test.each([
    ['cursor', { limit: 1, cursor: 'x' }],
    ['limit', { limit: 0 }],
    ['queue', { limit: 1, queue: 'none' }],
  ])('refuses a bad %s', async (_what, request) => {
    await expect(yard.dead.list(request)).rejects.toThrow(RangeError);
  });
});

describe('groups', () => {
  test('put hundreds of jobs that died of the same fault together, the most first', async () => {
    const events = Array.from({ length: 400 }, (_, index) => eventOf(index));
    await yard.kill(events, (event) => {
      const conversation = event.conversation?.id ?? 0;
      return conversation % 4 === 0
        ? `no agent ${conversation}`
        : `no team ${conversation} at https://x.test/${conversation}`;
    });
    const groups = await yard.dead.groups();
    expect(groups.map(({ count, queue, code, step }) => ({ count, queue, code, step }))).toEqual([
      { count: 300, queue: 'routing', code: 'TEST_PERMANENT', step: 'assign' },
      { count: 100, queue: 'routing', code: 'TEST_PERMANENT', step: 'assign' },
    ]);
    expect(groups[1]?.message).toMatch(/^no agent \d+$/);
    expect(groups[0]?.oldestAt).toBeLessThanOrEqual(groups[0]?.newestAt ?? 0);
    expect(await yard.dead.groups({ queue: 'crm-sync' })).toEqual([]);
  });

  test('looked at while its jobs are redriven and die again, a group is never told of half a job', async () => {
    const events = Array.from({ length: 60 }, (_, index) => eventOf(index));
    await yard.kill(events);
    await yard.work((_event, { step }) => step('assign', () => Promise.reject(permanent('never'))));
    let going = true;
    const seen = new Set<string>();
    const looking = (async () => {
      while (going) {
        for (const { code } of await yard.dead.groups()) seen.add(code);
        for (const { code } of (await yard.dead.list({ limit: 100 })).jobs) seen.add(code);
      }
    })();
    for (let turn = 0; turn < 5; turn += 1) {
      await yard.dead.redrive({ filter: {} });
      await yard.rest(60);
    }
    going = false;
    await looking;
    expect([...seen]).toEqual(['TEST_PERMANENT']);
  });

  test('of tens of thousands are found in seconds', async () => {
    await bury(20_000, (index) => 1_000 + index);
    const startedAt = performance.now();
    const groups = await yard.dead.groups();
    expect(groups.map(({ count }) => count)).toEqual([10_000, 10_000]);
    expect(performance.now() - startedAt).toBeLessThan(60_000);
  });
});

test('the summary counts each queue and says since when its oldest is dead', async () => {
  await bury(5, (index) => 7_000 + index);
  expect(await yard.dead.summary()).toEqual({
    'crm-sync': { count: 0, oldestAt: null },
    'bot-replies': { count: 0, oldestAt: null },
    routing: { count: 5, oldestAt: 7_000 },
    handover: { count: 0, oldestAt: null },
  });
});

describe('poison', () => {
  test('whose data no code can read is listed, dies again when it is redriven, and can be discarded', async () => {
    const [bad, after] = [eventOf(1), eventOf(1)];
    await yard.enqueue(bad, after);
    await yard.redis.client.hset(`${P}:routing:${bad.delivery.id}`, 'data', '{"event":7}');
    await yard.work(async () => {});
    await yard.rest(1);
    const expected = {
      code: 'JOB_DATA_UNREADABLE',
      delivery: null,
      event: null,
      account: null,
      conversation: null,
    };
    expect((await yard.dead.list({ limit: 5 })).jobs).toMatchObject([
      { ...expected, jobId: bad.delivery.id },
    ]);
    const target = { job: { queue: 'routing', jobId: bad.delivery.id } };
    expect(await yard.dead.redrive(target)).toMatchObject({ done: 1 });
    await yard.rest(1);
    expect((await yard.dead.list({ limit: 5 })).jobs).toMatchObject([expected]);
    expect(await yard.dead.redrive({ filter: {} })).toMatchObject({ done: 1, ended: 'all' });
    await yard.rest(1);
    expect(await yard.dead.discard(target)).toMatchObject({ done: 1 });
    // Still known as a duplicate, should the same delivery come again.
    expect(await yard.redis.client.keys(`${P}:*${bad.delivery.id}*`)).toEqual([]);
    expect(await createRecall(yard.redis)(P, `d:${bad.delivery.id}`)).not.toBeNull();
    expect(await yard.redis.client.hlen(`${P}:lanes:routing`)).toBe(0);
  });

  test('whose data is no JSON, so that BullMQ stalls on it, is made dead by the repair of lanes', async () => {
    const event = eventOf(1);
    await yard.enqueue(event);
    const broken = { data: '{"lane":"v3-1","event', stc: 1 };
    await yard.redis.client.hset(`${P}:routing:${event.delivery.id}`, broken);
    await createLanes(yard.redis, P).repair('routing');
    await yard.work(async () => {});
    await yard.rest(1);
    expect((await yard.dead.list({ limit: 5 })).jobs).toMatchObject([{ code: 'JOB_DATA_UNREADABLE' }]);
  });

  test('that killed its worker twice names the step it did so in, and a redrive gives it another chance', async () => {
    const event = eventOf(1);
    await yard.enqueue(event);
    await yard.redis.client.hset(`${P}:routing:${event.delivery.id}`, 'stc', 2);
    await yard.redis.client.hset(`${P}:ledger:routing:${event.delivery.id}`, { send: 'begun', '=alone': 2 });
    const asked: string[] = [];
    await yard.work(async (_event, { step }) => {
      await step('send', async () => {}, {
        confirm: async ({ key }) => {
          asked.push(key);
          return { done: true, result: undefined };
        },
      });
    });
    await yard.rest(1);
    expect((await yard.dead.list({ limit: 5 })).jobs).toMatchObject([
      { code: 'JOB_KILLS_WORKERS', step: 'send', event: 'conversation_created', finishedSteps: [] },
    ]);
    await yard.dead.redrive({ job: { queue: 'routing', jobId: event.delivery.id } });
    await yard.rest(0);
    expect(asked).toEqual([`routing:${event.delivery.id}:send`]);
  });
});

describe('retention', () => {
  test('keeps dead jobs for 30 days, whatever their number, with their ledgers; then says how many it discards', async () => {
    const day = 24 * 60 * 60_000;
    await bury(50, (index) => Date.now() - (index < 20 ? 31 : 29) * day);
    expect(await yard.dead.expire({ queue: 'crm-sync' })).toBe(0);
    expect(await yard.dead.expire()).toBe(20);
    expect(await yard.dead.expire()).toBe(0);
    expect((await yard.dead.summary()).routing?.count).toBe(30);
    expect(await yard.redis.client.keys(`${P}:ledger:routing:*`)).toHaveLength(30);
  });

  test('a ledger lives longer than its dead job is kept', async () => {
    const event = eventOf(1);
    await yard.kill([event]);
    const ttl = await yard.redis.client.pttl(`${P}:ledger:routing:${event.delivery.id}`);
    expect(ttl).toBeGreaterThan(34 * 24 * 60 * 60_000);
  });

  test('a job that outlived its ledger is not redriven, since its effects might happen twice', async () => {
    await bury(2, () => Date.now() - 40 * 24 * 60 * 60_000);
    const { jobs } = await yard.dead.list({ limit: 2 });
    await yard.redis.client.del(`${P}:ledger:routing:${jobs[0]?.jobId}`);
    expect(await yard.dead.redrive({ filter: {} })).toMatchObject({ done: 1, expired: 1 });
    expect((await yard.dead.list({ limit: 2 })).jobs.map(({ jobId }) => jobId)).toEqual([jobs[0]?.jobId]);
    expect(await yard.dead.discard({ filter: {} })).toMatchObject({ done: 1 });
  });
});

test('ids of one event are not mixed up between queues', async () => {
  const event = eventOf(1);
  await yard.kill([event]);
  const [jobId = ''] = ids([event]);
  expect(await yard.dead.discard({ job: { queue: 'crm-sync', jobId } })).toMatchObject({
    done: 0,
    unknown: 1,
  });
  expect(await yard.dead.discard({ job: { queue: 'routing', jobId } })).toMatchObject({ done: 1 });
});
