import { CallFailure, type ChatwootEvent } from '@switchyard/chatwoot';
import { emptyRedis } from '@switchyard/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { ids, openYard, P, type Yard } from './dead-testing.ts';
import { eventOf } from './testing-events.ts';

let yard: Yard;
beforeAll(async () => {
  yard = openYard(await emptyRedis(inject('redisUrl')));
});
beforeEach(() => yard.redis.client.flushdb());
afterEach(() => yard.stopWorkers());
afterAll(() => yard.close());

const isBad = (event: ChatwootEvent) => (event.conversation?.id ?? 0) < 1_000;

test('200 conversations that retry do not stop their account', { timeout: 90_000 }, async () => {
  const bad = Array.from({ length: 220 }, (_, index) => eventOf(index));
  const good = Array.from({ length: 300 }, (_, index) => eventOf(1_000 + index));
  const done: string[] = [];
  const enough = Promise.withResolvers<void>();
  let healed = false;
  await yard.enqueue(...bad, ...good);
  await yard.work(async (event) => {
    if (isBad(event) && !healed)
      throw new CallFailure('transient', 'conflict', {
        code: 'TEST_409',
        target: 'crm',
        retryAfterMs: 4_000,
      });
    done.push(event.delivery.id);
    if (done.length === good.length) enough.resolve();
  });
  await enough.promise;
  expect(done.toSorted()).toEqual(ids(good).toSorted());
  healed = true;
  await yard.rest(0);
  expect(done).toHaveLength(520);
  expect(await yard.redis.client.exists(`${P}:admitted:routing`, `${P}:lanes:routing`)).toBe(0);
});

test('a job that waits for its retry keeps its lane in order all the same', async () => {
  const events = Array.from({ length: 4 }, () => eventOf(1));
  const done: string[] = [];
  let failures = 2;
  await yard.enqueue(...events);
  await yard.work(async (event) => {
    if (failures > 0 && done.length === 0) {
      failures -= 1;
      throw new CallFailure('transient', 'not now', { code: 'TEST', target: 'crm', retryAfterMs: 50 });
    }
    done.push(event.delivery.id);
  });
  await yard.rest(0);
  expect(done).toEqual(ids(events));
});
