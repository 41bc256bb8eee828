import { describe, expect, test } from 'vitest';
import { api, listen, mara, startFake, startLine } from './testing-line.ts';
import { spokenVersions } from './versions.ts';

const write = { contact: mara, content: 'What are your hours?' };

async function startBotInbox(options: Parameters<typeof startFake>[0] = {}, answer = 200) {
  const bot = await listen(() => answer);
  const delivery = { ordered: true, botRetryMs: 20, timeoutMs: 20_000 };
  const fake = await startFake({ delivery, bot: { url: bot.url }, ...options });
  const { conversationId } = fake.writeAsCustomer(write);
  return { fake, bot, conversationId, path: `/conversations/${conversationId}` };
}

test.each([
  ['4.10', '4.10.1'],
  ['4.13', '4.13.0'],
  ['4.16', '4.16.2'],
] as const)('%s says what it is to anyone', async (version, release) => {
  const fake = await startFake({ version });
  const answer = await fetch(`${fake.url}/api`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ version: release, queue_services: 'ok', data_services: 'ok' });
});

test('only a proxy dates its answers', async () => {
  const bare = await startFake();
  const proxied = await startFake({ behindProxy: true });
  expect((await fetch(`${bare.url}/api`)).headers.has('date')).toBe(false);
  expect((await fetch(`${proxied.url}/api`)).headers.has('date')).toBe(true);
});

describe("a bot's token (contract [R] 2)", () => {
  test.each(['4.10', '4.13'] as const)('reads nothing in %s', async (version) => {
    const { fake, path } = await startBotInbox({ version });
    for (const what of [path, `${path}/messages`, `${path}/labels`]) {
      expect(await api(fake, 'GET', what, undefined, fake.tokens.bot)).toMatchObject({
        status: 401,
        json: { error: 'Access to this endpoint is not authorized for bots' },
      });
    }
  });

  test('reads a conversation in 4.16, until it has a team', async () => {
    const { fake, path, conversationId } = await startBotInbox();
    const read = () => api(fake, 'GET', path, undefined, fake.tokens.bot);
    expect(await read()).toMatchObject({ status: 200, json: { meta: { assignee_type: 'AgentBot' } } });
    fake.assign(conversationId, { teamId: fake.ids.salesTeam });
    expect(await read()).toMatchObject({
      status: 500,
      json: { status: 500, error: 'Internal Server Error' },
    });
    expect((await api(fake, 'GET', path)).status).toBe(200);
    expect((await api(fake, 'GET', `${path}/messages`, undefined, fake.tokens.bot)).status).toBe(401);
  });
});

describe('a bot owns its conversations in 4.16 (contract [R] 3)', () => {
  test('opening clears it, and pending again does not set it again', async () => {
    const { fake, path, conversationId } = await startBotInbox();
    const assignee = () => fake.conversation(conversationId).assignee;
    expect(assignee()).toMatchObject({ kind: 'agent_bot' });
    await api(fake, 'POST', `${path}/toggle_status`, { status: 'open' }, fake.tokens.bot);
    expect(assignee()).toBeNull();
    fake.makePending(conversationId);
    expect(assignee()).toBeNull();
    expect(fake.messages(conversationId).at(-1)).toMatchObject({
      content: 'Conversation was marked as pending by Tobias Engel',
      contentAttributes: { activity: { type: 'conversation_status_changed', status: 'pending' } },
    });
  });

  test('when its endpoint fails, Chatwoot opens the conversation and leaves it the assignee', async () => {
    const { fake, conversationId } = await startBotInbox({}, 500);
    await fake.idle();
    expect(fake.conversation(conversationId)).toMatchObject({
      status: 'open',
      assignee: { kind: 'agent_bot' },
    });
  });

  test.each(['4.10', '4.13'] as const)('not in %s', async (version) => {
    const { fake, conversationId } = await startBotInbox({ version });
    expect(fake.conversation(conversationId)).toMatchObject({ status: 'pending', assignee: null });
  });
});

test.each([
  ['4.10', 1],
  ['4.13', 3],
  ['4.16', 3],
] as const)("%s tries a bot's endpoint that fails %i times", async (version, tries) => {
  const { fake } = await startBotInbox({ version }, 500);
  await fake.idle();
  const attempts = fake.deliveries().filter(({ event }) => event === 'message_created');
  expect(attempts).toHaveLength(tries);
});

test('a bot hears of changed conversations since 4.13', async () => {
  for (const version of ['4.10', '4.13'] as const) {
    const { fake, bot, conversationId } = await startBotInbox({ version });
    fake.resolve(conversationId);
    await fake.idle();
    const heard = ['message_created', 'conversation_resolved'];
    const changes = ['conversation_status_changed', 'conversation_updated'];
    expect(bot.events()).toEqual(version === '4.10' ? heard : [...heard, ...changes]);
  }
});

describe('conversation_created (contract [R] 1)', () => {
  test.each(spokenVersions)('told bare in %s', async (version) => {
    const { fake, receiver } = await startLine({ version, habits: { bareCreations: 'always' } });
    fake.writeAsCustomer(write);
    await fake.idle();
    const body = receiver.of('conversation_created')[0]?.body;
    expect(body).toMatchObject({ messages: [] });
    expect('account' in (body ?? {})).toBe(version === '4.16');
    expect(receiver.of('message_created')[0]?.body).toMatchObject({ account: { id: fake.accountId } });
  });

  test('each has its own luck in a race', async () => {
    let luck = 0.1;
    const { fake, receiver } = await startLine({ version: '4.13', random: () => luck });
    fake.writeAsCustomer(write);
    luck = 0.9;
    fake.writeAsCustomer({ ...write, newConversation: true });
    await fake.idle();
    expect(receiver.of('conversation_created').map(({ body }) => body.messages)).toEqual([
      [],
      [expect.objectContaining({ account_id: fake.accountId })],
    ]);
  });
});

test('the profile tells of api_and_webhooks in 4.16 only', async () => {
  for (const version of ['4.13', '4.16'] as const) {
    const fake = await startFake({ version });
    const { text } = await api(fake, 'GET', '/api/v1/profile');
    expect(text.includes('api_and_webhooks')).toBe(version === '4.16');
  }
});
