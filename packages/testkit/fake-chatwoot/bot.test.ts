import { describe, expect, test } from 'vitest';
import { api, listen, mara, startFake } from './testing-line.ts';

async function startBotLine(answer?: Parameters<typeof listen>[0], options = {}) {
  const bot = await listen(answer);
  const fake = await startFake({
    delivery: { ordered: true, botRetryMs: 30, timeoutMs: 20_000 },
    bot: { url: bot.url, secret: 'bot-secret' },
    ...options,
  });
  return { fake, bot };
}

const write = { contact: mara, content: 'What are your hours?' };

describe('a bot (contract §4)', () => {
  test('new conversations are pending, and it hears of messages but not of creations', async () => {
    const { fake, bot } = await startBotLine();
    const { conversationId } = fake.writeAsCustomer(write);
    await fake.idle();
    expect(fake.conversation(conversationId).status).toBe('pending');
    expect(bot.events()).toEqual(['message_created']);
    expect(bot.received[0]?.body).toMatchObject({ conversation: { status: 'pending' } });
  });

  test('replies, and hands off: success is null and the handoff is told', async () => {
    const { fake, bot } = await startBotLine();
    const { conversationId } = fake.writeAsCustomer(write);
    const path = `/conversations/${conversationId}`;
    const reply = await api(fake, 'POST', `${path}/messages`, { content: 'Nine to five.' }, fake.tokens.bot);
    expect(reply.json).toMatchObject({ message_type: 1, sender: { type: 'agent_bot', id: fake.ids.bot } });
    const open = { status: 'open' };
    const handoff = await api(fake, 'POST', `${path}/toggle_status`, open, fake.tokens.bot);
    expect(handoff).toMatchObject({
      status: 200,
      json: { payload: { success: null, conversation_id: conversationId, current_status: 'open' } },
    });
    await fake.idle();
    expect(bot.events().slice(-3)).toEqual([
      'conversation_opened',
      'conversation_status_changed',
      'conversation_updated',
    ]);
    expect(fake.messages(conversationId).at(-1)).toMatchObject({
      type: 'activity',
      content: 'Conversation was reopened by Triage Bot',
    });
    const again = await api(fake, 'POST', `${path}/toggle_status`, open, fake.tokens.bot);
    expect(again.json).toMatchObject({ payload: { success: true } });
  });

  test('gets the state of the moment, an account webhook a later one', async () => {
    const { fake, bot } = await startBotLine();
    const account = await listen();
    fake.addWebhook({ url: account.url, subscriptions: ['message_created'] });
    const { conversationId } = fake.writeAsCustomer(write);
    fake.reopen(conversationId);
    await fake.idle();
    expect(bot.of('message_created')[0]?.body).toMatchObject({ conversation: { status: 'pending' } });
    expect(account.of('message_created')[0]?.body).toMatchObject({ conversation: { status: 'open' } });
  });

  test.each([429, 500])('is tried three times on %i, then loses the conversation', async (status) => {
    const { fake, bot } = await startBotLine(() => status);
    const { conversationId } = fake.writeAsCustomer(write);
    await fake.idle();
    const tries = fake.deliveries().filter(({ event }) => event === 'message_created');
    expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(new Set(tries.map(({ id }) => id)).size).toBe(1);
    expect(Number(tries[2]?.at) - Number(tries[0]?.at)).toBeGreaterThanOrEqual(55);
    expect(bot.received.length).toBeGreaterThanOrEqual(3);
    expect(fake.conversation(conversationId).status).toBe('open');
    expect(fake.messages(conversationId).at(-1)?.content).toContain('due to an error with the agent bot');
  });

  test.each([
    ['4.10', 1],
    ['4.13', 2],
    ['4.16', 2],
  ] as const)('opens in %s so often, of two messages that it fails on: %i', async (version, openings) => {
    const { fake } = await startBotLine(() => 500, { version });
    const { conversationId } = fake.writeAsCustomer(write);
    fake.writeAsCustomer({ conversationId, content: 'Hello?' });
    await fake.idle();
    fake.writeAsCustomer({ conversationId, content: 'Anybody?' });
    await fake.idle();
    const said = fake.messages(conversationId).filter(({ type }) => type === 'activity');
    expect(said).toHaveLength(openings);
    expect(fake.conversation(conversationId).status).toBe('open');
  });

  test('does not open again what a person has settled meanwhile', async () => {
    const { fake } = await startBotLine(() => 500);
    const { conversationId } = fake.writeAsCustomer(write);
    fake.resolve(conversationId);
    await fake.idle();
    expect(fake.conversation(conversationId).status).toBe('resolved');
  });

  test.each([503, 'hang'] as const)('is tried once on %s, then loses the conversation', async (answer) => {
    const delivery = { ordered: true, timeoutMs: answer === 'hang' ? 300 : 20_000 };
    const { fake } = await startBotLine((nth) => (nth === 1 ? answer : 200), { delivery });
    const { conversationId } = fake.writeAsCustomer(write);
    await fake.idle();
    expect(fake.deliveries().filter(({ event }) => event === 'message_created')).toHaveLength(1);
    expect(fake.conversation(conversationId).status).toBe('open');
  });

  test('keeps the conversation when the second try goes well, or the account says so', async () => {
    const recovering = await startBotLine((nth) => (nth === 1 ? 500 : 200));
    const first = recovering.fake.writeAsCustomer(write);
    await recovering.fake.idle();
    expect(recovering.fake.conversation(first.conversationId).status).toBe('pending');

    const keeping = await startBotLine(() => 503, { keepPendingOnBotFailure: true });
    const second = keeping.fake.writeAsCustomer(write);
    await keeping.fake.idle();
    expect(keeping.fake.conversation(second.conversationId).status).toBe('pending');
  });

  test('owns its conversations since 4.16', async () => {
    const { fake } = await startBotLine();
    const { conversationId } = fake.writeAsCustomer(write);
    expect(fake.conversation(conversationId).assignee).toMatchObject({ kind: 'agent_bot' });
    fake.assign(conversationId, { userId: fake.ids.agent });
    expect(fake.conversation(conversationId)).toMatchObject({ status: 'open', assignee: { kind: 'user' } });
  });

  test('a resolved conversation comes back to it', async () => {
    const { fake } = await startBotLine();
    const { conversationId } = fake.writeAsCustomer(write);
    fake.resolve(conversationId);
    fake.writeAsCustomer({ conversationId, content: 'Hello?' });
    expect(fake.conversation(conversationId).status).toBe('pending');
  });
});

test('a bot is connected and disconnected over the API', async () => {
  const fake = await startFake();
  const created = await api(fake, 'POST', '/agent_bots', {
    name: 'Second',
    outgoing_url: 'http://bot.example/',
  });
  expect(created.json).toMatchObject({ id: 6, secret: expect.any(String), access_token: expect.any(String) });
  const inbox = `/inboxes/${fake.ids.websiteInbox}`;
  expect(await api(fake, 'POST', `${inbox}/set_agent_bot`, { agent_bot: 6 })).toMatchObject({
    status: 200,
    text: '',
  });
  expect((await api(fake, 'GET', `${inbox}/agent_bot`)).json).toMatchObject({ agent_bot: { id: 6 } });
  await api(fake, 'POST', `${inbox}/set_agent_bot`, { agent_bot: null });
  expect((await api(fake, 'GET', `${inbox}/agent_bot`)).json).toEqual({ agent_bot: {} });
  const asAgent = await api(fake, 'GET', '/agent_bots/6', undefined, fake.tokens.agent);
  expect(asAgent.json).not.toHaveProperty('secret');
});
