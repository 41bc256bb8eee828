import { randomUUID } from 'node:crypto';
import { sign } from '@switchyard/chatwoot';
import {
  connectRedis,
  createCatalogue,
  createEnqueuer,
  tellSoleAccount,
  watchSoleAccount,
} from '@switchyard/jobs';
import { createLogger, createMetrics, type Metrics } from '@switchyard/telemetry';
import { emptyRedis, fixture } from '@switchyard/testkit';
import { beforeEach, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { buildIngress } from '../app.ts';
import { createIngressMetrics } from '../ingress-metrics.ts';
import { sourcesFrom } from '../sources.ts';

const SECRET = 'hG7kQ2mVx9RtYb4LnWc8ZpDs';
const HTTP = {
  trustProxy: false,
  bodyBytes: 5 * 1024 * 1024,
  requestMs: 10_000,
  headersMs: 5_000,
  connections: 1_000,
  connectionsPerAddress: 1_000,
  unverifiedBytes: 32 * 1024 * 1024,
  lagMs: 60_000,
};
const log = createLogger({ app: 'test', level: 'silent' });
const VERSIONS = ['4.10.1', '4.13.0'] as const;
const bare = (version: string) => fixture(`recorded/${version}.conversation_created`).raw;
const named = (version: string) => fixture(`recorded/${version}.message_created`).raw;

let redisUrl: string;
beforeEach(async () => {
  redisUrl = await emptyRedis(inject('redisUrl'));
});

function connect() {
  const redis = connectRedis({ url: redisUrl, log, temper: 'patient' });
  onTestFinished(() => redis.close());
  return redis;
}

/** An ingress with the webhooks of an account and of an API inbox, as 4.13 sends each conversation to both. */
function start(account: number | null, settings: { shards?: number; sole?: () => number | null } = {}) {
  const { shards = 1, sole } = settings;
  const redis = connect();
  const enqueuer = createEnqueuer(redis, { dedupeMs: 60_000, shards });
  const metrics = createMetrics({ app: 'test', version: '0' });
  const its = account === null ? {} : { account };
  const app = buildIngress({
    sources: sourcesFrom({
      default: { kind: 'account', secrets: [SECRET], ...its },
      inbox: { kind: 'api-inbox', secrets: [SECRET], ...its },
    }),
    plan: createCatalogue().plan,
    keep: async (delivery) => (await enqueuer.enqueue([delivery]))[0] ?? 'accepted',
    now: Date.now,
    http: HTTP,
    log,
    metrics: createIngressMetrics(metrics),
    ...(sole === undefined ? {} : { soleAccount: sole }),
  });
  onTestFinished(() => app.close());
  return {
    redis,
    counted: () => countedBy(metrics),
    async post(body: string, path = '', id: string = randomUUID()) {
      const timestamp = String(Math.floor(Date.now() / 1000));
      const response = await app.inject({
        method: 'POST',
        url: `/webhooks/chatwoot${path}`,
        payload: body,
        headers: {
          'content-type': 'application/json',
          'x-chatwoot-delivery': id,
          'x-chatwoot-timestamp': timestamp,
          'x-chatwoot-signature': sign(SECRET, timestamp, body),
        },
      });
      return response.json<{ status: string }>().status;
    },
  };
}

async function countedBy(metrics: Metrics): Promise<Record<string, number>> {
  const metric = await metrics.registry.getSingleMetric('switchyard_events_without_account_total')?.get();
  return Object.fromEntries(
    (metric?.values ?? []).map(({ labels, value }) => [`${labels.source} ${labels.result}`, value]),
  );
}

/** Delivery ids as Chatwoot makes them, which are the ids of their jobs too. */
const CREATED = '0b8f6f0e-5c6e-4c7b-9d54-0a4b1d1f0c01';
const WRITTEN = '0b8f6f0e-5c6e-4c7b-9d54-0a4b1d1f0c02';

describe.each(VERSIONS)('a conversation that Chatwoot %s names no account of', (version) => {
  test('is of its source’s account, in the lane and shard of what comes later', async () => {
    const { redis, post, counted } = start(1, { shards: 8 });
    // One shard has been agreed on for each, as the ingress does at its start.
    for (let shard = 0; shard < 8; shard += 1) await redis.client.set(`{switchyard:${shard}}:shards`, 8);
    expect(await post(bare(version), '', CREATED)).toBe('accepted');
    expect(await post(named(version), '', WRITTEN)).toBe('accepted');
    const { id } = fixture(`recorded/${version}.conversation_created`).body;
    const lanes: Record<string, Record<string, string>> = {};
    for (let shard = 0; shard < 8; shard += 1) {
      for (const queue of ['routing', 'bot-replies']) {
        const held = await redis.client.hgetall(`{switchyard:${shard}}:lanes:${queue}`);
        if (Object.keys(held).length > 0) lanes[queue] = { ...held, shard: String(shard) };
      }
    }
    expect(Object.keys(lanes)).toEqual(['routing', 'bot-replies']);
    // The bot notes who has a new conversation, so what is written next is behind that in its lane.
    expect(lanes.routing).toEqual({ [`v1-${id}`]: CREATED, shard: lanes['bot-replies']?.shard });
    expect(lanes['bot-replies']).toEqual(lanes.routing);
    const behind = `{switchyard:${lanes.routing?.shard}}:lane:bot-replies:v1-${id}`;
    expect(await redis.client.lrange(behind, 0, -1)).toEqual([expect.stringContaining(WRITTEN)]);
    expect(await counted()).toEqual({ 'default source': 1 });
  });

  test('is one event, however many webhooks bring it', async () => {
    const { post } = start(1);
    expect(await post(bare(version))).toBe('accepted');
    expect(await post(bare(version), '/inbox')).toBe('duplicate');
    expect(await post(bare(version))).toBe('duplicate');
  });

  test('is of the only account that the token sees', async () => {
    const { redis, post, counted } = start(null, { sole: () => 1 });
    expect(await post(bare(version))).toBe('accepted');
    expect(await post(bare(version), '/inbox')).toBe('duplicate');
    const { id } = fixture(`recorded/${version}.conversation_created`).body;
    expect(Object.keys(await redis.client.hgetall('{switchyard:0}:lanes:routing'))).toEqual([`v1-${id}`]);
    expect(await counted()).toEqual({ 'default token': 1 });
  });

  test('is left to the workers where that is not known, and counted', async () => {
    const { post, counted } = start(null, { sole: () => null });
    expect(await post(bare(version))).toBe('accepted');
    expect(await counted()).toEqual({ 'default left-to-worker': 1 });
  });
});

test('an event of another account than the source’s is ignored', async () => {
  const { post, counted } = start(9, { sole: () => 1 });
  expect(await post(named('4.13.0'))).toBe('ignored');
  expect(await counted()).toEqual({});
});

describe('the only account that the token sees', () => {
  const client = (accounts: readonly number[] | Error) => ({
    profile: () =>
      accounts instanceof Error
        ? Promise.reject(accounts)
        : Promise.resolve({
            id: 1,
            name: null,
            accounts: accounts.map((id) => ({ id, name: null, role: null })),
          }),
  });

  function tell(accounts: readonly number[] | Error) {
    const telling = tellSoleAccount({ redis: connect(), client: client(accounts), log });
    onTestFinished(() => telling.close());
    return telling;
  }
  function watch() {
    const watching = watchSoleAccount(connect(), 20);
    onTestFinished(() => watching.close());
    return watching;
  }

  test('is told by whoever has the token, and outlives a restart while Chatwoot is away', async () => {
    const first = watch();
    const telling = tell([4]);
    await vi.waitFor(() => expect(first.current()).toBe(4), 5_000);
    await telling.close();
    tell(new Error('away'));
    const second = watch();
    await vi.waitFor(() => expect(second.current()).toBe(4), 5_000);
    expect(first.current()).toBe(4);
  });

  test('is none any more when there are several', async () => {
    const watching = watch();
    await tell([4]).close();
    await vi.waitFor(() => expect(watching.current()).toBe(4), 5_000);
    tell([4, 5]);
    await vi.waitFor(() => expect(watching.current()).toBeNull(), 5_000);
  });
});
