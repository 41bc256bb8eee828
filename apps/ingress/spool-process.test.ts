import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { sign } from '@switchyard/chatwoot';
import { connectRedis, createStories, type RedisConnection } from '@switchyard/jobs';
import { createLogger } from '@switchyard/telemetry';
import {
  fixture,
  freePort,
  type RedisServer,
  type RunningProcess,
  startProcess,
  startProxy,
  startRedis,
  type ToxicProxy,
} from '@switchyard/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { temporaryDirectory } from './testing-deliveries.ts';

const SECRET = 'hG7kQ2mVx9RtYb4LnWc8ZpDs';
const main = new URL('./main.ts', import.meta.url).pathname;

let server: RedisServer;
let proxy: ToxicProxy;
let redis: RedisConnection;
let dir: string;
let remove: () => Promise<void>;
let port: number;
let adminPort: number;
const running: RunningProcess[] = [];

beforeAll(async () => {
  server = await startRedis({ owned: true });
  proxy = await startProxy({ targetPort: server.port });
  redis = connectRedis({
    url: server.url,
    log: createLogger({ app: 'test', level: 'silent' }),
    temper: 'patient',
  });
});
afterAll(async () => {
  await redis.close();
  await proxy.close();
  await server.close();
});
beforeEach(async () => {
  ({ dir, remove } = await temporaryDirectory());
  [port, adminPort] = [await freePort(), await freePort()];
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop('SIGKILL')));
  await remove();
});

async function startIngress(readyLine = 'listening', env = {}): Promise<RunningProcess> {
  const started = await startProcess({
    name: 'ingress',
    command: process.execPath,
    args: [main],
    cwd: dir,
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      REDIS_URL: proxy.url,
      SPOOL_DIR: dir,
      CHATWOOT_WEBHOOK_SECRET: SECRET,
      ...env,
    },
    readyLine,
  });
  running.push(started);
  return started;
}

async function post(id: string): Promise<unknown> {
  const body = fixture('message_created').raw.replace(/"id":\s*\d+/, `"id":${parseInt(id.slice(0, 6), 16)}`);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const response = await fetch(`http://127.0.0.1:${port}/webhooks/chatwoot`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-chatwoot-delivery': id,
      'x-chatwoot-timestamp': timestamp,
      'x-chatwoot-signature': sign(SECRET, timestamp, body),
    },
  });
  return response.json();
}

const readyz = async () => {
  const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
  return { status: response.status, body: await response.json() };
};
const known = (id: string) => createStories({ redis }).ofDelivery(id);

test('with Redis away at start takes deliveries, and after a kill and a start with Redis hands them over', async () => {
  await proxy.cut();
  const first = await startIngress();
  const ids = Array.from({ length: 5 }, () => randomUUID());
  for (const delivery of ids) expect(await post(delivery)).toMatchObject({ status: 'spooled', delivery });
  expect(await readyz()).toMatchObject({ status: 200, body: { redis: 'away, spooling' } });
  const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  expect(metrics).toContain('switchyard_spool_records 5');
  expect(metrics).toContain('switchyard_spool_appends_total{result="ok"} 5');
  await first.stop('SIGKILL');

  await startIngress();
  expect(await readyz()).toMatchObject({ status: 200, body: { redis: 'away, spooling' } });
  await proxy.restore();
  await vi.waitFor(async () => expect((await readyz()).body).toMatchObject({ redis: 'ok' }), 30_000);
  for (const delivery of ids) expect(await known(delivery)).not.toBeNull();
  const [again = ''] = ids;
  // A Redis that is slow for a moment has the next one spooled.
  await vi.waitFor(async () => expect(await post(again)).toMatchObject({ status: 'duplicate' }), 30_000);
  await vi.waitFor(
    async () => expect(await post(randomUUID())).toMatchObject({ status: 'accepted' }),
    30_000,
  );
});

test('stops in order while Redis is away, and leaves the spool to the next start', async () => {
  const first = await startIngress();
  await proxy.cut();
  const id = randomUUID();
  expect(await post(id)).toMatchObject({ status: 'spooled' });
  expect(await first.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  await proxy.restore();
  await startIngress();
  await vi.waitFor(async () => expect(await known(id)).not.toBeNull(), 30_000);
});

test('does not start on a directory that another ingress uses', async () => {
  await startIngress();
  [port, adminPort] = [await freePort(), await freePort()];
  const second = await startIngress('SPOOL_DIR', { SHUTDOWN_TIMEOUT_MS: '0' });
  expect(await second.exited).toEqual({ code: 1, signal: null });
  expect(second.logs().join('\n')).toMatch(/^SPOOL_DIR: .* is in use by process \d+ on/m);
});

test('a killed ingress comes back while its dead process is not reaped yet, a zombie', async () => {
  // A parent that never waits: it starts the ingress and turns into a program that knows of no children.
  const env = {
    PATH: process.env.PATH,
    HOST: '127.0.0.1',
    PORT: String(port),
    ADMIN_PORT: String(adminPort),
    REDIS_URL: proxy.url,
    SPOOL_DIR: dir,
    CHATWOOT_WEBHOOK_SECRET: SECRET,
  };
  const parent = await startProcess({
    name: 'parent',
    command: 'sh',
    args: ['-c', `"${process.execPath}" "${main}" & echo "child $!"; exec sleep 120`],
    env,
    readyLine: 'listening',
  });
  running.push(parent);
  const pid = Number(/^child (\d+)/.exec(await parent.waitForLog(/^child \d+/, 10_000))?.[1]);
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(async () => expect(await readFile(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /), 10_000);
  await startIngress('listening', { SHUTDOWN_TIMEOUT_MS: '0' });
  expect(await post(randomUUID())).toMatchObject({ status: expect.stringMatching(/accepted|spooled/) });
});

test('an ingress that is started while the one before still stops waits for its lock', async () => {
  const first = await startIngress();
  [port, adminPort] = [await freePort(), await freePort()];
  const second = await startIngress('waiting for its process to end');
  await first.stop('SIGTERM');
  await second.waitForLog('listening', 30_000);
});
