import { expect, test } from 'vitest';
import { scriptedChatwoot } from './testing-server.ts';

test('profile gives the accounts of the token and no credential', async () => {
  const body = {
    id: 27,
    name: 'Tobias',
    access_token: 'SECRET',
    pubsub_token: 'SECRET',
    accounts: [{ id: 3, name: 'Northwind', role: 'administrator', status: 'active' }],
  };
  const { client, received } = await scriptedChatwoot(() => ({ body }));
  expect(await client.profile()).toEqual({
    id: 27,
    name: 'Tobias',
    accounts: [{ id: 3, name: 'Northwind', role: 'administrator' }],
  });
  expect(received[0]?.line).toBe('GET /api/v1/profile');
});

test('teams, agents, inboxes and labels of an account', async () => {
  const bodies: Record<string, unknown> = {
    teams: [{ id: 9, name: 'billing', description: null, allow_auto_assign: false, is_member: true }],
    agents: [
      { id: 27, name: 'Tobias', email: 'T@Example.com', role: 'agent', availability_status: 'online' },
    ],
    inboxes: {
      payload: [
        { id: 12, name: 'Website Chat', channel_type: 'Channel::WebWidget' },
        { id: 13, name: 'App', channel_type: 'Channel::Api', inbox_identifier: 'YHuotqUQdRcL7nJD59eGRPSL' },
      ],
    },
    labels: { payload: [{ id: 1, title: 'billing', color: '#fff' }] },
  };
  const { client } = await scriptedChatwoot(({ line }) => {
    const what = /^GET \/api\/v1\/accounts\/3\/(\w+)$/.exec(line)?.[1] ?? '';
    return { body: bodies[what] ?? '' };
  });
  expect(await client.teams.list(3)).toEqual([{ id: 9, name: 'billing', allowAutoAssign: false }]);
  expect(await client.agents.list(3)).toEqual([
    { id: 27, name: 'Tobias', email: 't@example.com', role: 'agent', availability: 'online' },
  ]);
  expect(await client.inboxes.list(3)).toEqual([
    { id: 12, name: 'Website Chat', channelType: 'Channel::WebWidget', identifier: null },
    { id: 13, name: 'App', channelType: 'Channel::Api', identifier: 'YHuotqUQdRcL7nJD59eGRPSL' },
  ]);
  expect(await client.labels.list(3)).toEqual(['billing']);
});
