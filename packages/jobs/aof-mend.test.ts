import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHealth, createLogger, createMetrics } from '@switchyard/telemetry';
import { type RedisServer, startRedis } from '@switchyard/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isAsLoaded } from './aof-mend.ts';
import { createEnqueuer } from './enqueue.ts';
import { connectRedis, type RedisConnection } from './redis.ts';
import { watchDurability } from './redis-durability.ts';
import { deliveryOf, eventOf } from './testing-events.ts';

const P = '{switchyard:0}';
const log = createLogger({ app: 'test', level: 'silent' });
let dir: string;
let server: RedisServer;
let redis: RedisConnection;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchyard-torn-'));
  server = await startRedis({ owned: true, dir, appendonly: 'always' });
  redis = connectRedis({ url: server.url, log, temper: 'patient' });
});
afterEach(async () => {
  await redis.close();
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

test('an enqueue that a crash of Redis tore is not carried out half by a later start', async () => {
  const health = createHealth().dependency('redis');
  const metrics = createMetrics({ app: 'test', version: '0' });
  const watch = watchDurability({ redis, health, metrics, log });
  const { enqueue } = createEnqueuer(redis, { dedupeMs: 60_000 });
  const [first, ...others] = [1, 2, 3, 4].map(() => deliveryOf(eventOf(7)));
  await enqueue(first === undefined ? [] : [first]);
  await untilRewritten();
  await enqueue(others);
  await server.kill();
  // Somewhere in the last one of the three; the first two of them are whole.
  await tearOff(40);

  await server.restart();
  await untilRewritten();
  // The batch had no answer, so it is enqueued again.
  expect(await enqueue(others)).toEqual(['accepted', 'accepted', 'accepted']);
  await server.kill();
  await server.restart();

  const lane = await redis.client.lrange(`${P}:lane:routing:v3-7`, '0', '-1');
  expect(lane.map((job) => /0{8}-[\d-]{27}/.exec(job)?.[0])).toEqual(
    others.map(({ event }) => event.delivery.id),
  );
  watch.close();
});

/** Since the server's last start. */
async function untilRewritten(): Promise<void> {
  await vi.waitFor(
    async () => {
      const info = await redis.client.info('persistence');
      expect(info).toMatch(/^aof_rewrite_in_progress:0\r$/m);
      expect(info).toMatch(/^aof_last_rewrite_time_sec:\d/m);
    },
    { timeout: 20_000, interval: 50 },
  );
}

async function tearOff(bytes: number): Promise<void> {
  const folder = join(dir, 'appendonlydir');
  const written = (await readdir(folder)).filter((name) => name.endsWith('.incr.aof')).sort();
  const last = join(folder, written.at(-1) ?? '');
  await truncate(last, (await stat(last)).size - bytes);
}

test.each([
  { title: 'was loaded', aof_last_rewrite_time_sec: '-1', needed: true },
  { title: 'was rewritten', needed: false },
  { title: 'could not be rewritten', aof_last_bgrewrite_status: 'err', needed: true },
  {
    title: 'is being rewritten',
    aof_last_rewrite_time_sec: '-1',
    aof_rewrite_in_progress: '1',
    needed: false,
  },
  { title: 'will be rewritten', aof_last_rewrite_time_sec: '-1', aof_rewrite_scheduled: '1', needed: false },
  { title: 'is none', aof_enabled: '0', aof_last_rewrite_time_sec: '-1', needed: false },
])('a file that $title: a rewrite is needed: $needed', ({ title: _, needed, ...over }) => {
  const fields = {
    aof_enabled: '1',
    aof_rewrite_in_progress: '0',
    aof_rewrite_scheduled: '0',
    aof_last_rewrite_time_sec: '0',
    aof_last_bgrewrite_status: 'ok',
    ...over,
  };
  const info = Object.entries(fields).map(([name, value]) => `${name}:${value}\r\n`);
  expect(isAsLoaded(info.join(''))).toBe(needed);
});
