import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connectRedis,
  createBotSwitch,
  createEnqueuer,
  createQueueMonitor,
  createQueueSwitch,
  type RedisConnection,
} from '@switchyard/jobs';
import { eventOf, testingRuntime } from '@switchyard/jobs/testing';
import { type App, emptyRedis, type Line, layLine, seedIds } from '@switchyard/testkit';
import { afterEach, beforeEach, expect, inject, it, vi } from 'vitest';

// Messages are entered as the ingress enters them, older than the bot's time, so that nobody has to wait for it.
const OLD_MS = 13 * 60_000;
const LIMIT = { timeout: 40_000, interval: 100 };

let line: Line;
let folder: string;
let endpoint: Server;
let redis: RedisConnection;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-healer-'));
  const bot = { rules: [{ when: { contains: 'hours' }, reply: 'Nine to six.' }] };
  await writeFile(join(folder, 'switchyard.config.json'), JSON.stringify({ bot }));
  const redisUrl = await emptyRedis(inject('redisUrl'));
  line = await layLine({
    redisUrl,
    postgresUrl: inject('postgresUrl'),
    env: { SWITCHYARD_CONFIG: join(folder, 'switchyard.config.json'), CRM_URL: '' },
  });
  // Takes the bot's webhooks: where nobody does, Chatwoot opens the conversation by itself.
  endpoint = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
  const address = endpoint.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  line.chatwoot.connectBot({ url: `http://127.0.0.1:${port}/bot` });
  redis = connectRedis({ url: redisUrl, log: testingRuntime().log, temper: 'patient' });
});
afterEach(async () => {
  await redis.close();
  await line.close();
  endpoint.closeAllConnections();
  endpoint.close();
  await rm(folder, { recursive: true });
  inboxOf.clear();
});

it('hands over what bot-replies left while it was down, and bot-replies says nothing when it comes back', async () => {
  const conversation = await asks('hours?', 'hours??');
  await line.start('healer');
  await untilOpen(conversation);
  await line.start('bot-replies');
  await untilSettled('bot-replies');
  expect(written(conversation)).toEqual([noteOf('could not answer')]);
  expect(opened(conversation)).toBe(1);
});

it('hands over what a paused queue keeps, and nothing is said when it goes on', async () => {
  const queues = createQueueSwitch({ redis });
  await queues.pause('bot-replies');
  await line.start('bot-replies');
  const conversation = await asks('hours?');
  await line.start('healer');
  await untilOpen(conversation);
  await queues.resume('bot-replies');
  await untilSettled('bot-replies');
  expect(written(conversation)).toEqual([noteOf('could not answer')]);
});

it('hands over what the bot’s job died of', async () => {
  await line.start('bot-replies');
  line.chatwoot.faults.add({ kind: 'status', status: 422, method: 'POST', path: 'messages', count: 1 });
  const conversation = await asks('hours?');
  await vi.waitFor(async () => expect((await counts('bot-replies')).dead).toBe(1), LIMIT);
  await line.start('healer');
  await untilOpen(conversation);
  expect(written(conversation)).toEqual([noteOf('could not answer')]);
});

it('after an outage of Chatwoot, bot-replies and the healer together write one note for each conversation', async () => {
  await Promise.all([line.start('bot-replies'), line.start('healer')]);
  const conversations: number[] = [];
  for (let index = 0; index < 8; index += 1) conversations.push(writes('hours?'));
  await line.chatwoot.faults.down();
  for (const id of conversations) await enter(id);
  await vi.waitFor(async () => expect((await counts('bot-replies')).breaker).not.toBeNull(), LIMIT);
  await line.chatwoot.faults.up();
  for (const id of conversations) await untilOpen(id);
  await untilSettled('bot-replies');
  await untilSettled('handover');
  for (const id of conversations) {
    expect(written(id)).toEqual([noteOf('could not answer')]);
    expect(opened(id)).toBe(1);
  }
});

it('of two healers one is active; killed in the middle of a handover, the other ends it: one note, open', async () => {
  const healers = [await line.start('healer'), await line.start('healer')];
  const [first] = await activeOf(healers);
  expect(await readiness(healers)).toEqual(
    expect.arrayContaining([
      expect.stringContaining('"lease":"active"'),
      expect.stringMatching(/"lease":"standing by; [^"]+ is active"/),
    ]),
  );
  // The note is written and its answer never comes: the healer dies not knowing.
  line.chatwoot.faults.add({ kind: 'timeoutAfterCommit', method: 'POST', path: 'messages', count: 1 });
  const conversation = await asks('hours?');
  await vi.waitFor(() => expect(written(conversation)).toHaveLength(1), LIMIT);
  for (const healer of healers) healer.kill('SIGKILL');
  await Promise.all(healers.map(({ exited }) => exited));
  const next = await line.start('healer');
  await untilOpen(conversation);
  expect(written(conversation)).toEqual([noteOf('could not answer')]);
  expect(opened(conversation)).toBe(1);
  expect(await activeOf([next])).toEqual([next]);
  expect(first).toBeDefined();
}, 90_000);

it('of two healers the active one is killed in the middle of a handover; the one that stood by ends it: one note', async () => {
  const active = await line.start('healer');
  await activeOf([active]);
  const standby = await line.start('healer');
  // So that it is the active one that takes the job.
  standby.kill('SIGSTOP');
  line.chatwoot.faults.add({ kind: 'timeoutAfterCommit', method: 'POST', path: 'messages', count: 1 });
  const conversation = await asks('hours?');
  await vi.waitFor(() => expect(written(conversation)).toHaveLength(1), LIMIT);
  active.kill('SIGKILL');
  await active.exited;
  standby.kill('SIGCONT');
  expect(await activeOf([standby])).toEqual([standby]);
  await untilOpen(conversation);
  expect(written(conversation)).toEqual([noteOf('could not answer')]);
  expect(opened(conversation)).toBe(1);
}, 90_000);

it('leaves alone what is over and inboxes without a bot; what a person has answered it opens, without a note', async () => {
  const resolved = writes('hours?');
  line.chatwoot.resolve(resolved);
  const answered = writes('hours?');
  line.chatwoot.writeAsAgent({ conversationId: answered, content: 'Nine to six, says Tobias.' });
  line.chatwoot.setStatus(answered, 'pending');
  const elsewhere = line.chatwoot.writeAsCustomer({
    content: 'hours?',
    contact: { name: 'Ben', email: 'ben@shop.example' },
    inboxId: seedIds.apiInbox,
  }).conversationId;
  line.chatwoot.setStatus(elsewhere, 'pending');
  inboxOf.set(elsewhere, seedIds.apiInbox);
  for (const id of [resolved, answered, elsewhere]) await enter(id);
  const control = await asks('hours?');
  await line.start('healer');
  await untilOpen(control);
  await untilSettled('handover');
  expect(written(resolved)).toEqual([]);
  expect(written(answered)).toHaveLength(1);
  expect(written(elsewhere)).toEqual([]);
  expect([resolved, answered, elsewhere].map((id) => line.chatwoot.conversation(id).status)).toEqual([
    'resolved',
    'open',
    'pending',
  ]);
});

it('leaves a conversation alone that was resolved since the bot’s job died, and that the bot answers by now', async () => {
  await line.start('bot-replies');
  line.chatwoot.faults.add({ kind: 'status', status: 422, method: 'POST', path: 'messages', count: 1 });
  const conversation = writes('hours?');
  await enter(conversation, 0);
  await vi.waitFor(async () => expect((await counts('bot-replies')).dead).toBe(1), LIMIT);
  // No healer yet: people see to it by themselves.
  line.chatwoot.setStatus(conversation, 'open', seedIds.administrator);
  line.chatwoot.resolve(conversation, seedIds.administrator);
  writes('hours?', conversation);
  await enter(conversation, 0);
  const answered = () =>
    expect(written(conversation).map(({ content }) => content)).toEqual(['Nine to six.']);
  await vi.waitFor(answered, LIMIT);
  await line.start('healer');
  // The job of its order has come to its end.
  await vi.waitFor(async () => expect((await counts('handover')).done).toBe(1), LIMIT);
  answered();
  expect(line.chatwoot.conversation(conversation).status).toBe('pending');
});

it('hands over where the channel refused an answer while bot-replies is down', async () => {
  const bot = await line.start('bot-replies');
  const conversation = writes('hours?');
  await enter(conversation, 0);
  await vi.waitFor(() => expect(written(conversation)).toHaveLength(1), LIMIT);
  await bot.stop();
  await enterRefusal(conversation);
  await line.start('healer');
  await untilOpen(conversation);
  expect(written(conversation)[1]).toEqual(noteOf('The channel did not take'));
});

it('hands over all that is pending when the bot is turned off, in its inboxes alone', async () => {
  await line.start('healer');
  const conversations = Array.from({ length: 30 }, () => writes('Hello'));
  await createBotSwitch(redis).turn(false, 'ada');
  for (const id of conversations) await untilOpen(id);
  await untilSettled('handover');
  for (const id of conversations) expect(written(id)).toEqual([noteOf('turned off')]);
  await createBotSwitch(redis).turn(true, 'ada');
  expect(line.chatwoot.conversation(writes('Hello')).status).toBe('pending');
}, 90_000);

it('turned off, bot-replies and the healer together write one note at most about a fresh message', async () => {
  await Promise.all([line.start('bot-replies'), line.start('healer')]);
  await createBotSwitch(redis).turn(false, 'ada');
  const conversations: number[] = [];
  for (let index = 0; index < 12; index += 1) {
    const conversation = writes('hours?');
    conversations.push(conversation);
    await enter(conversation, 0);
  }
  for (const id of conversations) await untilOpen(id);
  await untilSettled('bot-replies');
  await untilSettled('handover');
  for (const id of conversations) {
    expect(written(id).length).toBeLessThanOrEqual(1);
    for (const message of written(id)) expect(message).toEqual(noteOf('turned off'));
  }
}, 90_000);

it('an inbox of which Chatwoot does not say whose bot it has holds up no other', async () => {
  const broken = await writesElsewhere();
  line.chatwoot.faults.add({
    kind: 'status',
    status: 500,
    method: 'GET',
    path: agentBotOf(seedIds.apiInbox),
  });
  await enter(broken);
  const good = await asks('hours?');
  await line.start('healer');
  await untilOpen(good);
  expect(line.chatwoot.conversation(broken).status).toBe('pending');
}, 60_000);

it('turned off, an inbox that fails holds up no other', async () => {
  await api('POST', `/inboxes/${seedIds.apiInbox}/set_agent_bot`, { agent_bot: seedIds.bot });
  const good = new Map<number, number>([
    [seedIds.websiteInbox, writes('Hello')],
    [seedIds.apiInbox, await writesElsewhere()],
  ]);
  const listed = idsOf(await api('GET', '/inboxes'));
  const [first, other] = listed.filter((id) => good.has(id));
  line.chatwoot.faults.add({ kind: 'status', status: 500, method: 'GET', path: agentBotOf(first ?? 0) });
  await createBotSwitch(redis).turn(false, 'ada');
  await line.start('healer');
  await untilOpen(good.get(other ?? 0) ?? 0);
}, 60_000);

it('leaves what is pending in the inbox of another’s bot to that bot, overdue or turned off', async () => {
  const [bot] = idsOf({
    payload: [
      await api('POST', '/agent_bots', { name: 'Another’s', outgoing_url: 'http://127.0.0.1:9/other' }),
    ],
  });
  await api('POST', `/inboxes/${seedIds.apiInbox}/set_agent_bot`, { agent_bot: bot });
  const theirs = await writesElsewhere();
  await enter(theirs);
  await line.start('healer');
  await untilOpen(await asks('hours?'));
  await createBotSwitch(redis).turn(false, 'ada');
  await untilOpen(writes('Hello'));
  await untilSettled('handover');
  expect(written(theirs)).toEqual([]);
  expect(line.chatwoot.conversation(theirs).status).toBe('pending');
}, 60_000);

/** Of what a list of Chatwoot's holds. */
function idsOf(answer: unknown): number[] {
  const has = typeof answer === 'object' && answer !== null && 'payload' in answer;
  const all: readonly unknown[] = has && Array.isArray(answer.payload) ? answer.payload : [];
  return all.map((one) => {
    if (typeof one === 'object' && one !== null && 'id' in one && typeof one.id === 'number') return one.id;
    throw new Error('Chatwoot listed something that has no id');
  });
}

/** As an administrator does in Chatwoot. */
async function api(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${line.chatwoot.url}/api/v1/accounts/${seedIds.account}${path}`, {
    method,
    headers: { api_access_token: line.chatwoot.tokens.administrator, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response.json().catch(() => null);
}

function agentBotOf(inbox: number): string {
  return `inboxes/${inbox}/agent_bot`;
}

/** A customer writes in the other inbox; it is pending there. */
async function writesElsewhere(): Promise<number> {
  const { conversationId, messageId } = line.chatwoot.writeAsCustomer({
    content: 'hours?',
    contact: { name: 'Ben', email: 'ben@shop.example' },
    inboxId: seedIds.apiInbox,
  });
  // A bot that does not take the webhook has its conversation opened.
  await line.chatwoot.idle();
  line.chatwoot.setStatus(conversationId, 'pending');
  inboxOf.set(conversationId, seedIds.apiInbox);
  lastMessage.set(conversationId, messageId);
  return conversationId;
}

let customers = 0;
const lastMessage = new Map<number, number>();
/** Of the conversations that are not in the bot's. */
const inboxOf = new Map<number, number>();

/** A new customer writes; the bot's inbox, so the conversation is pending. Nothing of it is in the line yet. */
function writes(content: string, conversationId?: number): number {
  customers += 1;
  const { conversationId: id, messageId } = line.chatwoot.writeAsCustomer({
    content,
    ...(conversationId === undefined
      ? { contact: { name: 'Mara', email: `mara-${customers}@shop.example` } }
      : { conversationId }),
  });
  lastMessage.set(id, messageId);
  return id;
}

async function asks(...contents: readonly string[]): Promise<number> {
  let conversation: number | undefined;
  for (const content of contents) {
    conversation = writes(content, conversation);
    await enter(conversation);
  }
  return conversation ?? 0;
}

/** Its last message, in the queue of the bot since before its time. */
async function enter(conversation: number, ageMs = OLD_MS): Promise<void> {
  const event = eventOf(conversation);
  const asked = {
    ...event,
    name: 'message_created',
    delivery: { ...event.delivery, receivedAt: Date.now() - ageMs },
    account: seedIds.account,
    inbox: { id: inboxOf.get(conversation) ?? seedIds.websiteInbox, name: null },
    message: {
      id: lastMessage.get(conversation) ?? 0,
      content: 'hours?',
      type: 'incoming',
      private: false,
      contentType: 'text',
      sender: { kind: 'contact', id: 1, name: null },
      createdAt: null,
      deleted: false,
      automated: false,
      marker: null,
      attachments: 0,
    },
  } as const;
  const jobs = [{ queue: 'bot-replies', lane: `v${seedIds.account}-${conversation}` }];
  const delivery = { event: asked, jobs, semanticKey: null, replayKey: null };
  expect(await createEnqueuer(redis, { dedupeMs: 3_600_000 }).enqueue([delivery])).toEqual(['accepted']);
}

/** Chatwoot tells that the channel refused the bot's answer; it waits since before its time. */
async function enterRefusal(conversation: number): Promise<void> {
  const event = eventOf(conversation);
  const refused = {
    ...event,
    name: 'message_updated',
    delivery: { ...event.delivery, receivedAt: Date.now() - OLD_MS },
    account: seedIds.account,
    inbox: { id: seedIds.websiteInbox, name: null },
    message: {
      id: written(conversation)[0]?.id ?? 0,
      content: 'Nine to six.',
      type: 'outgoing',
      private: false,
      contentType: 'text',
      sender: { kind: 'agent_bot', id: seedIds.bot, name: null },
      createdAt: null,
      deleted: false,
      automated: false,
      marker: 'bot-replies:job:reply',
      attachments: 0,
      undelivered: 'failed',
    },
  } as const;
  const jobs = [{ queue: 'bot-replies', lane: `v${seedIds.account}-${conversation}` }];
  const delivery = { event: refused, jobs, semanticKey: null, replayKey: null };
  expect(await createEnqueuer(redis, { dedupeMs: 3_600_000 }).enqueue([delivery])).toEqual(['accepted']);
}

function untilOpen(conversation: number): Promise<void> {
  return vi.waitFor(() => expect(line.chatwoot.conversation(conversation).status).toBe('open'), LIMIT);
}

async function untilSettled(queue: string): Promise<void> {
  await vi.waitFor(
    async () => expect(await counts(queue)).toMatchObject({ waiting: 0, active: 0, delayed: 0 }),
    LIMIT,
  );
}

async function counts(queue: string) {
  const found = (await createQueueMonitor({ redis }).counts())[queue];
  if (found === undefined) throw new Error(`no queue ${queue}`);
  return found;
}

/** What was written into it by whoever works here. */
function written(conversation: number) {
  return line.chatwoot.messages(conversation).filter(({ type }) => type === 'outgoing');
}

function noteOf(words: string) {
  return expect.objectContaining({ private: true, content: expect.stringContaining(words) });
}

/** How often it was opened through the API. */
function opened(conversation: number): number {
  return line.chatwoot
    .effects()
    .filter((effect) => effect.kind === 'status' && effect.conversationId === conversation).length;
}

function readiness(healers: readonly App[]): Promise<string[]> {
  return Promise.all(healers.map(async ({ adminUrl }) => (await fetch(`${adminUrl}/readyz`)).text()));
}

async function activeOf(healers: readonly App[]): Promise<App[]> {
  return vi.waitFor(async () => {
    const texts = await Promise.all(
      healers.map(async ({ adminUrl }) => (await fetch(`${adminUrl}/metrics`)).text()),
    );
    const active = healers.filter((_healer, index) =>
      /^switchyard_healer_active 1$/m.test(texts[index] ?? ''),
    );
    expect(active).toHaveLength(1);
    return active;
  }, LIMIT);
}
