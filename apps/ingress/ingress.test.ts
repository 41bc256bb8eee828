import { randomUUID } from 'node:crypto';
import { sign } from '@switchyard/chatwoot';
import { connectRedis, createCatalogue, createEnqueuer } from '@switchyard/jobs';
import { createLogger, createMetrics, type Metrics } from '@switchyard/telemetry';
import { emptyRedis, fixture, fixtureNames } from '@switchyard/testkit';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { buildIngress, type IngressParts } from './app.ts';
import { createBatch } from './batch.ts';
import { createIngressMetrics } from './ingress-metrics.ts';
import { sourcesFrom } from './sources.ts';

const SECRET = 'hG7kQ2mVx9RtYb4LnWc8ZpDs';
const OLD_SECRET = 'b0Zk-3_xYQm8n2LrTgVw5sHdPcJeUa1q';
const INBOX_SECRET = 'Yb7kQ2LnWc8ZpDT4nQmVx9Rt';
const BOT_SECRET = 'T4nQmVx9RtYb7kQ2LnWc8ZpD';
const TOKEN = 'q7Wc-3hN_pXe9RtYb4LnWc8ZpDsKm2Vx';
const P = '{switchyard:0}';
const HTTP = {
  trustProxy: false,
  bodyBytes: 5 * 1024 * 1024,
  requestMs: 10_000,
  headersMs: 5_000,
  connections: 1_000,
  connectionsPerAddress: 1_000,
  unverifiedBytes: 32 * 1024 * 1024,
  // A busy machine is none of an ingress's business here, but in the test of it.
  lagMs: 60_000,
};

let app: FastifyInstance;
let metrics: Metrics;
let redis: ReturnType<typeof connectRedis>;
let lines: string[];

beforeEach(async () => {
  lines = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLogger({ app: 'test', level: 'info', destination });
  const url = await emptyRedis(inject('redisUrl'));
  redis = connectRedis({ url, log, temper: 'patient' });
  metrics = createMetrics({ app: 'test', version: '0' });
  const enqueuer = createEnqueuer(redis, { dedupeMs: 60_000 });
  const batch = createBatch({ handle: enqueuer.enqueue, largest: 100 });
  app = build(batch.add, log);
});
afterEach(async () => {
  await app.close();
  await redis.close();
});

function build(
  keep: IngressParts['keep'],
  log = createLogger({ app: 'test', level: 'silent' }),
  http: IngressParts['http'] = HTTP,
) {
  return buildIngress({
    sources: sourcesFrom({
      default: { kind: 'account', secrets: [SECRET, OLD_SECRET] },
      bot: { kind: 'agent-bot', secrets: [BOT_SECRET] },
      inbox: { kind: 'api-inbox', secrets: [INBOX_SECRET] },
      shop: { kind: 'account', secrets: [SECRET], account: 9, inboxes: [1] },
      old: { kind: 'account', unsigned: { token: TOKEN, networks: ['127.0.0.0/8', 'fd00::/8'] } },
      far: { kind: 'account', unsigned: { token: TOKEN, networks: ['10.0.0.0/8'] } },
    }),
    plan: createCatalogue().plan,
    keep,
    now: Date.now,
    http,
    log,
    metrics: createIngressMetrics(metrics),
  });
}

interface Sent {
  to?: FastifyInstance;
  path?: string;
  secret?: string;
  id?: string;
  headers?: Record<string, string>;
  /** How far the sender's clock is off. */
  skewMs?: number;
}

async function post(
  body: string,
  { to = app, path = '', secret = SECRET, id = randomUUID(), headers = {}, skewMs = 0 }: Sent = {},
) {
  const timestamp = String(Math.floor((Date.now() + skewMs) / 1000));
  const response = await to.inject({
    method: 'POST',
    url: `/webhooks/chatwoot${path}`,
    payload: body,
    headers: {
      'content-type': 'application/json',
      'x-chatwoot-delivery': id,
      'x-chatwoot-timestamp': timestamp,
      'x-chatwoot-signature': sign(secret, timestamp, body),
      ...headers,
    },
  });
  return { status: response.statusCode, body: response.json(), headers: response.headers };
}

const message = fixture('message_created').raw;
const waiting = (queue: string) => redis.client.lrange(`${P}:${queue}:wait`, '0', '-1');

describe('answers', () => {
  test('200 accepted, with the delivery and its queues, once it is in Redis', async () => {
    const id = randomUUID();
    const answer = await post(fixture('conversation_created').raw, { id });
    expect(answer).toMatchObject({
      status: 200,
      body: { status: 'accepted', delivery: id, queues: ['crm-sync', 'bot-replies', 'routing'] },
    });
    expect(await waiting('crm-sync')).toEqual([id]);
    expect(await waiting('routing')).toEqual([id]);
  });

  test('200 duplicate for a second delivery with the same id, freshly signed, and it adds nothing', async () => {
    const id = randomUUID();
    await post(message, { id, skewMs: -5_000 });
    expect(await post(message, { id })).toMatchObject({
      status: 200,
      body: { status: 'duplicate', delivery: id },
    });
    expect(await waiting('bot-replies')).toEqual([id]);
  });

  test('200 duplicate for the same event under another delivery id and from another source', async () => {
    await post(message);
    expect(await post(message, { path: '/bot', secret: BOT_SECRET })).toMatchObject({
      body: { status: 'duplicate' },
    });
    expect(await waiting('bot-replies')).toHaveLength(1);
  });

  test('200 ignored for an event no queue wants, an unknown one, and a strange one', async () => {
    for (const body of [
      fixture('conversation_typing_on').raw,
      '{"event":"something_new","id":1}',
      '{"event":"message_created","id":{}}',
      '{"event":"conversation_created"}',
    ]) {
      expect(await post(body)).toMatchObject({ status: 200, body: { status: 'ignored' } });
    }
  });

  test('200 ignored for what another account or inbox sends to a filtered source', async () => {
    expect(await post(message, { path: '/shop' })).toMatchObject({
      status: 200,
      body: { status: 'ignored' },
    });
  });

  test('a source that is limited to inboxes is not heard when its event names no inbox', async () => {
    const { inbox: _inbox, conversation: _conversation, ...rest } = JSON.parse(message);
    const body = JSON.stringify({ ...rest, account: { id: 9 } });
    expect(await post(body, { path: '/shop' })).toMatchObject({ body: { status: 'ignored' } });
    expect(await waiting('bot-replies')).toEqual([]);
  });

  test.each([
    ['not JSON', 'event=1', 'the body is not JSON'],
    ['empty', '', 'the body is not JSON'],
    ['no object', '[1]', null],
    ['no event', '{"id":1}', null],
  ])('400 for a signed body that is %s, without repeating it', async (_title, body, error) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    if (error !== null) expect(answer.body).toEqual({ error });
  });

  const forged: [string, Sent][] = [
    ['no signature', { headers: { 'x-chatwoot-signature': '' } }],
    ['no timestamp', { headers: { 'x-chatwoot-timestamp': '' } }],
    ['a wrong secret', { secret: 'x'.repeat(24) }],
    ["another source's secret", { secret: BOT_SECRET }],
    ['a timestamp 301 s old', { skewMs: -301_000 }],
    ['a timestamp six minutes ahead', { skewMs: 360_000 }],
    ['a source that does not exist and a wrong secret', { path: '/nowhere', secret: 'x'.repeat(24) }],
  ];
  test.each(forged)('401 for %s, with one message for all', async (_title, sent) => {
    expect(await post(message, sent)).toMatchObject({
      status: 401,
      body: { error: 'not signed by this source: check the secret, the timestamp and the clock' },
    });
    expect(await waiting('bot-replies')).toEqual([]);
  });

  test('404 for an unknown source, told only to who holds one of our secrets', async () => {
    expect(await post(message, { path: '/nowhere' })).toMatchObject({ status: 404 });
  });

  test('404 for any other path, 405 for another method', async () => {
    expect((await app.inject({ method: 'GET', url: '/' })).statusCode).toBe(404);
    expect((await app.inject({ method: 'GET', url: '/metrics' })).statusCode).toBe(404);
    for (const url of ['/webhooks/chatwoot', '/webhooks/chatwoot/bot', '/webhooks/chatwoot/old/token']) {
      const answer = await app.inject({ method: 'GET', url });
      expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'POST']);
    }
  });

  test('413 for a body over the limit, 415 for another media type', async () => {
    expect((await post(`{"event":"${'x'.repeat(5 * 1024 * 1024)}"}`)).status).toBe(413);
    expect((await post(message, { headers: { 'content-type': 'text/plain' } })).status).toBe(415);
    expect(
      (await post(message, { headers: { 'content-type': 'application/json; charset=utf-8' } })).status,
    ).toBe(200);
  });

  test('500 when it could not be made durable, and never 503', async () => {
    await app.close();
    metrics = createMetrics({ app: 'test', version: '0' });
    app = build(() => Promise.reject(new Error('disk and Redis are gone')));
    expect(await post(message)).toMatchObject({ status: 500, body: { error: 'could not be made durable' } });
  });
});

describe('every fixture', () => {
  test.each(fixtureNames())(
    '%s is taken once, whatever brings it: account, inbox or bot webhook',
    async (name) => {
      const { raw } = fixture(name);
      const first = await post(raw);
      expect([first.status, ['accepted', 'ignored']]).toEqual([
        200,
        expect.arrayContaining([first.body.status]),
      ]);
      const copies = [
        await post(raw, { path: '/inbox', secret: INBOX_SECRET }),
        await post(raw, { path: '/bot', secret: BOT_SECRET }),
      ];
      // What says neither account nor id of its own can only be known by its delivery id.
      const known = first.body.status === 'accepted' ? ['duplicate', 'accepted'] : ['ignored'];
      for (const copy of copies)
        expect([copy.status, known]).toEqual([200, expect.arrayContaining([copy.body.status])]);
      if (name === 'message_created' || name === 'conversation_created' || name === 'contact_updated') {
        expect(copies.map((copy) => copy.body.status)).toEqual(['duplicate', 'duplicate']);
      }
    },
  );
});

describe('two replicas', () => {
  test('taking the same deliveries at once take each once', async () => {
    const log = createLogger({ app: 'test', level: 'silent' });
    const enqueuer = createEnqueuer(redis, { dedupeMs: 60_000 });
    metrics = createMetrics({ app: 'test', version: '0' });
    const other = build(createBatch({ handle: enqueuer.enqueue, largest: 100 }).add, log);
    const one = app;
    const results = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const body = message.replaceAll('"id": 90341', `"id": ${index + 1}`);
        const id = randomUUID();
        const answers = await Promise.all(
          [one, other, one].map((replica) => post(body, { id, to: replica })),
        );
        return answers.map((answer) => answer.body.status).toSorted();
      }),
    );
    await other.close();
    for (const statuses of results) expect(statuses).toEqual(['accepted', 'duplicate', 'duplicate']);
    expect(await redis.client.zcard(`${P}:unsettled:bot-replies`)).toBe(100);
  });
});

describe('secrets', () => {
  test('takes each of several while they are rotated, and counts by index which one signed', async () => {
    await post(message);
    await post(fixture('conversation_created').raw, { secret: OLD_SECRET });
    const text = await metrics.registry.getSingleMetricAsString('switchyard_secret_matches_total');
    expect(text).toContain('{source="default",secret="0"} 1');
    expect(text).toContain('{source="default",secret="1"} 1');
  });
});

describe('sources that can not sign', () => {
  const unsigned = (path: string) =>
    app.inject({
      method: 'POST',
      url: path,
      payload: message,
      headers: { 'content-type': 'application/json' },
    });

  test('are taken by the token in their path, and known again by what they say', async () => {
    expect((await unsigned(`/webhooks/chatwoot/old/${TOKEN}`)).json()).toMatchObject({ status: 'accepted' });
    expect((await unsigned(`/webhooks/chatwoot/old/${TOKEN}`)).json()).toMatchObject({ status: 'duplicate' });
    expect(await metrics.registry.getSingleMetricAsString('switchyard_secret_matches_total')).toContain(
      '{source="old",secret="unsigned"} 2',
    );
  });

  test.each([
    ['a wrong token', `old/${TOKEN.slice(1)}x`],
    ['a token of another length', 'old/short'],
    ['no token', 'old'],
    ['another network', `far/${TOKEN}`],
    ['a signed source', `default/${TOKEN}`],
    ['a source that does not exist', `nowhere/${TOKEN}`],
  ])('401 for %s, and nothing falls back to unsigned', async (_title, path) => {
    const answer = await unsigned(`/webhooks/chatwoot/${path}`);
    expect([answer.statusCode, answer.json()]).toEqual([
      401,
      { error: 'not signed by this source: check the secret, the timestamp and the clock' },
    ]);
  });

  test('a good signature does not open them', async () => {
    expect((await post(message, { path: '/old' })).status).toBe(401);
  });
});

describe('overload', () => {
  test('answers 429 with Retry-After while the event loop lags, and takes deliveries again after', async () => {
    await app.close();
    metrics = createMetrics({ app: 'test', version: '0' });
    app = build(async () => 'accepted', undefined, { ...HTTP, lagMs: 50 });
    await vi.waitFor(async () => expect((await post(message)).status).toBe(200), 30_000);
    const refused = await vi.waitFor(async () => {
      const busyUntil = performance.now() + 400;
      while (performance.now() < busyUntil);
      // What measures the lag gets its turn.
      await new Promise((resolve) => setTimeout(resolve, 1));
      const answer = await post(message);
      expect(answer.status).toBe(429);
      return answer;
    }, 30_000);
    expect(refused.headers['retry-after']).toBe('1');
    await vi.waitFor(async () => expect((await post(message)).status).toBe(200), 30_000);
  });
});

describe('privacy', () => {
  test("no log line, metric or answer holds a secret or a customer's data; no job holds a credential", async () => {
    const answers: string[] = [];
    for (const name of fixtureNames()) answers.push(JSON.stringify(await post(fixture(name).raw)));
    await post(message, { secret: 'wrong-secret-of-a-stranger' });
    const told = lines.join('\n') + answers.join('\n') + (await metrics.registry.metrics());
    for (const word of [
      'Lindqvist',
      'mara.',
      '46701740605',
      'charged twice',
      'EXAMPLE-',
      SECRET,
      OLD_SECRET,
    ]) {
      expect(told).not.toContain(word);
    }
    const keys = await redis.client.keys('*');
    for (const key of keys.filter((one) => !/:(wait|marker|id|seen|lanes|unsettled|meta|events)/.test(one))) {
      expect(JSON.stringify(await redis.client.hgetall(key).catch(() => ''))).not.toContain('EXAMPLE-');
    }
  });
});

describe('hostile requests', () => {
  test('no body makes it answer anything but what the table says', async () => {
    const body = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc
        .json()
        .map((json) => `{"event":"message_created","id":1,"conversation":${json},"__proto__":${json}}`),
      fc.nat({ max: 5_000 }).map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        expect([200, 400]).toContain((await post(text)).status);
      }),
      { numRuns: 200 },
    );
  });

  test('no header makes it answer anything but 200 or 401', async () => {
    const value = fc.string({ unit: 'grapheme-ascii', maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(value, value, value, async (signature, timestamp, delivery) => {
        const headers = {
          'x-chatwoot-signature': signature.trim(),
          'x-chatwoot-timestamp': timestamp.trim(),
          'x-chatwoot-delivery': delivery.trim(),
        };
        expect((await post(message, { headers })).status).toBe(401);
      }),
      { numRuns: 200 },
    );
  });

  test('a flood of refusals is one log line', async () => {
    for (let index = 0; index < 50; index += 1) await post(message, { secret: 'x'.repeat(24) });
    expect(lines.filter((line) => line.includes('requests refused'))).toHaveLength(1);
  });
});
