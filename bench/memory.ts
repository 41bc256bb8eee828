import { randomBytes, randomUUID } from 'node:crypto';
import { type ChatwootEvent, parseEvent } from '@switchyard/chatwoot';
import { connectRedis, createEnqueuer, type PlannedDelivery, runWorker } from '@switchyard/jobs';
import { createHealth, createLogger, createMetrics } from '@switchyard/telemetry';
import { fixture, type RedisServer } from '@switchyard/testkit';
import type { Redis } from 'ioredis';
import { row } from './figures.ts';

const DELIVERIES = 100_000;
const QUEUES = ['crm-sync', 'bot-replies', 'routing'] as const;
const BATCH = 500;
const ACCOUNT = 3;
const HOURS = 72;
/** A layer of what was seen lasts a quarter longer than its youngest record has to (seen-lua.ts). */
const SEEN_HOURS = HOURS * 1.25;
const RATES = [0.1, 1, 3, 10, 30, 100];
/** `stories.megabytes`. */
const STORIES_MB = 64;

/** What a delivery leaves in Redis once its jobs on all three queues are done, and what that makes of a rate. */
export async function benchRedisMemory(redis: RedisServer): Promise<void> {
  process.stdout.write(
    `\nWhat ${DELIVERIES} deliveries leave in Redis, done on three queues, UUID ids, ${redis.label}\n`,
  );
  row(['', 'used_memory', 'seen', 'stories', 'jobs', 'other']);
  let worst: Left | null = null;
  for (const perConversation of [1, 5, 20]) {
    const left = await measure(redis, perConversation);
    const of = (bytes: number) => `${(bytes / DELIVERIES).toFixed(1)} B`;
    const { used, seen, stories, jobs, other } = left;
    row([`${perConversation} a conversation`, ...[used, seen, stories, jobs, other].map(of)]);
    worst ??= left;
  }
  if (worst !== null) tellSizes(worst);
}

interface Left {
  /** Growth of `used_memory`; the others are sums of MEMORY USAGE. All in bytes. */
  readonly used: number;
  readonly seen: number;
  readonly stories: number;
  readonly jobs: number;
  readonly other: number;
}

async function measure(redis: RedisServer, perConversation: number): Promise<Left> {
  const log = createLogger({ app: 'bench', level: 'silent' });
  const connection = connectRedis({ url: redis.url, log, temper: 'patient' });
  const { client, primaries } = connection;
  const [server] = (await connection.readyWithin(10_000)) ? primaries() : [];
  if (server === undefined) throw new Error('Redis is not there');
  await client.flushall();
  await work(connection, redis, many(200, perConversation));
  await client.flushall();
  const before = await usedBy(server);
  await work(connection, redis, many(DELIVERIES, perConversation));
  const used = (await usedBy(server)) - before;
  const kinds = await sizes(server);
  await connection.close();
  return { used, ...kinds };
}

async function work(
  redis: ReturnType<typeof connectRedis>,
  { url }: RedisServer,
  deliveries: readonly PlannedDelivery[],
): Promise<void> {
  const workers = await Promise.all(
    QUEUES.map((queue) =>
      runWorker(
        {
          queue,
          facts: () => Promise.resolve(null),
          decide: () => ({ action: 'send', reason: 'rule:2', about: { team: 'Enterprise support' } }),
          async steps(event: ChatwootEvent, _decision, { step }) {
            await step('send', () => Promise.resolve({ id: event.message?.id ?? 0 }));
          },
        },
        {
          config: { redisUrl: url, concurrency: 30, shutdownTimeoutMs: 5_000 },
          runtime: {
            app: 'bench',
            log: createLogger({ app: 'bench', level: 'silent' }),
            metrics: createMetrics({ app: 'bench', version: '0' }),
            health: createHealth(),
          },
        },
      ),
    ),
  );
  const enqueuer = createEnqueuer(redis, { dedupeMs: HOURS * 3_600_000 });
  for (let at = 0; at < deliveries.length; at += BATCH) {
    await enqueuer.enqueue(deliveries.slice(at, at + BATCH));
    await workedOff(redis, 5 * BATCH);
  }
  await workedOff(redis, 0);
  await Promise.all(workers.map((worker) => worker.close()));
}

/** Waits until no queue has more jobs than this. */
async function workedOff({ client }: ReturnType<typeof connectRedis>, most: number): Promise<void> {
  for (;;) {
    const open = await Promise.all(QUEUES.map((queue) => client.zcard(`{switchyard:0}:unsettled:${queue}`)));
    if (open.every((count) => count <= most)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

let made = 0;

function many(count: number, perConversation: number): PlannedDelivery[] {
  const { body } = fixture('message_created');
  const template = parseEvent(body, { id: 'x', source: 'default', kind: 'account', receivedAt: Date.now() });
  const { conversation, contact, message } = template;
  if (conversation === null || contact === null || message === null)
    throw new Error('the fixture lacks something');
  return Array.from({ length: count }, () => {
    made += 1;
    const id = 10_000 + Math.floor(made / perConversation);
    return {
      event: {
        ...template,
        account: ACCOUNT,
        delivery: { ...template.delivery, id: randomUUID(), receivedAt: Date.now() },
        conversation: { ...conversation, id },
        contact: { ...contact, id: 50_000 + id },
        message: { ...message, id: 300_000 + made },
      },
      jobs: QUEUES.map((queue) => ({
        queue,
        lane: queue === 'crm-sync' ? `c${ACCOUNT}-${50_000 + id}` : `v${ACCOUNT}-${id}`,
      })),
      semanticKey: randomBytes(16).toString('base64url'),
      replayKey: randomUUID(),
    };
  });
}

async function usedBy(server: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await server.info('memory'))?.[1]);
}

async function sizes(server: Redis): Promise<Omit<Left, 'used'>> {
  const sums = { seen: 0, stories: 0, jobs: 0, other: 0 };
  for await (const keys of server.scanStream({ count: 500 })) {
    for (const key of [keys].flat().map(String)) {
      const kind = /^\{switchyard:0\}:(seen|stor|[a-z-]+:)/.exec(key)?.[1] ?? '';
      const size = Number(await server.memory('USAGE', key));
      if (kind === 'seen') sums.seen += size;
      else if (kind === 'stor') sums.stories += size;
      else if (QUEUES.some((queue) => kind === `${queue}:`)) sums.jobs += size;
      else sums.other += size;
    }
  }
  return sums;
}

/** By the conversations of one delivery each, which take most. */
function tellSizes({ used, stories }: Left): void {
  const storyBytes = stories / DELIVERIES;
  const otherBytes = used / DELIVERIES - storyBytes;
  process.stdout.write(`\nMemory of Redis for what is done, ${HOURS} h, MB\n`);
  row(['deliveries a second', 'dedupe', 'stories', 'together']);
  for (const rate of RATES) {
    const megabytes = (bytes: number, hours: number) => (bytes * rate * 3_600 * hours) / 1024 / 1024;
    const seen = megabytes(otherBytes, SEEN_HOURS);
    const told = Math.min(STORIES_MB, megabytes(storyBytes, HOURS));
    row([String(rate), seen.toFixed(0), told.toFixed(0), (seen + told).toFixed(0)]);
  }
}
