import { createLogger } from '@switchyard/telemetry';
import { emptyRedis, startProxy } from '@switchyard/testkit';
import { expect, inject, onTestFinished, test } from 'vitest';
import { createLockedWrite, LockLost } from './lock.ts';
import { connectRedis } from './redis.ts';

const P = '{switchyard:0}';
const lock = { key: `${P}:routing:j1:lock`, token: 'mine' };
const ledger = `${P}:ledger:routing:j1`;

async function startWrite(latencyMs: number) {
  const url = new URL(await emptyRedis(inject('redisUrl')));
  const proxy = await startProxy({ targetPort: Number(url.port) });
  url.port = String(proxy.port);
  const log = createLogger({ app: 'test', level: 'silent' });
  const redis = connectRedis({ url: url.href, log, temper: 'patient' });
  onTestFinished(async () => {
    await redis.close();
    await proxy.close();
  });
  await redis.readyWithin(5_000);
  proxy.latency(latencyMs);
  return { client: redis.client, write: createLockedWrite(redis, P) };
}

test('writes and removes a field while the lock is held', async () => {
  const { client, write } = await startWrite(0);
  await client.set(lock.key, 'mine', 'PX', 10_000);
  await write(lock, ledger, 60_000, { reply: 'begun' });
  expect(await client.hgetall(ledger)).toEqual({ reply: 'begun' });
  await write(lock, ledger, 60_000, { reply: null });
  expect(await client.exists(ledger)).toBe(0);
});

test.each([
  ['has run out', null],
  ['is another worker’s', 'theirs'],
])('writes nothing when the lock %s', async (_, token) => {
  const { client, write } = await startWrite(0);
  if (token !== null) await client.set(lock.key, token, 'PX', 10_000);
  await expect(write(lock, ledger, 60_000, { reply: 'begun' })).rejects.toThrow(LockLost);
  expect(await client.exists(ledger)).toBe(0);
});

test('does not go on when the answer took longer than the lock was good for', async () => {
  const { client, write } = await startWrite(100);
  await client.set(lock.key, 'mine', 'PX', 250);
  await expect(write(lock, ledger, 60_000, { reply: 'begun' })).rejects.toThrow(LockLost);
  expect(await client.hgetall(ledger)).toEqual({ reply: 'begun' });
});
