import { createLogger } from '@switchyard/telemetry';
import { emptyRedis } from '@switchyard/testkit';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { createBreaker } from './breaker.ts';
import { breakerKey, shardPrefix } from './keys.ts';
import { connectRedis, type RedisConnection } from './redis.ts';

const P = shardPrefix(0);
const policy = { baseMs: 1_000, probeCapMs: 10_000 };
let redis: RedisConnection;

beforeAll(async () => {
  const url = await emptyRedis(inject('redisUrl'));
  redis = connectRedis({ url, log: createLogger({ app: 'test', level: 'silent' }), temper: 'patient' });
});
beforeEach(() => redis.client.flushdb());
afterAll(() => redis.close());

test('who fails while the queue is held joins the wait', async () => {
  const breaker = createBreaker(redis, P, 'routing', policy);
  const told = await breaker.open('away', 60_000);
  const joined = await breaker.open('away', null);
  expect(told).toBe(60_000);
  expect(joined).toBeGreaterThan(30_000);
  expect(joined).toBeLessThanOrEqual(60_000);
});

test('a wait that a clock set back made longer ends when it was meant to', async () => {
  const breaker = createBreaker(redis, P, 'routing', policy);
  const limiter = `${P}:routing:limiter`;
  await breaker.open('away', 5_000);
  await breaker.shorten();
  expect(await redis.client.pttl(limiter)).toBeGreaterThan(1_000);
  await redis.client.pexpire(limiter, 600_000);
  await breaker.shorten();
  expect(await redis.client.pttl(limiter)).toBeLessThanOrEqual(5_000);
});

test.each([
  ['was set back since', 600_000],
  ['was set forward since', -600_000],
])('a wait is never longer than the queue is held, also when the clock %s', async (_, offMs) => {
  const breaker = createBreaker(redis, P, 'routing', policy);
  await breaker.open('away', 5_000);
  await redis.client.hincrby(breakerKey(P, 'routing'), 'until', offMs);
  expect(await breaker.open('away', null)).toBeLessThanOrEqual(5_000);
});
