import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sign } from '@switchyard/chatwoot';
import { emptyRedis, fixture, freePort, type RunningProcess, startProcess } from '@switchyard/testkit';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

const SECRET = 'hG7kQ2mVx9RtYb4LnWc8ZpDs';
const template = JSON.stringify(fixture('message_created').body);

let folder: string;
let port: number;
let adminPort: number;
let ingress: RunningProcess;
let message = 1;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-hostile-'));
  const config = join(folder, 'switchyard.config.json');
  const limits = {
    headersMs: 3_000,
    requestMs: 5_000,
    bodyBytes: 256 * 1024,
    connections: 400,
    connectionsPerAddress: 400,
    lagMs: 60_000,
  };
  await writeFile(
    config,
    JSON.stringify({ ingress: limits, bot: { rules: [{ when: { any: ['x'] }, reply: 'y' }] } }),
  );
  port = await freePort();
  adminPort = await freePort();
  ingress = await startProcess({
    name: 'ingress',
    command: process.execPath,
    args: ['apps/ingress/main.ts'],
    readyUrl: `http://127.0.0.1:${adminPort}/readyz`,
    env: {
      PATH: process.env.PATH,
      REDIS_URL: await emptyRedis(inject('redisUrl')),
      CHATWOOT_WEBHOOK_SECRET: SECRET,
      SWITCHYARD_CONFIG: config,
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      SPOOL_DIR: join(folder, 'spool'),
      LOG_LEVEL: 'warn',
    },
  });
});
afterAll(async () => {
  await ingress?.stop();
  await rm(folder, { recursive: true, force: true });
});

function good(
  body: string | Buffer = template.replaceAll('"id":90341,', `"id":${message++},`),
): Promise<Response> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  return fetch(`http://127.0.0.1:${port}/webhooks/chatwoot`, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: {
      'content-type': 'application/json',
      'x-chatwoot-delivery': randomUUID(),
      'x-chatwoot-timestamp': timestamp,
      'x-chatwoot-signature': sign(SECRET, timestamp, body),
    },
    signal: AbortSignal.timeout(30_000),
  });
}

/** Good deliveries, one after the other, until told to stop; the slowest and every answer that was not 200. */
async function goodMeanwhile(
  work: () => Promise<void>,
): Promise<{ count: number; slowestMs: number; bad: number[] }> {
  let going = true;
  const seen = { count: 0, slowestMs: 0, bad: [] as number[] };
  const loop = (async () => {
    while (going) {
      const startedAt = performance.now();
      const { status } = await good();
      seen.count += 1;
      seen.slowestMs = Math.max(seen.slowestMs, performance.now() - startedAt);
      if (status !== 200) seen.bad.push(status);
    }
  })();
  try {
    await work();
  } finally {
    going = false;
    await loop;
  }
  return seen;
}

async function open(): Promise<{ socket: Socket; closed: Promise<string> }> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  const closed = new Promise<string>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
  });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return { socket, closed };
}

async function residentMegabytes(): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  return Number(/^switchyard_process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 1024 / 1024;
}

test('two hundred connections that never finish their headers are closed, and good deliveries pass', async () => {
  const seen = await goodMeanwhile(async () => {
    const slow = await Promise.all(Array.from({ length: 200 }, open));
    for (const { socket } of slow) socket.write('POST /webhooks/chatwoot HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const [dripping, silent] = [slow.slice(0, 100), slow.slice(100)];
    const drip = setInterval(
      () => dripping.forEach(({ socket }) => void (socket.writable && socket.write('a'))),
      200,
    );
    const answers = await Promise.all(silent.map(({ closed }) => closed));
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408/);
    // What a closed socket still receives resets it, and the answer may be lost; closed it is.
    await Promise.all(dripping.map(({ closed }) => closed));
    clearInterval(drip);
  });
  expect(seen).toMatchObject({ bad: [] });
  expect(seen.count).toBeGreaterThan(10);
});

test('a body that never ends is cut off in time, one that is too large at its size', async () => {
  const endless = await open();
  const large = await open();
  // Of the right form: what has none is refused before its body.
  const head =
    'POST /webhooks/chatwoot HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n' +
    `X-Chatwoot-Timestamp: ${Math.floor(Date.now() / 1000)}\r\nX-Chatwoot-Signature: sha256=${'0'.repeat(64)}\r\n\r\n`;
  const seen = await goodMeanwhile(async () => {
    endless.socket.write(head);
    const drip = setInterval(() => void (endless.socket.writable && endless.socket.write('1\r\na\r\n')), 100);
    large.socket.write(head);
    // One byte too many and none after it: what a closed socket still receives resets it, and the answer is lost.
    large.socket.write(`${(0x40001).toString(16)}\r\n${'a'.repeat(0x40001)}`);
    expect(await large.closed.then((text) => text.slice(0, 12))).toBe('HTTP/1.1 413');
    await endless.closed;
    clearInterval(drip);
  });
  expect(seen).toMatchObject({ bad: [] });
});

test('a flood of bad signatures neither stops good deliveries nor grows memory', async () => {
  const body = template.padEnd(template.length + 1);
  const request = Buffer.from(
    `POST /webhooks/chatwoot HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Chatwoot-Timestamp: ${Math.floor(Date.now() / 1000)}\r\n` +
      `X-Chatwoot-Signature: sha256=${'0'.repeat(64)}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  await good();
  const before = await residentMegabytes();
  let refused = 0;
  const seen = await goodMeanwhile(async () => {
    // Each refusal closes its connection.
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        while (refused < 5_000) {
          const attacker = await open();
          attacker.socket.write(request);
          if ((await attacker.closed).startsWith('HTTP/1.1 401')) refused += 1;
        }
      }),
    );
  });
  expect(seen).toMatchObject({ bad: [] });
  expect(seen.slowestMs).toBeLessThan(20_000);
  await sleep(100);
  expect((await residentMegabytes()) - before).toBeLessThan(150);
  const complaints = ingress.logs().filter((line) => line.includes('requests refused'));
  expect(complaints.length).toBeLessThan(10);
});

test.each([
  [
    'invalid UTF-8',
    Buffer.concat([
      Buffer.from('{"event":"message_created","id":1,"content":"'),
      Buffer.from([0xc3, 0x28, 0xff]),
      Buffer.from('"}'),
    ]),
  ],
  ['lone surrogates', '{"event":"message_created","id":2,"content":"\\ud800","conversation":{"id":3}}'],
  ['duplicate keys', '{"event":"message_created","event":"contact_updated","id":4,"id":5}'],
  [
    '__proto__ and constructor',
    '{"event":"message_created","id":6,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"conversation":{"id":3,"__proto__":{"x":1}}}',
  ],
  [
    'nesting a hundred thousand deep',
    `{"event":"message_created","id":7,"content_attributes":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  ],
  [
    'a number beyond any',
    '{"event":"message_created","id":1e999,"conversation":{"id":99999999999999999999}}',
  ],
])('a signed body with %s is answered 200 or 400, and the process goes on', async (_title, body) => {
  expect([200, 400]).toContain((await good(body)).status);
  expect((await good()).status).toBe(200);
});
