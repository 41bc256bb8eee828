import { expect, test } from 'vitest';
import { scriptedChatwoot } from './testing-server.ts';

const mara = { id: 4821, name: 'Mara', email: 'mara@example.com', custom_attributes: { crm_id: 'a' } };

test('get', async () => {
  const { client, received } = await scriptedChatwoot(() => ({ body: { payload: mara } }));
  expect(await client.contacts.get(3, 4821)).toMatchObject({ id: 4821, customAttributes: { crm_id: 'a' } });
  expect(received[0]?.line).toBe('GET /api/v1/accounts/3/contacts/4821');
});

test('search leaves out what only contains the address, and reads all pages', async () => {
  const pages = [
    { meta: { count: 2, has_more: true }, payload: [{ id: 1, email: 'tamara@example.com' }, mara] },
    { meta: { count: 1, has_more: false }, payload: [{ id: 2, name: 'mara@example.com' }] },
  ];
  const { client, received } = await scriptedChatwoot((_request, count) => ({ body: pages[count - 1] }));
  const found = await client.contacts.search(3, ' Mara@Example.com');
  expect(found.map((contact) => contact.id)).toEqual([4821]);
  expect(received.map((request) => request.line)).toEqual([
    'GET /api/v1/accounts/3/contacts/search?q=mara%40example.com&page=1',
    'GET /api/v1/accounts/3/contacts/search?q=mara%40example.com&page=2',
  ]);
});

test('search stops after five pages, and asks nothing for no address', async () => {
  const { client, received } = await scriptedChatwoot(() => ({
    body: { meta: { has_more: true }, payload: [mara] },
  }));
  await client.contacts.search(3, 'mara@example.com');
  expect(received).toHaveLength(5);
  expect(await client.contacts.search(3, ' ')).toEqual([]);
  expect(received).toHaveLength(5);
});

test("a failed search does not tell the customer's address", async () => {
  const { client } = await scriptedChatwoot(() => ({ status: 500 }));
  const error: unknown = await client.contacts
    .search(3, 'mara@example.com')
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ failure: 'transient', code: 'CHATWOOT_SERVER_ERROR' });
  expect(String(error)).not.toMatch(/mara/);
});

test('setCustomAttributes sends only its own: contacts merge', async () => {
  const { client, received } = await scriptedChatwoot(() => ({ body: { payload: mara } }));
  await client.contacts.setCustomAttributes(3, 4821, { crm_id: 'a' });
  expect(received[0]).toMatchObject({
    line: 'PUT /api/v1/accounts/3/contacts/4821',
    body: { custom_attributes: { crm_id: 'a' } },
  });
});
