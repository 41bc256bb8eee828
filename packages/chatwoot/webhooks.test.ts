import { expect, test } from 'vitest';
import { scriptedChatwoot } from './testing-server.ts';

const raw = {
  id: 4,
  name: null,
  url: 'https://hooks.example.net/w',
  account_id: 3,
  subscriptions: ['message_created'],
  secret: 's3cr3t',
};
const webhook = { id: 4, name: null, url: raw.url, subscriptions: ['message_created'], secret: 's3cr3t' };
const at = '/api/v1/accounts/3/webhooks';

test('list gives the secrets, which are null before 4.11.2', async () => {
  const { secret: _secret, ...old } = raw;
  const { client, received } = await scriptedChatwoot(() => ({
    body: { payload: { webhooks: [raw, old] } },
  }));
  expect(await client.webhooks.list(3)).toEqual([webhook, { ...webhook, secret: null }]);
  expect(received[0]?.line).toBe(`GET ${at}`);
});

test('create, update and delete', async () => {
  const { client, received } = await scriptedChatwoot(({ line }) =>
    line.startsWith('DELETE') ? {} : { body: { payload: { webhook: raw } } },
  );
  const fields = { url: raw.url, subscriptions: ['message_created'] };
  expect(await client.webhooks.create(3, { ...fields, name: 'Switchyard' })).toEqual(webhook);
  expect(await client.webhooks.update(3, 4, fields)).toEqual(webhook);
  await client.webhooks.delete(3, 4);
  expect(received.map(({ line, body }) => [line, body])).toEqual([
    [`POST ${at}`, { ...fields, name: 'Switchyard' }],
    [`PATCH ${at}/4`, fields],
    [`DELETE ${at}/4`, undefined],
  ]);
});
