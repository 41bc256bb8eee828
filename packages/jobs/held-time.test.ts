import { createLogger } from '@switchyard/telemetry';
import { emptyRedis } from '@switchyard/testkit';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { createBreaker, WIDEN_BREAKER } from './breaker.ts';
import { createHeldTime } from './held-time.ts';
import { breakerKey, shardPrefix } from './keys.ts';
import { connectRedis, type RedisConnection } from './redis.ts';

const P = shardPrefix(0);
const BREAKER = breakerKey(P, 'routing');
const HELD = `${P}:held:routing`;
const MINUTE = 60_000;
let redis: RedisConnection;

beforeAll(async () => {
  const url = await emptyRedis(inject('redisUrl'));
  redis = connectRedis({ url, log: createLogger({ app: 'test', level: 'silent' }), temper: 'patient' });
});
beforeEach(() => redis.client.flushdb());
afterAll(() => redis.close());

const breaker = () => createBreaker(redis, P, 'routing', { baseMs: 10, probeCapMs: 10 });
const held = () => createHeldTime(redis, P, 'routing');
/** As a job that came through after the wait does, with nobody waiting. */
const close = async () => {
  await redis.client.del(`${P}:routing:limiter`);
  const widen = redis.script(
    'testWiden',
    `${WIDEN_BREAKER}\nwidenBreaker(KEYS[1], ARGV[1], '*=0')\nreturn 0`,
  );
  await widen(P, ['routing']);
};
const minutes = async (from: number) => Math.round((await held().since(from)) / MINUTE);

test('counts a hold that goes on, from when it began or the job came', async () => {
  await breaker().open('away', null);
  const now = Date.now();
  await redis.client.hset(BREAKER, 'since', now - 60 * MINUTE);
  expect(await minutes(now - 90 * MINUTE)).toBe(60);
  expect(await minutes(now - 20 * MINUTE)).toBe(20);
  expect(await minutes(now + MINUTE)).toBe(0);
});

test('keeps holds that are over, each for what it was', async () => {
  const now = Date.now();
  for (const [begun, ended] of [
    [300, 200],
    [100, 40],
  ] as const) {
    await redis.client.zadd(HELD, now - ended * MINUTE, String(now - begun * MINUTE));
  }
  expect(await minutes(now - 400 * MINUTE)).toBe(160);
  expect(await minutes(now - 250 * MINUTE)).toBe(110);
  expect(await minutes(now - 30 * MINUTE)).toBe(0);
});

test('a breaker that was closed for a moment was one hold', async () => {
  const now = Date.now();
  await breaker().open('away', null);
  await redis.client.hset(BREAKER, 'since', now - 60 * MINUTE);
  await close();
  expect(await redis.client.exists(BREAKER)).toBe(0);
  expect(await redis.client.zcard(HELD)).toBe(1);
  expect(await redis.client.pttl(HELD)).toBeGreaterThan(13 * 24 * 60 * MINUTE);
  await breaker().open('away', null);
  expect(await redis.client.hget(BREAKER, 'since')).toBe(String(now - 60 * MINUTE));
  expect(await redis.client.exists(HELD)).toBe(0);
  expect(await minutes(0)).toBe(60);
});

test('one that opens long after is another', async () => {
  const now = Date.now();
  await redis.client.zadd(HELD, now - 30 * MINUTE, String(now - 60 * MINUTE));
  await breaker().open('away', null);
  expect(Number(await redis.client.hget(BREAKER, 'since'))).toBeGreaterThan(now - 10 * MINUTE);
  expect(await minutes(0)).toBe(30);
});

test('nothing is counted where nothing was held', async () => {
  expect(await held().since(0)).toBe(0);
});
