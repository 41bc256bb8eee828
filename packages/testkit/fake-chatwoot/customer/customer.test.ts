import { expect, test } from 'vitest';
import type { FakeChatwoot } from '../fake-chatwoot.ts';
import { api, startFake, startLine } from '../testing-line.ts';

test('a customer begins and writes through the API inbox, with no token', async () => {
  const { fake, receiver } = await startLine();
  const created = await api(fake, 'POST', '/inboxes', { name: 'Mine', channel: { type: 'api' } });
  const inbox = created.json as { id: number; inbox_identifier: string };
  const contacts = `/public/api/v1/inboxes/${inbox.inbox_identifier}/contacts`;
  const contact = await customer(fake, 'POST', contacts, { name: 'Jon', email: 'jon@example.com' });
  expect(contact).toMatchObject({ id: expect.any(Number), email: 'jon@example.com' });
  const conversations = `${contacts}/${contact.source_id}/conversations`;
  const { id } = await customer(fake, 'POST', conversations, {});
  await customer(fake, 'POST', `${conversations}/${id}/messages`, { content: 'hours' });
  await customer(fake, 'POST', `${conversations}/${id}/toggle_typing`, { typing_status: 'on' });
  await fake.idle();
  expect(fake.messages(Number(id))).toMatchObject([{ content: 'hours', type: 'incoming' }]);
  expect(fake.conversation(Number(id))).toMatchObject({ inboxId: inbox.id, contactName: 'Jon' });
  expect(receiver.events()).toEqual([
    'contact_created',
    'conversation_created',
    'message_created',
    'contact_updated',
    'conversation_typing_on',
  ]);
  // The same customer again is the same contact.
  const again = await customer(fake, 'POST', contacts, { email: 'jon@example.com' });
  expect(again).toMatchObject({ id: contact.id, source_id: contact.source_id });
});

test('a customer sees no private notes', async () => {
  const fake = await startFake();
  const { json } = await api(fake, 'GET', `/inboxes/${fake.ids.apiInbox}`);
  const contacts = `/public/api/v1/inboxes/${(json as { inbox_identifier: string }).inbox_identifier}/contacts`;
  const { source_id } = await customer(fake, 'POST', contacts, {});
  const { id } = await customer(fake, 'POST', `${contacts}/${source_id}/conversations`, {});
  fake.writeAsAgent({ conversationId: Number(id), content: 'to us', private: true });
  fake.writeAsAgent({ conversationId: Number(id), content: 'to you' });
  const seen = await customer(fake, 'GET', `${contacts}/${source_id}/conversations/${id}/messages`);
  expect(seen).toMatchObject([{ content: 'to you' }]);
});

test('a deleted conversation or inbox answers 404, and no webhook tells of it', async () => {
  const { fake, receiver } = await startLine();
  const { conversationId } = fake.writeAsCustomer({ content: 'hi', inboxId: fake.ids.apiInbox });
  await fake.idle();
  const before = receiver.received.length;
  const path = `/conversations/${conversationId}`;
  expect(await api(fake, 'DELETE', path)).toMatchObject({ status: 200, text: '' });
  expect(await api(fake, 'DELETE', path)).toMatchObject({ status: 404 });
  expect(await api(fake, 'GET', path)).toMatchObject({ status: 404 });
  expect(await api(fake, 'DELETE', `/inboxes/${fake.ids.apiInbox}`)).toMatchObject({ status: 200 });
  expect(await api(fake, 'GET', `/inboxes/${fake.ids.apiInbox}`)).toMatchObject({ status: 404 });
  await fake.idle();
  expect(receiver.received.length).toBe(before);
});

test('only an administrator makes, deletes and staffs inboxes', async () => {
  const fake = await startFake();
  const as = (method: string, path: string, body?: unknown) =>
    api(fake, method, path, body, fake.tokens.agent);
  expect(await as('POST', '/inboxes', { channel: { type: 'api' } })).toMatchObject({ status: 401 });
  expect(await as('DELETE', `/inboxes/${fake.ids.apiInbox}`)).toMatchObject({ status: 401 });
  const members = { inbox_id: fake.ids.apiInbox, user_ids: [fake.ids.agent] };
  expect(await as('PATCH', '/inbox_members', members)).toMatchObject({ status: 401 });
  expect((await api(fake, 'PATCH', '/inbox_members', members)).json).toMatchObject({
    payload: [{ id: fake.ids.agent }],
  });
  const shown = await api(fake, 'GET', `/inboxes/${fake.ids.apiInbox}`, undefined, fake.tokens.agent);
  expect(shown.json).not.toHaveProperty('secret');
});

test('an agent is set online, and a team gets a member', async () => {
  const fake = await startFake();
  const agent = await api(fake, 'PUT', `/agents/${fake.ids.secondAgent}`, { availability: 'busy' });
  expect(agent.json).toMatchObject({ id: fake.ids.secondAgent, availability_status: 'busy' });
  const team = (await api(fake, 'POST', '/teams', { name: 'Rehearsal' })).json as { id: number };
  const path = `/teams/${team.id}/team_members`;
  await api(fake, 'POST', path, { user_ids: [fake.ids.secondAgent] });
  expect((await api(fake, 'GET', path)).json).toMatchObject([{ id: fake.ids.secondAgent }]);
});

async function customer(fake: FakeChatwoot, method: string, path: string, body?: unknown) {
  const { status, json } = await api(fake, method, path, body, null);
  expect(status).toBe(200);
  return json as Record<string, unknown>;
}
