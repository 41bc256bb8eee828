import { type ChatwootClient, createChatwootClient, type HttpRequest } from '@switchyard/chatwoot';
import { createLogger, type Running, type Runtime } from '@switchyard/telemetry';
import { emptyRedis } from '@switchyard/testkit';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { queueNamed } from './catalogue.ts';
import type { StepContext } from './define.ts';
import { readDoneCounts } from './done/done-counts.ts';
import { createEnqueuer, type Enqueuer } from './enqueue.ts';
import { connectRedis, type RedisConnection } from './redis.ts';
import type { GiveUpPolicy } from './retry.ts';
import { deliveryOf, eventOf } from './testing-events.ts';
import { quietRuntime } from './testing-survival.ts';
import { runWorker } from './worker.ts';

const P = '{switchyard:0}';
const HOUR = 60 * 60_000;
const BAD = 7;
let url: string;
let redis: RedisConnection;
let enqueuer: Enqueuer;
let bull: Queue;
let running: Running[] = [];

beforeAll(async () => {
  url = await emptyRedis(inject('redisUrl'));
  redis = connectRedis({ url, log: createLogger({ app: 'test', level: 'silent' }), temper: 'patient' });
  enqueuer = createEnqueuer(redis, { dedupeMs: 60_000 });
  bull = new Queue('routing', { connection: redis.client, prefix: P });
});
beforeEach(() => redis.client.flushdb());
afterEach(async () => {
  await Promise.all(running.map((one) => one.close()));
  running = [];
});
afterAll(async () => {
  await bull.close();
  await redis.close();
});

type Answer = readonly [status: number, body: unknown];

/** A worker that reads each conversation and sets its priority, from a Chatwoot that answers what the test says. */
async function start(answer: (request: HttpRequest, conversation: number) => Answer) {
  const client = createChatwootClient({
    baseUrl: 'https://chat.example',
    token: 'user',
    botToken: 'bot',
    send: async (request) => {
      const conversation = Number(/conversations\/(\d+)/.exec(request.url)?.[1]);
      const [status, body] = answer(request, conversation);
      return { status, headers: {}, body: JSON.stringify(body) };
    },
  });
  const policy: GiveUpPolicy = { giveUpAfterMs: HOUR, baseMs: 20, capMs: 100, probeCapMs: 100 };
  const prioritised: number[] = [];
  const its = quietRuntime();
  const definition = {
    queue: 'routing',
    facts: (event: ReturnType<typeof eventOf>) => client.conversations.get(3, event.conversation?.id ?? 0),
    decide: () => ({ action: 'test', reason: 'test' }),
    async steps(event: ReturnType<typeof eventOf>, _decision: unknown, context: StepContext) {
      const conversation = event.conversation?.id ?? 0;
      await prioritise(client, conversation, context);
      prioritised.push(conversation);
    },
  };
  const config = { redisUrl: url, concurrency: 10, shutdownTimeoutMs: 5_000 };
  const queue = { ...queueNamed('routing'), policy };
  running.push(await runWorker(definition, { config, runtime: its, queue }));
  return {
    prioritised,
    holds: () => holdsOf(its),
    retries: () => sumOf(its, 'jobs_total', 'result="retry"'),
  };
}

function prioritise(client: ChatwootClient, conversation: number, context: StepContext): Promise<void> {
  return context.step(
    'priority',
    () => client.conversations.setPriority(3, conversation, 'high', { as: 'bot' }),
    {
      async confirm() {
        const { priority } = await client.conversations.get(3, conversation);
        return priority === 'high' ? { done: true, result: undefined } : { done: false };
      },
    },
  );
}

async function sumOf({ metrics }: Runtime, name: string, label: string): Promise<number> {
  const text = await metrics.registry.getSingleMetricAsString(`switchyard_${name}`);
  return text
    .split('\n')
    .filter((line) => line.includes(label))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

async function holdsOf(its: Runtime): Promise<Record<string, number>> {
  const text = await its.metrics.registry.getSingleMetricAsString('switchyard_holds_total');
  const found = text.matchAll(/reason="([\w-]+)".*\} (\d+)/g);
  return Object.fromEntries(
    [...found].map(([, reason, n]) => [reason ?? '', Number(n)]).filter(([, n]) => n !== 0),
  );
}

const error = (text: string) => ({ error: text });
const fine = (request: HttpRequest, id: number): Answer => [
  200,
  request.method === 'GET' ? { id, status: 'open', priority: null } : {},
];
const failed500: Answer = [500, { status: 500, error: 'Internal Server Error' }];
const others = Array.from({ length: 50 }, (_, index) => 100 + index);
const enqueue = (conversations: readonly number[], receivedAt = Date.now()) =>
  enqueuer.enqueue(
    conversations.map((id) => {
      const event = eventOf(id);
      return deliveryOf({ ...event, delivery: { ...event.delivery, receivedAt } });
    }),
  );
const counts = async () => {
  const { done } = await readDoneCounts(redis.client, P, 'routing', Date.now());
  return { ...(await bull.getJobCounts('failed', 'delayed')), completed: done };
};

describe('a failure of one conversation', () => {
  test.each<[string, (request: HttpRequest) => boolean]>([
    ['reads answer 500 for good', ({ method }) => method === 'GET'],
    ['writes answer 500 for good', ({ method }) => method === 'POST'],
  ])('whose %s does not delay 50 others', async (_what, isBad) => {
    const { prioritised, holds, retries } = await start((request, id) =>
      id === BAD && isBad(request) ? failed500 : fine(request, id),
    );
    await enqueue([BAD]);
    // The second failure of a write is the one that would open a breaker.
    await vi.waitFor(async () => expect(await retries()).toBeGreaterThanOrEqual(2), 30_000);
    const startedAt = performance.now();
    await enqueue(others);
    await vi.waitFor(() => expect(prioritised).toHaveLength(50), 30_000);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await vi.waitFor(async () => expect(await retries()).toBeGreaterThanOrEqual(3), 30_000);
    expect([await holds(), await redis.client.exists(`${P}:breaker:routing`)]).toEqual([{}, 0]);
    expect(await counts()).toMatchObject({ failed: 0, completed: 50 });
  });

  test('whose confirmation answers 500 holds nobody, and goes on when it is answered', async () => {
    let writes = 0;
    let confirmations = 0;
    const { prioritised, holds } = await start((request, id) => {
      if (id !== BAD) return fine(request, id);
      if (request.method === 'POST') writes += 1;
      if (request.method === 'POST') return writes === 1 ? failed500 : [200, {}];
      confirmations += writes;
      // The first read is the facts'; two looks at what the write did fail.
      return confirmations === 2 || confirmations === 4
        ? failed500
        : [200, { id, status: 'open', priority: 'high' }];
    });
    await enqueue([BAD, ...others]);
    await vi.waitFor(() => expect(prioritised).toContain(BAD), 40_000);
    expect([writes, prioritised.length, await holds()]).toEqual([1, 51, {}]);
  });

  test.each<[string, Answer]>([
    ['a bot may not do', [401, error('Access to this endpoint is not authorized for bots')]],
    ['is in an inbox that the token may not see', [401, error('You are not authorized to do this action')]],
    ['is gone', [404, error('Resource could not be found')]],
    ['has a value that Chatwoot refuses', [422, error('Validation failed: Content is too long')]],
  ])('that %s kills its job alone', async (_what, answer) => {
    const { prioritised, holds } = await start((request, id) => (id === BAD ? answer : fine(request, id)));
    await enqueue([BAD, ...others]);
    await vi.waitFor(() => expect(prioritised).toHaveLength(50), 30_000);
    await vi.waitFor(async () => expect(await counts()).toMatchObject({ failed: 1, completed: 50 }), 30_000);
    expect(await holds()).toEqual({});
  });

  test('that has its fill of messages waits alone', async () => {
    const { prioritised, holds, retries } = await start((request, id) =>
      id === BAD && request.method === 'POST' ? [422, error('Too many messages')] : fine(request, id),
    );
    await enqueue([BAD, ...others]);
    await vi.waitFor(async () => expect(await retries()).toBeGreaterThanOrEqual(2), 30_000);
    await vi.waitFor(() => expect(prioritised).toHaveLength(50), 30_000);
    expect(await holds()).toEqual({});
    expect(await counts()).toMatchObject({ failed: 0, completed: 50 });
  });
});

describe('what is about the whole of Chatwoot', () => {
  test.each<[string, string, Answer]>([
    ['a token that it does not know', 'refused-token', [401, error('Invalid Access Token')]],
    [
      'a missing token',
      'refused-token',
      [401, { errors: ['You need to sign in or sign up before continuing.'] }],
    ],
    ['a suspended account', 'account-suspended', [401, error('Account is suspended')]],
    ['a plan without API', 'plan-gate', [403, error('API access is not enabled for this account')]],
    ['an address that redirects', 'refused', [301, '']],
    ['a server that is away', 'away', [503, '']],
  ])(
    '%s holds everything, kills nothing however old, and all goes on when it is mended',
    async (_what, reason, answer) => {
      let refused = true;
      const { prioritised, holds } = await start((request, id) => (refused ? answer : fine(request, id)));
      // Their queue gives up after an hour.
      await enqueue(others, Date.now() - 9 * 24 * HOUR);
      await vi.waitFor(async () => expect((await holds())[reason]).toBeGreaterThanOrEqual(12), 40_000);
      expect(Object.keys(await holds())).toEqual([reason]);
      expect([prioritised, await counts()]).toMatchObject([[], { failed: 0 }]);
      refused = false;
      await vi.waitFor(() => expect(prioritised).toHaveLength(50), 40_000);
      await vi.waitFor(
        async () => expect(await counts()).toMatchObject({ failed: 0, completed: 50 }),
        30_000,
      );
    },
  );

  test('does not count against the age of a job that fails by itself afterwards', async () => {
    const now = Date.now();
    // Held from when it came until ten minutes ago; its queue gives up after an hour.
    await redis.client.zadd(`${P}:held:routing`, now - HOUR / 6, String(now - 5 * HOUR));
    let reads = 0;
    const { prioritised } = await start((request, id) => {
      if (request.method === 'GET') reads += 1;
      return request.method === 'GET' && reads < 3 ? failed500 : fine(request, id);
    });
    await enqueue([BAD], now - 5 * HOUR);
    await vi.waitFor(() => expect(prioritised).toEqual([BAD]), 30_000);
    // The same without that hold is too old at its first failure.
    reads = 0;
    await redis.client.del(`${P}:held:routing`);
    await enqueue([BAD + 1], now - 5 * HOUR);
    await vi.waitFor(async () => expect(await counts()).toMatchObject({ failed: 1 }), 30_000);
  });
});
