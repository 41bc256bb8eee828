import { describe, expect, test } from 'vitest';
import { scriptedChatwoot } from './testing-server.ts';

const raw = {
  id: 5,
  name: 'Switchyard',
  outgoing_url: 'https://hooks.example.net/b',
  access_token: 'a',
  secret: 's',
};
const bot = {
  id: 5,
  name: 'Switchyard',
  outgoingUrl: 'https://hooks.example.net/b',
  accessToken: 'a',
  secret: 's',
};

test('list and create', async () => {
  const { client, received } = await scriptedChatwoot(({ line }) => ({
    body: line.startsWith('GET') ? [raw] : raw,
  }));
  expect(await client.agentBots.list(3)).toEqual([bot]);
  expect(await client.agentBots.create(3, { name: 'Switchyard', outgoingUrl: raw.outgoing_url })).toEqual(
    bot,
  );
  expect(received[1]).toMatchObject({
    line: 'POST /api/v1/accounts/3/agent_bots',
    body: { name: 'Switchyard', outgoing_url: raw.outgoing_url, bot_type: 'webhook' },
  });
});

test('update changes what is given', async () => {
  const { client, received } = await scriptedChatwoot(() => ({ body: raw }));
  expect(await client.agentBots.update(3, 5, { outgoingUrl: raw.outgoing_url })).toEqual(bot);
  expect(received[0]).toMatchObject({
    line: 'PATCH /api/v1/accounts/3/agent_bots/5',
    body: { outgoing_url: raw.outgoing_url },
  });
});

test.each([5, null])('connect sets the bot of an inbox to %j', async (id) => {
  const { client, received } = await scriptedChatwoot(() => ({}));
  await client.agentBots.connect(3, 12, id);
  expect(received[0]).toMatchObject({
    line: 'POST /api/v1/accounts/3/inboxes/12/set_agent_bot',
    body: { agent_bot: id },
  });
});

test.each([
  [{ agent_bot: raw }, bot],
  [{ agent_bot: {} }, null],
  [{ agent_bot: null }, null],
  [{}, null],
])('the bot of an inbox, from %j', async (body, expected) => {
  const { client } = await scriptedChatwoot(() => ({ body }));
  expect(await client.agentBots.ofInbox(3, 12)).toEqual(expected);
});

describe("a bot's own token", () => {
  test.each([
    ['before 4.14', 401, { error: 'Access to this endpoint is not authorized for bots' }],
    ['of a conversation with a team, in 4.16', 500, { status: 500, error: 'Internal Server Error' }],
    ['of a conversation that is not there', 404, { error: 'Resource could not be found' }],
    ['of one that it may see', 200, { id: 1 }],
  ])('is good when the answer is that %s', async (_what, status, body) => {
    const { client, received } = await scriptedChatwoot(() => ({ status, body }));
    await client.agentBots.checkToken(3);
    expect(received[0]?.headers['api-access-token']).toBe('bot-token');
  });

  test.each([
    ['Invalid Access Token', 'CHATWOOT_UNAUTHORIZED'],
    ['Bot is not authorized to access this account', 'CHATWOOT_FORBIDDEN'],
  ])('is not when the answer is "%s"', async (error, code) => {
    const { client } = await scriptedChatwoot(() => ({ status: 401, body: { error } }));
    await expect(client.agentBots.checkToken(3)).rejects.toMatchObject({ code });
  });
});
