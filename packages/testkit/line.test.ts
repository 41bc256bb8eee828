import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { emptyRedis } from './empty-redis.ts';
import { fixture, fixtureNames } from './fixtures.ts';
import { type App, type Line, layLine } from './line.ts';
import { seedCustomers } from './services/customers.ts';

const P = '{switchyard:0}';
const QUEUES = ['crm-sync', 'bot-replies', 'routing'] as const;

let line: Line;
let redis: Redis;
let apps: App[];

beforeAll(async () => {
  const redisUrl = await emptyRedis(inject('redisUrl'));
  const postgresUrl = inject('postgresUrl');
  await seedCustomers(postgresUrl, [
    { email: 'priya@enterprise.example', subscription_tier: 'enterprise', name: 'Priya' },
    { email: 'sam@standard.example', subscription_tier: 'standard', name: 'Sam' },
    { email: 'nina@null.example', subscription_tier: null, name: 'Nina' },
  ]);
  redis = new Redis(redisUrl);
  line = await layLine({ redisUrl, postgresUrl });
  // Nobody is at their desk: an agent who is assigned takes over, and the bot would rightly fall silent.
  for (const agent of [line.chatwoot.ids.agent, line.chatwoot.ids.secondAgent]) {
    line.chatwoot.setAvailability(agent, 'offline');
  }
  apps = await Promise.all((['ingress', ...QUEUES] as const).map((name) => line.start(name)));
});
afterAll(async () => {
  await line?.close();
  await redis?.quit();
});

/** Nothing on its way and nothing left to do. */
async function atRest(): Promise<void> {
  await vi.waitFor(async () => {
    await line.chatwoot.idle();
    const unsettled = await Promise.all(QUEUES.map((queue) => redis.zcard(`${P}:unsettled:${queue}`)));
    expect(unsettled).toEqual([0, 0, 0]);
  }, 60_000);
}

const dead = async () => {
  const failed = await Promise.all(
    QUEUES.map(async (queue) => {
      const ids = await redis.zrange(`${P}:${queue}:failed`, '0', '-1');
      return Promise.all(
        ids.map(async (id) => `${queue}: ${await redis.hget(`${P}:${queue}:${id}`, 'failedReason')}`),
      );
    }),
  );
  return failed.flat();
};

const publicMessages = (conversation: number) =>
  line.chatwoot.messages(conversation).filter((message) => !message.private && message.type !== 'activity');

describe('a customer writes', () => {
  test.each([
    ['an enterprise customer', 'priya@enterprise.example', 'enterprise support', 'high'],
    ['a standard customer', 'sam@standard.example', 'standard support', null],
    ['a customer without a tier', 'nina@null.example', 'standard support', null],
    ['a stranger', 'who@nowhere.example', 'standard support', null],
    ['a visitor without an e-mail', null, 'standard support', null],
  ])('%s gets the team, an answer and a lead', async (name, email, team, priority) => {
    const { conversationId } = await line.chatwoot.writeAsCustomer({
      contact: { name, email },
      content: 'Hello! What are your HOURS, please?',
    });
    await atRest();
    const conversation = line.chatwoot.conversation(conversationId);
    expect({ team: conversation.team?.name, priority: conversation.priority }).toEqual({ team, priority });
    expect(publicMessages(conversationId).map((message) => message.content)).toEqual([
      'Hello! What are your HOURS, please?',
      "We're open Monday-Friday, 9 AM - 6 PM EST. How can I help you today?",
    ]);
    const url = `${line.chatwoot.url}/app/accounts/3/conversations/${conversationId}`;
    const leads = line.crm.leads().filter((lead) => lead.conversation_url === url);
    expect(leads).toEqual([expect.objectContaining({ name, email, phone: null, source: 'Chatwoot' })]);
  });

  test('a yes to the offer hands the conversation to sales, and the bot is silent from then on', async () => {
    const { conversationId } = await line.chatwoot.writeAsCustomer({
      contact: { name: 'Lee', email: 'lee@shop.example' },
      content: 'how much does it cost?',
    });
    await atRest();
    await line.chatwoot.writeAsCustomer({ conversationId, content: 'Yes, please!' });
    await atRest();
    await line.chatwoot.writeAsCustomer({ conversationId, content: 'and what are your hours?' });
    await atRest();
    const conversation = line.chatwoot.conversation(conversationId);
    expect([conversation.team?.name, conversation.status]).toEqual(['sales', 'open']);
    expect(publicMessages(conversationId).map((message) => message.content)).toEqual([
      'how much does it cost?',
      'Our plans start at $29 a month. Would you like me to connect you with our sales team?',
      'Yes, please!',
      "Great, I'm connecting you with our sales team. They'll be with you shortly.",
      'and what are your hours?',
    ]);
  });

  test('a human who answers is not interrupted', async () => {
    const { conversationId } = await line.chatwoot.writeAsCustomer({
      contact: { name: 'Kim', email: 'kim@shop.example' },
      content: 'My parcel is late',
    });
    await atRest();
    await line.chatwoot.writeAsAgent({ conversationId, content: 'Let me see.' });
    await atRest();
    await line.chatwoot.writeAsCustomer({ conversationId, content: 'What are your hours?' });
    await atRest();
    expect(publicMessages(conversationId)).toHaveLength(3);
  });

  test('a contact who tells more of himself updates his lead; mere activity does not', async () => {
    const { conversationId } = await line.chatwoot.writeAsCustomer({
      contact: { name: 'snowy-sun-611', email: null },
      content: 'hi',
    });
    await atRest();
    const writesBefore = line.crm.writes().length;
    await line.chatwoot.writeAsCustomer({ conversationId, content: 'still here' });
    await atRest();
    expect(line.crm.writes()).toHaveLength(writesBefore);
    const contact = line.chatwoot.contacts().find((one) => one.name === 'snowy-sun-611');
    await line.chatwoot.updateContact(contact?.id ?? 0, { name: 'Ada', email: 'ada@shop.example' });
    await atRest();
    const url = `${line.chatwoot.url}/app/accounts/3/conversations/${conversationId}`;
    expect(line.crm.leads().filter((lead) => lead.conversation_url === url)).toEqual([
      expect.objectContaining({ name: 'Ada', email: 'ada@shop.example' }),
    ]);
  });
});

describe('through an agent bot', () => {
  test('answers while pending, and hands over by opening the conversation', async () => {
    line.chatwoot.connectBot({ url: line.webhookUrl, secret: line.secret });
    const { conversationId } = await line.chatwoot.writeAsCustomer({
      contact: { name: 'Bo', email: 'bo@shop.example' },
      content: 'What is the price?',
    });
    await atRest();
    expect(line.chatwoot.conversation(conversationId).status).toBe('pending');
    await line.chatwoot.writeAsCustomer({ conversationId, content: 'yes' });
    await atRest();
    expect(line.chatwoot.conversation(conversationId)).toMatchObject({ status: 'open' });
    // Both webhooks brought each message; it was answered once.
    expect(publicMessages(conversationId)).toHaveLength(4);
  });
});

describe('every fixture', () => {
  test.each(fixtureNames())('%s is acknowledged and worked on to its end', async (name) => {
    const { conversationId } = await line.chatwoot.writeAsCustomer({
      contact: { name: 'Mara', email: `mara-${name.replaceAll(/\W/g, '-')}@shop.example` },
      content: 'hello',
    });
    await atRest();
    const before = await dead();
    // The fixtures speak of a conversation and a contact of another Chatwoot; this one has its own.
    const contact = line.chatwoot.contacts().at(-1)?.id;
    const payload = fixture(name)
      .raw.replaceAll(/"(id|display_id|conversation_id)": "?(1187|567)"?/g, `"$1": ${conversationId}`)
      .replaceAll(/"(id|contact_id|sender_id)": (4821|89)\b/g, `"$1": ${contact}`)
      .replaceAll(/("account": \{\s*"id": )"?1"?/g, '$13');
    const attempt = await line.chatwoot.send({ url: line.webhookUrl, payload, secret: line.secret });
    expect(attempt.status).toBe(200);
    await atRest();
    // The old docs page's conversation has the id "1", which this Chatwoot has not.
    const expected = name === 'simplified/message_created.legacy_docs' ? 1 : 0;
    expect((await dead()).length - before.length).toBeLessThanOrEqual(expected);
  });
});

describe('every app', () => {
  test('says what it does in JSON lines with the delivery id, and nothing of the customer', () => {
    for (const app of apps) {
      const lines = app.logs().map((text): unknown => JSON.parse(text));
      expect(lines.length).toBeGreaterThan(0);
      if (app.name !== 'ingress') {
        expect(lines).toContainEqual(
          expect.objectContaining({
            msg: 'job done',
            queue: app.name,
            delivery: expect.any(String),
            event: expect.any(String),
            account: 3,
            conversation: expect.anything(),
          }),
        );
      }
      for (const word of ['priya', 'Priya', 'example', 'HOURS', 'parcel', line.secret, line.crm.apiKey]) {
        expect(app.logs().join('\n').replaceAll(line.chatwoot.url, '')).not.toContain(word);
      }
    }
  });

  test('answers metrics, health and readiness', async () => {
    for (const app of apps) {
      const [metrics, health, ready] = await Promise.all(
        ['metrics', 'healthz', 'readyz'].map((path) => fetch(`${app.adminUrl}/${path}`)),
      );
      expect([metrics?.status, health?.status, ready?.status]).toEqual([200, 200, 200]);
      expect(await metrics?.text()).toContain('switchyard_build_info');
    }
  });

  test('exits 0 on SIGTERM', async () => {
    for (const app of apps) expect(await app.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
