import { expect, test } from 'vitest';
import { type ChatwootClient, createChatwootClient } from './client.ts';
import { parseEvent } from './parse.ts';
import { delivery } from './testing-fixtures.ts';
import { recorded } from './testing-recordings.ts';

const { answers, webhooks } = recorded();

test('every webhook that a Chatwoot was seen to send is read as what it is about', () => {
  expect(webhooks.length).toBeGreaterThan(500);
  for (const { file, body } of webhooks) {
    const event = parseEvent(body, delivery);
    const about = [event.message?.id, event.conversation?.id, event.contact?.id];
    expect([file, event.name, about.some((id) => typeof id === 'number')]).toEqual([file, event.name, true]);
  }
});

/** How the client asks for what was recorded, and how much of it there has to be. */
const readers: Readonly<
  Record<string, readonly [RegExp, number, (client: ChatwootClient) => Promise<unknown>]>
> = {
  profile: [/^GET \/api\/v1\/profile$/, 3, (client) => client.profile()],
  teams: [/^GET .*\/teams$/, 3, (client) => client.teams.list(1)],
  agents: [/^GET .*\/agents$/, 3, (client) => client.agents.list(1)],
  inboxes: [/^GET .*\/inboxes$/, 3, (client) => client.inboxes.list(1)],
  labels: [/^GET .*\/1\/labels$/, 3, (client) => client.labels.list(1)],
  webhooks: [/^GET .*\/webhooks$/, 3, (client) => client.webhooks.list(1)],
  'agent bots': [/^GET .*\/agent_bots$/, 3, (client) => client.agentBots.list(1)],
  conversations: [/^GET .*\/conversations\/\d+$/, 40, (client) => client.conversations.get(1, 1)],
  'lists of messages': [
    /^GET .*\/conversations\/\d+\/messages(\?.*)?$/,
    30,
    (client) => client.messages.list(1, 1),
  ],
  'sent messages': [
    /^POST .*\/accounts\/1\/conversations\/\d+\/messages$/,
    30,
    (client) => client.messages.create(1, 1, { content: 'x' }),
  ],
  contacts: [/^GET .*\/contacts\/\d+$/, 3, (client) => client.contacts.get(1, 1)],
};

test.each(Object.entries(readers))('%s, as three Chatwoots answered, are read', async (_what, entry) => {
  const [asked, atLeast, read] = entry;
  const fitting = answers.filter(
    ({ method, path, status }) => status === 200 && asked.test(`${method} ${path}`),
  );
  expect(fitting.length).toBeGreaterThanOrEqual(atLeast);
  for (const { file, body } of fitting) {
    const send = async () => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const client = createChatwootClient({ baseUrl: 'https://c.example', token: 't', send });
    await expect(read(client), file).resolves.not.toBeUndefined();
  }
});
