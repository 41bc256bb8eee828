import { emptyRedis } from '@switchyard/testkit';
import { type Job, Queue } from 'bullmq';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openYard, P, permanent, type Yard } from './dead-testing.ts';
import { deliveryOf, eventOf } from './testing-events.ts';

const trace = '{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}';

let yard: Yard;
let queue: Queue;

beforeAll(async () => {
  yard = openYard(await emptyRedis(inject('redisUrl')));
  queue = new Queue('routing', { connection: yard.redis.client, prefix: P });
});
afterAll(async () => {
  await queue?.close();
  await yard?.close();
});

async function optionsOf(jobId: string): Promise<Job['opts'] | undefined> {
  const job: Job | undefined = await queue.getJob(jobId);
  return job?.opts;
}

test('a job carries its trace where BullMQ looks for it: at once, after another of its lane, and redriven', async () => {
  const [first, follower, untraced] = [eventOf(1), eventOf(1), eventOf(2)];
  await yard.enqueuer.enqueue([
    deliveryOf(first, 'routing', { trace }),
    deliveryOf(follower, 'routing', { trace }),
    deliveryOf(untraced),
  ]);
  const telemetry = { metadata: trace };
  const live = { attempts: 1_000_000, backoff: { type: 'custom' } };
  expect(await optionsOf(first.delivery.id)).toEqual({ ...live, telemetry });
  expect(await optionsOf(untraced.delivery.id)).toEqual(live);

  await yard.work((_event, { step }) => step('assign', () => Promise.reject(permanent('never'))));
  await yard.rest(3);
  await yard.stopWorkers();
  expect(await optionsOf(follower.delivery.id)).toEqual({ ...live, telemetry });

  expect(await yard.dead.redrive({ filter: {} })).toMatchObject({ done: 3 });
  expect(await optionsOf(first.delivery.id)).toEqual({ ...live, telemetry, priority: 10 });
  expect(await optionsOf(untraced.delivery.id)).toEqual({ ...live, priority: 10 });
});
