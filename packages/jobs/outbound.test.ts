import { createServer, type Server } from 'node:http';
import type { HttpRequest } from '@switchyard/chatwoot';
import { createLogger, createMetrics, withLogContext } from '@switchyard/telemetry';
import { freePort } from '@switchyard/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSend, type Sender } from './outbound.ts';

let server: Server;
let url: string;
let sender: Sender;
let openSender: (timeoutMs: number) => Sender;
let lines: Record<string, unknown>[];
let metrics: ReturnType<typeof createMetrics>;
let onRequest: (path: string) => 'ok' | 'silent' | 'reset' | 'redirect' | 'huge' = () => 'ok';

beforeEach(async () => {
  lines = [];
  metrics = createMetrics({ app: 'test', version: '0' });
  server = createServer((request, response) => {
    const way = onRequest(request.url ?? '');
    if (way === 'ok') response.writeHead(201, { 'X-Answer': 'yes' }).end('{"id":1}');
    else if (way === 'redirect') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    else if (way === 'reset') request.socket.destroy();
    else if (way === 'huge') response.writeHead(200).end('x'.repeat(10 * 1024 * 1024 + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = createLogger({ app: 'test', level: 'debug', destination });
  openSender = (timeoutMs) => createSend({ target: 'crm', timeoutMs, runtime: { log, metrics } });
  sender = openSender(20_000);
});
afterEach(async () => {
  onRequest = () => 'ok';
  await sender.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const call = (over: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  url: `${url}/leads`,
  operation: 'leads.create',
  headers: { authorization: 'Bearer very-secret-key' },
  body: '{"email":"mara@example.com"}',
  ...over,
});

test('gives back status, headers in lower case and body, counts the call and says it with the delivery id', async () => {
  const answer = await withLogContext({ delivery: 'd-1' }, () => sender.send(call()));
  expect(answer).toMatchObject({ status: 201, body: '{"id":1}', headers: { 'x-answer': 'yes' } });
  expect(lines).toEqual([
    expect.objectContaining({
      delivery: 'd-1',
      target: 'crm',
      operation: 'leads.create',
      status: '201',
      level: 'info',
    }),
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/secret|mara/);
  expect(await metrics.registry.getSingleMetricAsString('switchyard_outbound_calls_total')).toContain(
    '{target="crm",operation="leads.create",status="201"} 1',
  );
});

test('does not follow a redirect: the key would go elsewhere', async () => {
  onRequest = () => 'redirect';
  expect((await sender.send(call())).status).toBe(302);
});

test.each([
  ['a write that gets no answer may have been carried out', 'POST', 'silent', 'unknown-outcome', 'TIMEOUT'],
  ['a read that gets no answer did nothing', 'GET', 'silent', 'outage', 'TIMEOUT'],
  [
    'a write whose connection breaks may have been carried out',
    'POST',
    'reset',
    'unknown-outcome',
    'UND_ERR_SOCKET',
  ],
  ['a read whose connection breaks did nothing', 'GET', 'reset', 'outage', 'UND_ERR_SOCKET'],
  ['a read whose answer has no end is given up', 'GET', 'huge', 'transient', 'ANSWER_TOO_LARGE'],
] as const)('%s', async (_title, method, way, failure, code) => {
  onRequest = () => way;
  if (way === 'silent') {
    await sender.close();
    sender = openSender(300);
  }
  const { body: _body, ...read } = call({ method });
  await expect(sender.send(method === 'GET' ? read : call())).rejects.toMatchObject({
    failure,
    code,
    target: 'crm',
  });
});

test('no connection is an outage, whatever was to be done: nothing was sent', async () => {
  const nobody = `http://127.0.0.1:${await freePort()}/`;
  await expect(sender.send(call({ url: nobody }))).rejects.toMatchObject({
    failure: 'outage',
    code: 'ECONNREFUSED',
  });
});

test("the job's own signal ends a call at once, with its own reason", async () => {
  onRequest = () => 'silent';
  const stopping = new AbortController();
  const sent = sender.send(call({ signal: stopping.signal }));
  const reason = new Error('shutting down');
  stopping.abort(reason);
  await expect(sent).rejects.toBe(reason);
});
