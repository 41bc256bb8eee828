import { expect, test } from 'vitest';
import { api, mara, startFake } from './testing-line.ts';

test('teams are a bare array with lower-cased names', async () => {
  const fake = await startFake({ teams: ['Night Shift'] });
  const { json } = await api(fake, 'GET', '/teams', undefined, fake.tokens.agent);
  expect(json).toEqual([
    expect.objectContaining({ id: 41, name: 'enterprise support', is_member: true, allow_auto_assign: true }),
    expect.objectContaining({ id: 42, name: 'standard support', is_member: false }),
    expect.objectContaining({ id: 43, name: 'sales' }),
    expect.objectContaining({ id: 44, name: 'night shift' }),
  ]);
  const members = await api(fake, 'GET', '/teams/41/team_members');
  expect(members.json).toEqual([expect.objectContaining({ id: fake.ids.agent })]);
});

test('agents, inboxes and labels are listed', async () => {
  const fake = await startFake();
  expect((await api(fake, 'GET', '/agents')).json).toHaveLength(3);
  expect((await api(fake, 'GET', '/inboxes')).json).toMatchObject({
    payload: [
      { id: 12, name: 'Website Chat' },
      { id: 14, channel_type: 'Channel::Api' },
    ],
  });
  expect((await api(fake, 'GET', '/labels')).json).toMatchObject({ payload: [{ title: 'billing' }, {}, {}] });
});

test('a contact is created, found, merged into and labelled', async () => {
  const fake = await startFake();
  const created = await api(fake, 'POST', '/contacts', {
    name: 'Jon',
    email: 'Jon@Example.com',
    inbox_id: fake.ids.apiInbox,
    custom_attributes: { a: 1 },
  });
  expect(created.json).toMatchObject({
    payload: {
      contact: { email: 'jon@example.com', contact_inboxes: [{ source_id: expect.any(String) }] },
      contact_inbox: { inbox: { id: 14 }, source_id: expect.any(String) },
    },
  });
  const found = await api(fake, 'GET', '/contacts/search?q=jon%40');
  expect(found.json).toMatchObject({ meta: { count: 1, current_page: 1, has_more: false }, payload: [{}] });
  const [{ id } = { id: 0 }] = fake.contacts();
  await api(fake, 'PUT', `/contacts/${id}`, { custom_attributes: { b: 2 } });
  expect(fake.contacts()[0]?.customAttributes).toEqual({ a: 1, b: 2 });
  const filter = { attribute_key: 'email', filter_operator: 'equal_to', values: ['jon@example.com'] };
  expect((await api(fake, 'POST', '/contacts/filter', { payload: [filter] })).json).toMatchObject({
    meta: { count: 1 },
  });
  const { conversationId } = fake.writeAsCustomer({ contact: mara, content: 'Hi' });
  const mergee = fake.conversation(conversationId).contactId;
  await api(fake, 'POST', '/actions/contact_merge', { base_contact_id: id, mergee_contact_id: mergee });
  expect(fake.conversation(conversationId).contactId).toBe(id);
  expect(fake.contacts()).toHaveLength(1);
});

test('webhooks: the secret is made, shown to administrators, and signs', async () => {
  const fake = await startFake();
  const url = 'http://127.0.0.1:9/hook';
  const created = await api(fake, 'POST', '/webhooks', {
    webhook: { url, subscriptions: ['message_created'] },
  });
  expect(created.json).toMatchObject({
    payload: { webhook: { id: 61, url, secret: expect.stringMatching(/^[1-9A-HJ-NP-Za-km-z]{24}$/) } },
  });
  await api(fake, 'PATCH', '/webhooks/61', { name: 'Line', secret: 'mine' });
  expect((await api(fake, 'GET', '/webhooks')).json).toMatchObject({
    payload: { webhooks: [{ name: 'Line', subscriptions: ['message_created'] }] },
  });
  expect(await api(fake, 'DELETE', '/webhooks/61')).toMatchObject({ status: 200, text: '' });
});
