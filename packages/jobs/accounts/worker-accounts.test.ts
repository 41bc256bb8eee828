import { type ChatwootEvent, type ConversationState, parseEvent } from '@switchyard/chatwoot';
import { createHealth, createLogger, createMetrics, type Metrics } from '@switchyard/telemetry';
import { emptyRedis, fixture } from '@switchyard/testkit';
import { beforeEach, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { createCatalogue } from '../catalogue.ts';
import { createDeadJobs } from '../dead-jobs.ts';
import type { WorkerDefinition } from '../define.ts';
import { createEnqueuer } from '../enqueue.ts';
import { connectRedis } from '../redis.ts';
import { createStories } from '../stories.ts';
import { runWorker } from '../worker.ts';
import type { AccountFinderSettings } from './find-account.ts';
import { accountsClient, failure } from './testing-accounts.ts';

const P = '{switchyard:0}';
const log = createLogger({ app: 'test', level: 'silent' });
const bare = (version: string): ChatwootEvent =>
  parseEvent(fixture(`recorded/${version}.conversation_created`).body, {
    id: `bare-${version}`,
    source: 'default',
    kind: 'account',
    receivedAt: Date.now(),
  });

let url: string;
beforeEach(async () => {
  url = await emptyRedis(inject('redisUrl'));
});

/** Works the event on the queue `routing` of the real engine; `accounts` are the accounts that it was worked in. */
async function work(event: ChatwootEvent, accounts: AccountFinderSettings, needsAccount = true) {
  const redis = connectRedis({ url, log, temper: 'patient' });
  onTestFinished(() => redis.close());
  const metrics = createMetrics({ app: 'test', version: '0' });
  const workedIn: (number | null)[] = [];
  const definition: WorkerDefinition<null, { action: string; reason: string }> = {
    queue: 'routing',
    needsAccount,
    facts: async () => null,
    decide: () => ({ action: 'test', reason: 'test' }),
    steps: async (its) => void workedIn.push(its.account),
  };
  const running = await runWorker(definition, {
    config: { redisUrl: url, concurrency: 5, shutdownTimeoutMs: 2_000 },
    runtime: { app: 'test', log, metrics, health: createHealth() },
    accounts,
  });
  onTestFinished(() => running.close());
  const jobs = createCatalogue({ enabled: new Set(['routing']) }).plan(event);
  await createEnqueuer(redis, { dedupeMs: 60_000 }).enqueue([
    { event, jobs, semanticKey: null, replayKey: null },
  ]);
  const settled = () =>
    vi.waitFor(async () => expect(await redis.client.zcard(`${P}:unsettled:routing`)).toBe(0), 30_000);
  return { redis, metrics, workedIn, settled };
}

async function counted(metrics: Metrics): Promise<Record<string, number>> {
  const metric = await metrics.registry.getSingleMetric('switchyard_events_without_account_total')?.get();
  const values = (metric?.values ?? []).map(({ labels, value }) => [String(labels.result), value] as const);
  return Object.fromEntries(values.filter(([, value]) => value > 0));
}

const nowhere = { default: null };
const deadOf = (redis: ReturnType<typeof connectRedis>) =>
  createDeadJobs({ redis, shards: 1, queues: ['routing'] }).list({ queue: 'routing', limit: 10 });

describe.each(['4.10.1', '4.13.0'])('a conversation that Chatwoot %s names no account of', (version) => {
  const event = bare(version);
  const { conversation, inbox, contact } = event;
  if (conversation === null || inbox === null) throw new Error('the recording names no conversation');
  const read: ConversationState = {
    ...conversation,
    inboxId: inbox.id,
    contact,
    snoozedUntil: null,
    waitingSince: null,
  };

  test('is worked on in its source’s account, where its story stands too', async () => {
    const { redis, metrics, workedIn, settled } = await work(event, {
      sources: { default: 7 },
      client: null,
    });
    await settled();
    expect(workedIn).toEqual([7]);
    expect(await counted(metrics)).toEqual({ source: 1 });
    const stories = createStories({ redis, shards: 1, queues: ['routing'] });
    expect(await stories.ofConversation(7, conversation.id)).toMatchObject([{ account: 7, state: 'done' }]);
  });

  test('is looked up where the token sees several accounts', async () => {
    const client = accountsClient({ 1: { ...read, inboxId: 999 }, 2: read, 3: null });
    const { metrics, workedIn, settled } = await work(event, { sources: nowhere, client });
    await settled();
    expect(workedIn).toEqual([2]);
    expect(await counted(metrics)).toEqual({ 'looked-up': 1 });
  });

  test('that nobody can tell is a dead job that says what to set, and is counted', async () => {
    const client = accountsClient({ 1: read, 2: read });
    const { redis, metrics, workedIn, settled } = await work(event, { sources: nowhere, client });
    await settled();
    expect(workedIn).toEqual([]);
    expect(await counted(metrics)).toEqual({ unknown: 1 });
    expect(JSON.stringify(await deadOf(redis))).toMatch(/ACCOUNT_UNKNOWN.*set CHATWOOT_ACCOUNT/);
  });
});

test('a worker that can do without gets no account, and it is counted', async () => {
  const { metrics, workedIn, settled } = await work(
    bare('4.13.0'),
    { sources: nowhere, client: null },
    false,
  );
  await settled();
  expect(workedIn).toEqual([null]);
  expect(await counted(metrics)).toEqual({ unknown: 1 });
});

test('while Chatwoot is away the job waits and no queue holds; then it is found', async () => {
  const profile: { failure: ReturnType<typeof failure> | null } = {
    failure: failure('outage', 'CHATWOOT_UNAVAILABLE'),
  };
  const client = accountsClient({ 4: null }, profile);
  const { redis, workedIn, settled } = await work(bare('4.13.0'), { sources: nowhere, client });
  await vi.waitFor(async () => expect(await redis.client.zcard(`${P}:routing:delayed`)).toBe(1), 20_000);
  expect(await redis.client.exists(`${P}:breaker:routing`)).toBe(0);
  profile.failure = null;
  await settled();
  expect(workedIn).toEqual([4]);
});
