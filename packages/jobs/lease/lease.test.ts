import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createLogger } from '@switchyard/telemetry';
import { emptyRedis } from '@switchyard/testkit';
import { afterEach, beforeEach, expect, inject, onTestFinished, test, vi } from 'vitest';
import { connectRedis, type RedisConnection } from '../redis.ts';
import { createLease, type Lease } from './lease.ts';

const TTL_MS = 600;

let url: string;
let redis: RedisConnection;
beforeEach(async () => {
  url = await emptyRedis(inject('redisUrl'));
  redis = connectRedis({ url, log: createLogger({ app: 'test', level: 'silent' }), temper: 'prompt' });
  await redis.readyWithin(5_000);
});
afterEach(() => redis.close());

function want(owner: string, connection = redis): Lease {
  const lease = createLease({ redis: connection, name: 'healer', owner, ttlMs: TTL_MS });
  onTestFinished(() => lease.close());
  return lease;
}

function untilHeld(lease: Lease): Promise<void> {
  return vi.waitFor(() => expect(lease.held()).not.toBeNull(), { timeout: 10_000, interval: 10 });
}

test('of two that want it one holds it, and keeps it', async () => {
  const first = want('first');
  await untilHeld(first);
  const second = want('second');
  for (let looks = 0; looks < 20; looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, TTL_MS / 10));
    expect(first.held()).not.toBeNull();
    expect(second.held()).toBeNull();
  }
});

test('given up, it is the next one’s, with a higher fence; what the old holder does is aborted', async () => {
  const first = want('first');
  await untilHeld(first);
  const old = first.held();
  const second = want('second');
  await first.close();
  expect(first.held()).toBeNull();
  expect(old?.signal.aborted).toBe(true);
  await untilHeld(second);
  expect(second.held()?.fence).toBeGreaterThan(old?.fence ?? 0);
});

test('whose Redis is away knows that it may have lost it before the lease has run out', async () => {
  const own = connectRedis({ url, log: createLogger({ app: 'test', level: 'silent' }), temper: 'prompt' });
  await own.readyWithin(5_000);
  const lease = want('first', own);
  await untilHeld(lease);
  const holding = lease.held();
  own.client.disconnect();
  await vi.waitFor(() => expect(holding?.signal.aborted).toBe(true), { timeout: TTL_MS * 3, interval: 10 });
  expect(lease.held()).toBeNull();
  await own.close();
});

test('of a process that was killed it is another’s within its time', async () => {
  const holder = await startHolder();
  const second = want('second');
  holder.kill('SIGKILL');
  const killedAt = performance.now();
  await untilHeld(second);
  expect(performance.now() - killedAt).toBeLessThan(TTL_MS * 5);
});

test('a process that was stopped for longer than its time knows that it lost it', async () => {
  const holder = await startHolder();
  const second = want('second');
  holder.kill('SIGSTOP');
  await untilHeld(second);
  const lost = said(holder, 'lost');
  holder.kill('SIGCONT');
  await lost;
  expect(second.held()).not.toBeNull();
});

async function startHolder(): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('testing-lease-holder.ts', import.meta.url))],
    {
      env: { PATH: process.env.PATH, REDIS_URL: url, TTL_MS: String(TTL_MS) },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  await said(child, 'held');
  return child;
}

function said(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve) => {
    child.stdout?.on('data', (text: Buffer) => {
      if (String(text).includes(word)) resolve();
    });
  });
}
