import { expect, test } from 'vitest';
import type { FakeChatwoot } from './fake-chatwoot.ts';
import { api, mara, startFake } from './testing-line.ts';

type Who = 'administrator' | 'agent' | 'bot' | 'wrong' | 'none';

function token(fake: FakeChatwoot, who: Who): string | null {
  if (who === 'none') return null;
  return who === 'wrong' ? 'wrong' : fake.tokens[who];
}

const policy = { error: 'You are not authorized to do this action' };
const notForBots = { error: 'Access to this endpoint is not authorized for bots' };
const missing = { error: 'Resource could not be found' };

test.each<[string, Who, string, string, unknown, number, unknown]>([
  [
    'no token',
    'none',
    'GET',
    '/conversations/1187',
    undefined,
    401,
    { errors: ['You need to sign in or sign up before continuing.'] },
  ],
  ['a wrong token', 'wrong', 'GET', '/teams', undefined, 401, { error: 'Invalid Access Token' }],
  ['an agent at /webhooks', 'agent', 'GET', '/webhooks', undefined, 401, policy],
  [
    'another account',
    'agent',
    'GET',
    '/api/v1/accounts/4/teams',
    undefined,
    401,
    { error: 'You are not authorized to access this account' },
  ],
  [
    'a bot in another account',
    'bot',
    'GET',
    '/api/v1/accounts/4/conversations/1',
    undefined,
    401,
    { error: 'Bot is not authorized to access this account' },
  ],
  ['no such account', 'agent', 'GET', '/api/v1/accounts/99/teams', undefined, 404, missing],
  ['a bot listing messages', 'bot', 'GET', '/conversations/1187/messages', undefined, 401, notForBots],
  ['a bot listing conversations', 'bot', 'GET', '/conversations', undefined, 401, notForBots],
  ['a bot at /teams', 'bot', 'GET', '/teams', undefined, 401, notForBots],
  ['a bot at /profile', 'bot', 'GET', '/api/v1/profile', undefined, 401, notForBots],
  ['an unknown conversation', 'agent', 'GET', '/conversations/9999', undefined, 404, missing],
  ['an unknown contact', 'agent', 'PUT', '/contacts/1', { name: 'X' }, 404, missing],
  [
    'a bad status',
    'agent',
    'POST',
    '/conversations/1187/toggle_status',
    { status: 'closed' },
    500,
    { status: 500, error: 'Internal Server Error' },
  ],
  [
    'a bad priority',
    'bot',
    'POST',
    '/conversations/1187/toggle_priority',
    { priority: 'top' },
    500,
    { status: 500, error: 'Internal Server Error' },
  ],
  [
    'a bad message_type',
    'agent',
    'POST',
    '/conversations/1187/messages',
    { content: 'x', message_type: 'shout' },
    422,
    { error: "'shout' is not a valid message_type" },
  ],
  [
    'incoming in a widget inbox',
    'agent',
    'POST',
    '/conversations/1187/messages',
    { content: 'x', message_type: 'incoming' },
    422,
    { error: 'Incoming messages are only allowed in Api inboxes' },
  ],
  [
    'a message that is too long',
    'agent',
    'POST',
    '/conversations/1187/messages',
    { content: 'x'.repeat(150_001) },
    422,
    { error: 'Validation failed: Content is too long (maximum is 150000 characters)' },
  ],
  [
    'a taken email',
    'agent',
    'POST',
    '/contacts',
    { email: 'MARA.lindqvist@example.com' },
    422,
    { message: 'Email has already been taken', attributes: ['email'] },
  ],
  [
    'a phone number that is no E.164',
    'agent',
    'POST',
    '/contacts',
    { phone_number: '0701' },
    422,
    { message: 'Phone number should be in e164 format', attributes: ['phone_number'] },
  ],
  [
    'a webhook on a taken URL',
    'administrator',
    'POST',
    '/webhooks',
    { url: 'http://taken.example/hook' },
    422,
    { message: 'Url has already been taken', attributes: ['url'] },
  ],
  [
    'a webhook that wants an unknown event',
    'administrator',
    'POST',
    '/webhooks',
    { webhook: { url: 'http://new.example/', subscriptions: ['contact_deleted'] } },
    422,
    { message: 'Subscriptions Invalid events', attributes: ['subscriptions'] },
  ],
  [
    'a webhook that wants nothing',
    'administrator',
    'POST',
    '/webhooks',
    { url: 'http://new.example/', subscriptions: [] },
    422,
    { message: 'Subscriptions Invalid events', attributes: ['subscriptions'] },
  ],
  [
    'a filter on an unknown key',
    'agent',
    'POST',
    '/conversations/filter',
    { payload: [{ attribute_key: 'mood', filter_operator: 'equal_to', values: ['good'] }] },
    422,
    { error: expect.stringContaining('Invalid attribute key - [mood]') },
  ],
])('%s (%s) is refused', async (_, who, method, path, body, status, answer) => {
  const fake = await startFake({
    webhooks: [{ url: 'http://taken.example/hook', subscriptions: ['inbox_created'] }],
  });
  fake.writeAsCustomer({ contact: mara, content: 'Hi' });
  const before = JSON.stringify([fake.conversations(), fake.contacts()]);
  const got = await api(fake, method, path, body, token(fake, who));
  expect(got.status).toBe(status);
  expect(got.json).toEqual(answer);
  expect(JSON.stringify([fake.conversations(), fake.contacts()])).toBe(before);
  expect(fake.calls().at(-1)).toMatchObject({ committed: false, faulted: null });
});

test('both spellings of the token header are taken', async () => {
  const fake = await startFake();
  for (const name of ['api_access_token', 'Api-Access-Token']) {
    const response = await fetch(`${fake.url}/api/v1/profile`, { headers: { [name]: fake.tokens.agent } });
    expect(await response.json()).toMatchObject({
      id: fake.ids.agent,
      accounts: [{ id: 3, name: 'Northwind Outdoor', role: 'agent', status: 'active' }],
    });
  }
});

test('an agent without the inbox gets a 401, and no list shows it', async () => {
  const fake = await startFake();
  fake.writeAsCustomer({ contact: mara, content: 'Hi' });
  fake.setInboxMembers(fake.ids.websiteInbox, [fake.ids.secondAgent]);
  const got = await api(fake, 'GET', '/conversations/1187', undefined, fake.tokens.agent);
  expect([got.status, got.json]).toEqual([401, policy]);
  const list = await api(fake, 'GET', '/conversations', undefined, fake.tokens.agent);
  expect(list.json).toMatchObject({ data: { payload: [] } });
});

test('the 201st message of a minute is a 422', async () => {
  const fake = await startFake({ habits: { messagesPerMinute: 2 } });
  fake.writeAsCustomer({ contact: mara, content: 'Hi' });
  const post = () => api(fake, 'POST', '/conversations/1187/messages', { content: 'x' });
  expect((await post()).status).toBe(200);
  expect(await post()).toMatchObject({
    status: 422,
    json: { error: 'Validation failed: Too many messages' },
  });
});
