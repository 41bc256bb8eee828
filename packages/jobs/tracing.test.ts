import {
  type CollectedSpan,
  emptyRedis,
  type FakeCollector,
  freePort,
  type Line,
  layLine,
  seedCustomers,
  startFakeCollector,
} from '@switchyard/testkit';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';

// Each starts and stops processes, one after the other.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const NAME = 'Priya Raghunathan';
const EMAIL = 'priya@enterprise.example';
const WORDS = 'Hello! Xylophone repairs: what are your hours?';
const ANSWER = "We're open Monday-Friday";
const WATCH = `--import=${new URL('./testing-loaded-modules.ts', import.meta.url).href}`;
const WORKERS = ['crm-sync', 'bot-replies', 'routing'] as const;
const KIND = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };

let collector: FakeCollector;
let line: Line;

beforeAll(async () => {
  const redisUrl = await emptyRedis(inject('redisUrl'));
  const postgresUrl = inject('postgresUrl');
  await seedCustomers(postgresUrl, [{ email: EMAIL, subscription_tier: 'enterprise', name: NAME }]);
  collector = await startFakeCollector();
  line = await layLine({ redisUrl, postgresUrl });
  for (const agent of [line.chatwoot.ids.agent, line.chatwoot.ids.secondAgent]) {
    line.chatwoot.setAvailability(agent, 'offline');
  }
});
afterAll(async () => {
  await line?.close();
  await collector?.close();
});

const traced = () => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_EXPORTER_OTLP_TIMEOUT: '500',
  NODE_OPTIONS: WATCH,
});

const loaded = (logs: readonly string[]) =>
  new Set(logs.filter((text) => text.startsWith('loaded ')).map((text) => text.slice('loaded '.length)));

const childrenOf = (parent: CollectedSpan | undefined) =>
  collector.spans.filter((span) => span.parentId === parent?.spanId).map(({ name }) => name);

let untraced: number;

test('a process that is not told to trace does its work and loads nothing of it', async () => {
  const ingress = await line.start('ingress', { NODE_OPTIONS: WATCH });
  const crmSync = await line.start('crm-sync', { NODE_OPTIONS: WATCH });
  // Routing and the bot are not there yet: their jobs wait, without a trace, for the next test.
  const contact = { name: 'Uma', email: 'uma@shop.example' };
  untraced = (await line.chatwoot.writeAsCustomer({ contact, content: 'hello' })).conversationId;
  await vi.waitFor(() => expect(line.crm.leads()).toHaveLength(1), 60_000);
  await Promise.all([ingress.stop(), crmSync.stop()]);
  for (const { logs } of [ingress, crmSync]) {
    // prom-client's own.
    expect(loaded(logs())).toEqual(new Set(['@opentelemetry/api']));
    expect(logs().join('\n')).not.toContain('trace_id');
  }
});

test('one trace goes from the webhook through the spool and a retry to the last effect, and says nothing personal', async () => {
  // Redis is nowhere: what comes lies in the spool when the process ends.
  const before = await line.start('ingress', {
    ...traced(),
    REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
    NODE_OPTIONS: '',
  });
  const { conversationId } = await line.chatwoot.writeAsCustomer({
    contact: { name: NAME, email: EMAIL },
    content: WORDS,
  });
  await line.chatwoot.idle();
  await before.stop();

  line.crm.faults.add({ kind: 'status', status: 425, method: 'POST', count: 1 });
  line.crm.faults.add({ kind: 'rateLimit', retryAfterSeconds: 1, method: 'POST', count: 1 });
  const apps = await Promise.all(
    (['ingress', ...WORKERS] as const).map((name) => line.start(name, traced())),
  );
  await vi.waitFor(() => expect(line.crm.leads()).toHaveLength(2), 60_000);
  for (const id of [untraced, conversationId]) {
    await vi.waitFor(() => expect(line.chatwoot.conversation(id).team).not.toBeNull(), 60_000);
  }
  await Promise.all(apps.map((app) => app.stop()));
  expect(loaded(apps[1]?.logs() ?? [])).toContain('@opentelemetry/sdk-trace');

  // The delivery that made the lead; a message is another one.
  const [lead] = collector.spans.filter(
    ({ attributes }) => attributes['switchyard.action'] === 'create-lead',
  );
  const spans = collector.spans.filter(({ traceId }) => traceId === lead?.traceId);
  const only = (name: string, service: string) => {
    const found = spans.filter((span) => span.name === name && span.service === `switchyard-${service}`);
    expect(found, `${service}: ${name}`).toHaveLength(1);
    return found[0];
  };
  const webhook = only('POST /webhooks/chatwoot', 'ingress');
  expect(webhook).toMatchObject({
    parentId: '',
    kind: KIND.server,
    attributes: {
      'switchyard.event': 'conversation_created',
      'switchyard.result': 'spooled',
      'http.response.status_code': 200,
    },
  });
  const enqueue = only('enqueue', 'ingress');
  expect(enqueue).toMatchObject({
    parentId: webhook?.spanId,
    kind: KIND.producer,
    attributes: { 'switchyard.account': 3, 'switchyard.conversation': conversationId },
  });

  const attempts = spans.filter(({ name }) => name === 'process crm-sync');
  expect(attempts.map(({ attributes, error }) => [attributes['switchyard.result'], error])).toEqual([
    ['retry', 'CRM_TRY_AGAIN'],
    ['hold', 'CRM_RATE_LIMITED'],
    ['done', ''],
  ]);
  for (const attempt of attempts) {
    expect(attempt).toMatchObject({ parentId: enqueue?.spanId, kind: KIND.consumer, events: 0 });
    expect(childrenOf(attempt)).toEqual(expect.arrayContaining(['facts', 'decide', 'step create-lead']));
  }
  const calls = spans.filter(({ name }) => name === 'crm: leads.create');
  expect(calls).toEqual([
    expect.objectContaining({ kind: KIND.client, error: '425' }),
    expect.objectContaining({ kind: KIND.client, error: '429' }),
    expect.objectContaining({
      kind: KIND.client,
      attributes: expect.objectContaining({
        'switchyard.target': 'crm',
        'switchyard.delivery': webhook?.attributes['switchyard.delivery'],
        'http.response.status_code': 201,
      }),
    }),
  ]);
  const stepOf = (attempt: CollectedSpan) =>
    spans.find(({ name, parentId }) => name === 'step create-lead' && parentId === attempt.spanId)?.spanId;
  expect(calls.map(({ parentId }) => parentId)).toEqual(attempts.map(stepOf));

  const done = apps.flatMap((app) => app.logs()).find((text) => text.includes('"create-lead"'));
  expect(done).toContain(`"trace_id":"${lead?.traceId}"`);

  // What was enqueued without a trace has one from its attempt on; every other span is below one of its own trace.
  const places = new Set(collector.spans.map(({ traceId, spanId }) => traceId + spanId));
  const lost = collector.spans.filter(({ traceId, parentId }) => !places.has(traceId + parentId));
  const firsts = new Set(['POST /webhooks/chatwoot', 'process routing', 'process bot-replies']);
  expect(lost.filter(({ parentId, name }) => parentId !== '' || !firsts.has(name))).toEqual([]);
  expect(lost.filter(({ name }) => name === 'process routing')).toEqual([
    expect.objectContaining({
      attributes: expect.objectContaining({
        'switchyard.conversation': untraced,
        'switchyard.result': 'done',
      }),
    }),
  ]);

  // Routing has its own: a read of Chatwoot and of the customers, and the assignment.
  expect(collector.spans.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['process routing', 'customers: find', 'process bot-replies']),
  );
  const sent = collector.bytes().toString('latin1');
  expect(sent).toContain('create-lead');
  const secrets = [
    line.secret,
    line.crm.apiKey,
    line.chatwoot.tokens.administrator,
    line.chatwoot.tokens.bot,
  ];
  for (const word of [
    'Priya',
    'priya',
    'Raghu',
    'enterprise.example',
    'Xylophone',
    ANSWER,
    'api/v1',
    ...secrets,
  ]) {
    expect(sent, word).not.toContain(word);
  }
});

test('a collector that is away holds nothing up, and is told of once', async () => {
  await collector.close();
  const apps = await Promise.all(
    (['ingress', 'crm-sync'] as const).map((name) => line.start(name, traced())),
  );
  const before = line.crm.leads().length;
  for (const content of ['one', 'two']) {
    await line.chatwoot.writeAsCustomer({ contact: { name: content, email: null }, content });
    await line.chatwoot.idle();
    await apps[0]?.waitForLog('traces do not reach the collector', 60_000);
  }
  await vi.waitFor(() => expect(line.crm.leads()).toHaveLength(before + 2), 60_000);
  for (const app of apps) expect(await app.stop()).toEqual({ code: 0, signal: null });
  for (const app of apps) {
    expect(app.logs().filter((text) => text.includes('traces do not reach the collector'))).toHaveLength(1);
  }
});
