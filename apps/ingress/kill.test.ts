import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sign } from '@switchyard/chatwoot';
import {
  fixture,
  freePort,
  type RedisServer,
  type RunningProcess,
  startProcess,
  startRedis,
} from '@switchyard/testkit';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** How often the ingress is killed. The bounded run of CI by default; `npm run test:kill` does more. */
const KILLS = Number(process.env.SWITCHYARD_KILLS ?? 12);
const SENDERS = 12;
const SECRET = 'hG7kQ2mVx9RtYb4LnWc8ZpDs';
const P = '{switchyard:0}';

let redis: RedisServer;
let ingress: RunningProcess;
let spoolDir: string;
let port: number;
let adminPort: number;

beforeEach(async () => {
  // What the promise needs: with `everysec`, Redis answers before it has written while its disk is at an fsync.
  redis = await startRedis({ owned: true, appendonly: 'always' });
  spoolDir = await mkdtemp(join(tmpdir(), 'switchyard-kill-'));
  port = await freePort();
  adminPort = await freePort();
  ingress = await startIngress();
});
afterEach(async () => {
  await ingress.stop('SIGKILL');
  await redis.close();
  await rm(spoolDir, { recursive: true, force: true });
});

function startIngress(): Promise<RunningProcess> {
  return startProcess({
    name: 'ingress',
    command: process.execPath,
    args: ['apps/ingress/main.ts'],
    readyUrl: `http://127.0.0.1:${adminPort}/healthz`,
    env: {
      PATH: process.env.PATH,
      REDIS_URL: redis.url,
      CHATWOOT_WEBHOOK_SECRET: SECRET,
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      SPOOL_DIR: spoolDir,
      LOG_LEVEL: 'warn',
    },
  });
}

const template = JSON.stringify(fixture('message_created').body);

/** Sends a delivery again, with the same id, until it is acknowledged: what is not must not count as lost. */
async function sendUntilAcknowledged(message: number, slowest: { ms: number }): Promise<string> {
  const id = randomUUID();
  const body = template
    .replaceAll('"id":1187,', `"id":${1 + (message % 40)},`)
    .replaceAll('"id":90341,', `"id":${message},`);
  for (;;) {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const startedAt = performance.now();
    try {
      const response = await fetch(`http://127.0.0.1:${port}/webhooks/chatwoot`, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'x-chatwoot-delivery': id,
          'x-chatwoot-timestamp': timestamp,
          'x-chatwoot-signature': sign(SECRET, timestamp, body),
        },
        signal: AbortSignal.timeout(5_000),
      });
      slowest.ms = Math.max(slowest.ms, performance.now() - startedAt);
      if (response.status === 200) return id;
    } catch {
      // Killed in the middle of it, or not up again: sent once more.
    }
    await sleep(10);
  }
}

const FAULTS = [
  'kill',
  'kill',
  'kill',
  'kill and pause Redis',
  'kill Redis too',
  'freeze Redis too',
] as const;

async function strike(turn: number): Promise<void> {
  const fault = FAULTS[turn % FAULTS.length];
  const client = new Redis(redis.url, { maxRetriesPerRequest: 0, retryStrategy: () => null });
  client.on('error', () => {});
  if (fault === 'kill and pause Redis') await client.client('PAUSE', 1_200, 'ALL').catch(() => {});
  client.disconnect();
  if (fault === 'kill Redis too') await redis.kill('SIGKILL');
  if (fault === 'freeze Redis too') await redis.pause();
  await sleep(Math.random() * 400);
  ingress.kill('SIGKILL');
  await ingress.exited;
  ingress = await startIngress();
  await sleep(Math.random() * 400);
  if (fault === 'kill Redis too') await redis.restart();
  if (fault === 'freeze Redis too') await redis.resume();
}

test(`killed ${KILLS} times at random moments, with Redis killed, paused and frozen: what was acknowledged is in the queues, no more and no fewer`, {
  timeout: 120_000 + KILLS * 20_000,
}, async () => {
  const acknowledged: string[] = [];
  const slowest = { ms: 0 };
  let next = 1;
  let sending = true;
  const senders = Array.from({ length: SENDERS }, async () => {
    while (sending) acknowledged.push(await sendUntilAcknowledged(next++, slowest));
  });
  for (let turn = 0; turn < KILLS; turn += 1) {
    const before = acknowledged.length;
    await strike(turn);
    // Something must have been under way, or the next kill would prove nothing.
    await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(before + 20), 60_000);
  }
  sending = false;
  await Promise.all(senders);

  const client = new Redis(redis.url);
  const inQueues = async () => client.zrange(`${P}:unsettled:bot-replies`, '0', '-1');
  await vi.waitFor(
    async () => expect((await inQueues()).length).toBeGreaterThanOrEqual(acknowledged.length),
    60_000,
  );
  await vi.waitFor(async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
    expect(metrics).toMatch(/^switchyard_spool_records 0$/m);
  }, 60_000);

  expect(acknowledged.length).toBeGreaterThan(KILLS * 20);
  expect((await inQueues()).toSorted()).toEqual(acknowledged.toSorted());
  const entered = await jobsInLanes(client);
  expect(entered.filter((job, index) => entered.indexOf(job) !== index)).toEqual([]);
  expect(entered.length).toBe(acknowledged.length);
  await client.quit();
  process.stdout.write(
    `${acknowledged.length} deliveries acknowledged, slowest answer ${Math.round(slowest.ms)} ms\n`,
  );
});

/** The ids of all lanes' holders and followers. */
async function jobsInLanes(client: Redis): Promise<string[]> {
  const lanes = await client.hgetall(`${P}:lanes:bot-replies`);
  const followers = await Promise.all(
    Object.keys(lanes).map((lane) => client.lrange(`${P}:lane:bot-replies:${lane}`, 0, -1)),
  );
  const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
  return [...Object.values(lanes), ...followers.flat().map((job) => uuid.exec(job)?.[0] ?? job)];
}
