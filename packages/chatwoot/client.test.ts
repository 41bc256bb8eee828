import { describe, expect, test } from 'vitest';
import { createChatwootClient } from './client.ts';
import { CallFailure } from './failure.ts';
import { type Reply, scriptedChatwoot, sendWithFetch } from './testing-server.ts';

const denied: Reply = { status: 401, body: { error: 'Invalid Access Token' } };
const message = {
  id: 5,
  content: 'Hi',
  conversation_id: 7,
  message_type: 1,
  content_attributes: {},
  created_at: 1,
};

describe('the token', () => {
  test('goes in a header whose name survives nginx', async () => {
    const { client, received } = await scriptedChatwoot(() => ({ body: [] }));
    await client.teams.list(3);
    expect(received[0]?.headers).toMatchObject({
      'api-access-token': 'user-token',
      accept: 'application/json',
    });
    expect(received[0]?.headers).not.toHaveProperty('api_access_token');
  });

  test.each([
    ['user by default', {}, undefined, 'user-token'],
    ['user when asked', {}, 'user', 'user-token'],
    ['bot when asked', {}, 'bot', 'bot-token'],
    ['user when there is no bot token', { botToken: undefined }, 'bot', 'user-token'],
  ] as const)('is that of the %s, on a write that bots may make', async (_what, settings, as, token) => {
    const { client, received } = await scriptedChatwoot(() => ({ body: message }), settings);
    await client.messages.create(3, 7, { content: 'Hi' }, { as });
    expect(received[0]?.headers['api-access-token']).toBe(token);
  });

  test("is the user's on every read, also on those that go with a bot's write", async () => {
    const { client, received } = await scriptedChatwoot(({ line }) =>
      line.endsWith('/labels')
        ? { body: { payload: ['vip'] } }
        : { body: { id: 7, status: 'open', custom_attributes: { tier: 'gold' } } },
    );
    const bot = { as: 'bot' } as const;
    await client.conversations.get(3, 7);
    await client.conversations.labels.list(3, 7);
    await client.conversations.labels.add(3, 7, ['new'], bot).catch(() => {});
    await client.conversations.setCustomAttributes(3, 7, { tier: 'gold' }, bot);
    const tokens = (method: string) =>
      received
        .filter(({ line }) => line.startsWith(method))
        .map(({ headers }) => headers['api-access-token']);
    expect(new Set(tokens('GET'))).toEqual(new Set(['user-token']));
    expect(new Set(tokens('POST'))).toEqual(new Set(['bot-token']));
  });

  test.each([
    ['user', 'CHATWOOT_API_TOKEN'],
    ['bot', 'CHATWOOT_BOT_TOKEN'],
  ] as const)('of the %s, when wrong, names its variable and not itself', async (as, variable) => {
    const { client } = await scriptedChatwoot(() => denied);
    const error = await failureOf(client.messages.create(3, 7, { content: 'private words' }, { as }));
    expect(error).toMatchObject({
      failure: 'refused',
      code: 'CHATWOOT_UNAUTHORIZED',
      status: 401,
      target: 'chatwoot',
    });
    expect(error.message).toContain(`check ${variable}`);
    expect(error.message).toContain(
      'messages.create (POST /api/v1/accounts/3/conversations/7/messages) answered 401',
    );
    expect(error.message).not.toMatch(/-token|private words/);
  });

  test.each(['to ken', 'token\n', 'tökén'])('%j is refused at once, unquoted', (token) => {
    const create = () => createChatwootClient({ baseUrl: 'https://c.example', token, send: sendWithFetch });
    expect(create).toThrow(/CHATWOOT_API_TOKEN/);
    expect(create).not.toThrow(token);
  });
});

describe('the base URL', () => {
  test('may have a path and slashes at its end', async () => {
    const urls: string[] = [];
    const client = createChatwootClient({
      baseUrl: 'https://example.com/chat//',
      token: 't',
      send: async ({ url }) => {
        urls.push(url);
        return { status: 200, headers: {}, body: '[]' };
      },
    });
    await client.agents.list(3);
    expect(urls).toEqual(['https://example.com/chat/api/v1/accounts/3/agents']);
  });

  test.each(['', 'chat.example.com', 'ftp://example.com'])('%j is refused', (baseUrl) => {
    expect(() => createChatwootClient({ baseUrl, token: 't', send: sendWithFetch })).toThrow(
      /CHATWOOT_BASE_URL/,
    );
  });

  test('that redirects is said so, and not followed', async () => {
    const { client, received } = await scriptedChatwoot(() => ({
      status: 301,
      headers: { location: 'https://x.example' },
    }));
    await expect(client.teams.list(3)).rejects.toMatchObject({
      failure: 'refused',
      code: 'CHATWOOT_REDIRECTED',
    });
    expect(received).toHaveLength(1);
  });
});

describe('a failed call', () => {
  test('carries what the answer means, and how long to wait', async () => {
    const { client } = await scriptedChatwoot(() => ({
      status: 429,
      body: 'Retry later',
      headers: { 'retry-after': '7' },
    }));
    await expect(client.teams.list(3)).rejects.toMatchObject({
      failure: 'rate-limited',
      code: 'CHATWOOT_RATE_LIMITED',
      status: 429,
      retryAfterMs: 7000,
    });
  });

  test.each<[string, unknown]>([
    ['no JSON', '<!doctype html><p>private words'],
    ['empty', ''],
    ['of another shape', { payload: 'private words' }],
    ['of another shape deep inside', [{ id: 'private words', name: 'x' }]],
    ['null', null],
  ])('is one whose 200 is %s: transient on a read, unknown on a write', async (_what, body) => {
    const { client } = await scriptedChatwoot(() => ({ body: body === null ? 'null' : body }));
    const code = 'CHATWOOT_UNEXPECTED_RESPONSE';
    const read = await failureOf(client.teams.list(3));
    const write = await failureOf(client.messages.create(3, 7, { content: 'x' }));
    expect(read).toMatchObject({ failure: 'transient', code, status: 200 });
    expect(write).toMatchObject({ failure: 'unknown-outcome', code, status: 200 });
    for (const error of [read, write])
      expect(`${error.stack} ${String(error.cause)}`).not.toContain('private words');
  });

  test('passes on what the sender threw', async () => {
    const broken = new CallFailure('outage', 'refused', { code: 'CONNECT', target: 'chatwoot' });
    const send = () => Promise.reject(broken);
    const client = createChatwootClient({ baseUrl: 'https://c.example', token: 't', send });
    expect(await failureOf(client.teams.list(3))).toBe(broken);
  });

  test('is one with an id that is none, before anything is sent', async () => {
    const { client, received } = await scriptedChatwoot(() => ({}));
    for (const id of [0, -1, 1.5, Number.NaN]) {
      for (const call of [client.conversations.get(3, id), client.webhooks.delete(id, 4)]) {
        expect(await failureOf(call)).toMatchObject({ failure: 'permanent', code: 'CHATWOOT_BAD_ID' });
      }
    }
    expect(received).toHaveLength(0);
  });
});

test('a signal stops a call', async () => {
  const { client } = await scriptedChatwoot(() => ({ body: [] }));
  await expect(client.teams.list(3, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
});

test('every call has an operation that is a bounded label', async () => {
  const operations: string[] = [];
  const client = createChatwootClient({
    baseUrl: 'https://c.example',
    token: 't',
    send: async ({ operation }) => {
      operations.push(operation);
      return { status: 404, headers: {}, body: '' };
    },
  });
  await Promise.allSettled([
    client.profile(),
    client.inboxes.list(3),
    client.contacts.search(3, 'mara@example.com'),
    client.conversations.labels.add(3, 7, ['vip']),
    client.webhooks.delete(3, 4),
  ]);
  expect(operations).toEqual([
    'profile',
    'inboxes.list',
    'contacts.search',
    'conversations.labels.list',
    'webhooks.delete',
  ]);
});

async function failureOf(call: Promise<unknown>): Promise<CallFailure> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof CallFailure) return error;
  throw new Error(`no CallFailure but ${String(error)}`);
}
