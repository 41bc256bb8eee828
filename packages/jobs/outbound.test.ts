import { createServer, type Server, type ServerResponse } from 'node:http';
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
type Way = 'ok' | 'silent' | 'reset' | 'redirect' | 'huge' | 'trickle' | 'pieces';
let onRequest: (path: string) => Way = () => 'ok';

beforeEach(async () => {
  lines = [];
  metrics = createMetrics({ app: 'test', version: '0' });
  server = createServer((request, response) => {
    const way = onRequest(request.url ?? '');
    if (way === 'ok') response.writeHead(201, { 'X-Answer': 'yes' }).end('{"id":1}');
    else if (way === 'redirect') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    else if (way === 'reset') request.socket.destroy();
    else if (way === 'huge') response.writeHead(200).end('x'.repeat(10 * 1024 * 1024 + 1));
    else if (way === 'trickle') trickle(response);
    else if (way === 'pieces') sendPieces(response);
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

function trickle(response: ServerResponse): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write('x'), 50);
  response.on('close', () => clearInterval(timer));
}

/** The first letter of the name is two bytes, and they come one by one. */
function sendPieces(response: ServerResponse): void {
  const bytes = Buffer.from('{"name":"Žofie"}');
  response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] });
  response.write(bytes.subarray(0, 10), () => setTimeout(() => response.end(bytes.subarray(10)), 20));
}

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

test('the limit is for the whole answer, to its last byte', async () => {
  onRequest = () => 'trickle';
  await sender.close();
  sender = openSender(300);
  await expect(sender.send(call())).rejects.toMatchObject({ failure: 'unknown-outcome', code: 'TIMEOUT' });
});

test('an answer in pieces is one text, whatever they cut through; of a header given twice the first counts', async () => {
  onRequest = () => 'pieces';
  const answer = await sender.send(call());
  expect(answer).toMatchObject({ status: 200, body: '{"name":"Žofie"}', headers: { 'set-cookie': 'a=1' } });
});

test('a signal that was given before the call leaves nothing to send', async () => {
  let asked = 0;
  onRequest = () => {
    asked += 1;
    return 'ok';
  };
  const reason = new Error('shutting down');
  await expect(sender.send(call({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  await sender.send(call());
  expect(asked).toBe(1);
});

test('an address that is none fails the call, and only that', async () => {
  await expect(sender.send(call({ url: 'not an address' }))).rejects.toMatchObject({
    code: 'ERR_INVALID_URL',
  });
  expect((await sender.send(call())).status).toBe(201);
});
