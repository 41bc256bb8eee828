import { emptyRedis } from '@switchyard/testkit';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { DeadPlace } from './dead-job.ts';
import { failedKey, walkDead } from './dead-walk.ts';
import { connectRedis, type RedisConnection } from './redis.ts';
import { quietRuntime } from './testing-survival.ts';

const SOURCES = [
  { queue: 'crm-sync', shard: 0 },
  { queue: 'bot-replies', shard: 0 },
  { queue: 'routing', shard: 0 },
];

let redis: RedisConnection;

beforeAll(async () => {
  redis = connectRedis({
    url: await emptyRedis(inject('redisUrl')),
    log: quietRuntime().log,
    temper: 'patient',
  });
});
afterAll(() => redis.close());

/** Deaths of each source, by time; as many of one instant as there are equal numbers. */
async function die(...deaths: readonly (readonly number[])[]): Promise<number> {
  await redis.client.flushdb();
  for (const [at, source] of SOURCES.entries()) {
    for (const [index, diedAt] of (deaths[at] ?? []).entries()) {
      await redis.client.zadd(failedKey(source), diedAt, `${source.queue}-${String(index).padStart(5, '0')}`);
    }
  }
  return deaths.flat().length;
}

async function walked(order: 'newest-first' | 'oldest-first'): Promise<DeadPlace[]> {
  const seen: DeadPlace[] = [];
  for await (const chunk of walkDead(redis.client, SOURCES, { order })) seen.push(...chunk);
  return seen;
}

const rising = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);

describe.each(['newest-first', 'oldest-first'] as const)('a walk, %s', (order) => {
  test.each([
    ['a long queue that is newer than a short one', [rising(1, 3), rising(1_000, 450), rising(10, 2)]],
    ['a long queue that is older than a short one', [rising(5_000, 3), rising(1, 450), rising(6_000, 2)]],
    ['long queues side by side', [rising(1, 450), rising(2, 450), rising(3, 450)]],
    ['many deaths at one instant', [rising(1, 10), Array.from({ length: 450 }, () => 5), rising(1, 300)]],
  ])('meets every job of %s once, in order', async (_what, deaths) => {
    const all = await die(...deaths);
    const seen = await walked(order);
    expect(new Set(seen.map(({ jobId }) => jobId)).size).toBe(all);
    expect(seen).toHaveLength(all);
    const times = seen.map(({ diedAt }) => diedAt);
    expect(times).toEqual(times.toSorted((a, b) => (order === 'newest-first' ? b - a : a - b)));
  });
});
