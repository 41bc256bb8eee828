import { describe, expect, test } from 'vitest';
import { payload } from './testing-fixtures.ts';
import { type Reply, scriptedChatwoot } from './testing-server.ts';

const at = '/api/v1/accounts/3/conversations/1187';

describe('get', () => {
  test('gives the REST form as our own state', async () => {
    const rest = payload('conversation_updated.json', {
      uuid: 'u',
      account_id: 3,
      first_reply_created_at: 1781770566,
      snoozed_until: '2026-06-19T08:00:00.000Z',
      meta: {
        sender: { id: 4821, name: 'Mara', email: 'Mara@example.com' },
        assignee: { id: 27, name: 'Tobias Engel', email: 't@example.com', role: 'agent' },
        team: { id: 9, name: 'billing' },
      },
    });
    const { client, received } = await scriptedChatwoot(() => ({ body: rest }));
    expect(await client.conversations.get(3, 1187)).toMatchObject({
      id: 1187,
      status: 'open',
      priority: 'high',
      labels: ['billing'],
      assignee: { kind: 'user', id: 27, name: 'Tobias Engel' },
      team: { id: 9, name: 'billing' },
      inboxId: 12,
      contact: { id: 4821, email: 'mara@example.com' },
      firstReplyAt: 1781770566000,
      updatedAt: 1781770535604.456,
      snoozedUntil: 1781856000000,
      waitingSince: 1781770502000,
      canReply: true,
    });
    expect(received[0]?.line).toBe(`GET ${at}`);
  });
});

describe('setStatus', () => {
  const answers =
    (payload: unknown): (() => Reply) =>
    () => ({ body: { meta: {}, payload } });

  test('always sends the status, and snoozes until a time in seconds', async () => {
    const { client, received } = await scriptedChatwoot(
      answers({ success: true, current_status: 'snoozed' }),
    );
    await client.conversations.setStatus(3, 1187, 'snoozed', { snoozedUntil: 1781856000999 });
    expect(received[0]).toMatchObject({
      line: `POST ${at}/toggle_status`,
      body: { status: 'snoozed', snoozed_until: 1781856000 },
    });
  });

  test.each([
    [{ success: true, current_status: 'open' }],
    [{ success: null, current_status: 'open' }],
    [{ success: null }],
    [{ success: null, current_status: null }],
    [{}],
  ])('is done when the answer is %j', async (answer) => {
    const { client, received } = await scriptedChatwoot(answers(answer));
    await client.conversations.setStatus(3, 1187, 'open', { as: 'bot' });
    expect(received[0]).toMatchObject({
      body: { status: 'open' },
      headers: { 'api-access-token': 'bot-token' },
    });
  });

  test.each([
    [{ success: true, current_status: 'resolved' }],
    [{ success: null, current_status: 'pending' }],
    [{ success: false }],
  ])('has an unknown outcome when the answer is %j', async (answer) => {
    const { client } = await scriptedChatwoot(answers(answer));
    await expect(client.conversations.setStatus(3, 1187, 'open')).rejects.toMatchObject({
      failure: 'unknown-outcome',
      code: 'CHATWOOT_UNEXPECTED_RESPONSE',
    });
  });
});

test.each(['urgent', null] as const)('setPriority sends %j and takes an empty answer', async (priority) => {
  const { client, received } = await scriptedChatwoot(() => ({}));
  await client.conversations.setPriority(3, 1187, priority);
  expect(received[0]).toMatchObject({ line: `POST ${at}/toggle_priority`, body: { priority } });
});

describe.each([
  ['assignTeam', 'team_id', 'CHATWOOT_UNKNOWN_TEAM'],
  ['assignAgent', 'assignee_id', 'CHATWOOT_UNKNOWN_AGENT'],
] as const)('%s', (method, key, code) => {
  test('is done when the answer has the id', async () => {
    const { client, received } = await scriptedChatwoot(() => ({ body: { id: 9, name: 'x' } }));
    await client.conversations[method](3, 1187, 9);
    expect(received[0]).toMatchObject({ line: `POST ${at}/assignments`, body: { [key]: 9 } });
    expect(Object.keys(Object(received[0]?.body))).toEqual([key]);
  });

  test.each([['null'], ['{"id":10}']])(
    'fails for good when an id is answered with %s: it was cleared',
    async (body) => {
      const { client } = await scriptedChatwoot(() => ({ body }));
      await expect(client.conversations[method](3, 1187, 9)).rejects.toMatchObject({
        failure: 'permanent',
        code,
      });
    },
  );

  test.each(['null', ''])('clears on purpose with null, answered with %j', async (body) => {
    const { client, received } = await scriptedChatwoot(() => ({ body }));
    await client.conversations[method](3, 1187, null);
    expect(received[0]?.body).toEqual({ [key]: null });
  });
});

describe('labels.add', () => {
  /** A server that keeps labels; `meddle` is what another writer does after the n-th write. */
  async function withLabels(
    labels: string[],
    meddle: (labels: string[], write: number) => string[] = (same) => same,
  ) {
    let writes = 0;
    let current = labels;
    const server = await scriptedChatwoot(({ line, body }) => {
      if (line.startsWith('POST')) {
        writes += 1;
        current = meddle([...Object(body).labels], writes);
        return { body: { payload: Object(body).labels } };
      }
      return { body: { payload: current } };
    });
    return { ...server, writes: () => writes, labels: () => current };
  }

  test('keeps the labels that are there', async () => {
    const server = await withLabels(['billing']);
    expect(await server.client.conversations.labels.add(3, 1187, ['VIP ', 'vip'])).toEqual([
      'billing',
      'vip',
    ]);
    expect(server.received.map((request) => request.line)).toEqual([
      `GET ${at}/labels`,
      `POST ${at}/labels`,
      `GET ${at}/labels`,
    ]);
  });

  test('writes nothing when they are there already', async () => {
    const server = await withLabels(['Billing', 'vip']);
    expect(await server.client.conversations.labels.add(3, 1187, ['billing', ''])).toEqual([
      'Billing',
      'vip',
    ]);
    expect(server.writes()).toBe(0);
  });

  test('writes again, on top of what another writer put there', async () => {
    const server = await withLabels(['a'], (labels, write) => (write === 1 ? ['b'] : labels));
    expect(await server.client.conversations.labels.add(3, 1187, ['vip'])).toEqual(['b', 'vip']);
  });

  test('gives up after three writes', async () => {
    const server = await withLabels([], () => ['b']);
    await expect(server.client.conversations.labels.add(3, 1187, ['vip'])).rejects.toMatchObject({
      failure: 'transient',
      code: 'CHATWOOT_LABELS_LOST',
    });
    expect(server.writes()).toBe(3);
  });
});

describe('setCustomAttributes', () => {
  const big = 'x'.repeat(20_000);

  test('keeps what is there, also what an event would leave out', async () => {
    const present = { plan: 'pro', secret: 'of the customer', big };
    const { client, received } = await scriptedChatwoot(({ body }) => ({
      body: body ?? { id: 1187, custom_attributes: present },
    }));
    const written = await client.conversations.setCustomAttributes(3, 1187, { crm: 5, skipped: undefined });
    expect(written).toEqual({ ...present, crm: 5 });
    expect(received[1]).toMatchObject({
      line: `POST ${at}/custom_attributes`,
      body: { custom_attributes: { ...present, crm: 5 } },
    });
  });

  test('writes nothing when it is there already', async () => {
    const custom_attributes = { plan: 'pro', seats: { n: 5 } };
    const { client, received } = await scriptedChatwoot(() => ({ body: { id: 1187, custom_attributes } }));
    await client.conversations.setCustomAttributes(3, 1187, { seats: { n: 5 } });
    expect(received).toHaveLength(1);
  });

  test('has an unknown outcome when something else came back', async () => {
    const { client } = await scriptedChatwoot(() => ({ body: { custom_attributes: { plan: 'pro' } } }));
    await expect(client.conversations.setCustomAttributes(3, 1187, { crm: 5 })).rejects.toMatchObject({
      failure: 'unknown-outcome',
      code: 'CHATWOOT_UNEXPECTED_RESPONSE',
    });
  });
});
