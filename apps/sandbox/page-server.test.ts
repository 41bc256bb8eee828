import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Board } from './board.ts';
import { type PageServer, Refusal, startPageServer } from './page-server.ts';

let server: PageServer;
const board = new Board();
const written: string[] = [];

beforeAll(async () => {
  server = await startPageServer({
    port: 0,
    board,
    actions: {
      async write(_customer, text) {
        if (text === 'nonsense') throw new Refusal('that makes no sense');
        written.push(text);
        return { conversation: 7 };
      },
      async experiment() {},
    },
  });
});

afterAll(async () => {
  await server.close();
  board.close();
});

test('serves the page under a policy that lets nothing foreign in', async () => {
  const answer = await fetch(server.url);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
  expect(await answer.text()).toContain('Switchyard');
});

test.each(['/../main.ts', '/main.ts', '/%2e%2e/main.ts'])(
  'serves nothing outside page/: %s',
  async (path) => {
    expect((await fetch(server.url + path)).status).toBe(404);
  },
);

test('writes for its own page', async () => {
  const answer = await post('/api/write', { customer: 'priya', text: ' hello ', conversation: null });
  expect([answer.status, await answer.json()]).toEqual([200, { conversation: 7 }]);
  expect(written).toEqual(['hello']);
});

test.each([
  ['another page', { origin: 'http://evil.example' }],
  ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
])('refuses an action from %s', async (_who, headers) => {
  expect((await post('/api/write', { customer: 'x', text: 'x', conversation: null }, headers)).status).toBe(
    403,
  );
});

test('refuses a foreign name that resolves to this machine', async () => {
  expect(await statusWithHost('evil.example')).toBe(403);
});

test('refuses an action that a form could have sent', async () => {
  expect((await post('/api/write', {}, { 'content-type': 'text/plain' })).status).toBe(415);
});

test('says what is wrong with an action', async () => {
  const empty = await post('/api/write', { customer: 'priya', text: '  ', conversation: null });
  expect([empty.status, await empty.json()]).toEqual([400, { error: 'write something first' }]);
  const refused = await post('/api/write', { customer: 'priya', text: 'nonsense', conversation: null });
  expect([refused.status, await refused.json()]).toEqual([409, { error: 'that makes no sense' }]);
});

test('streams the board: everything first, then what changes', async () => {
  board.set('experiment/crm', { name: 'crm', state: 'ready', happened: null });
  const stream = await fetch(`${server.url}/api/events`);
  const chunks = stream.body?.pipeThrough(new TextDecoderStream()).values();
  expect((await chunks?.next())?.value).toMatch(
    /^event: snapshot\ndata: .*"experiment\/crm":\{"name":"crm","state":"ready"/,
  );
  board.set('experiment/crm', { name: 'crm', state: 'off', happened: null });
  expect((await chunks?.next())?.value).toBe(
    'event: patch\ndata: {"set":{"experiment/crm":{"name":"crm","state":"off","happened":null}},"drop":[]}\n\n',
  );
  await chunks?.return?.();
});

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

function statusWithHost(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(server.url, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.once('error', reject).end();
  });
}
