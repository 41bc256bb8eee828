import type { RedisConnection } from '../redis.ts';

/** As if the time for which deliveries are remembered were over; for tests. */
export async function forgetSeen({ client }: RedisConnection, prefix: string): Promise<void> {
  const keys = await client.keys(`${prefix}:seen*`);
  if (keys.length > 0) await client.del(...keys);
}

/** For how many ms what was seen is remembered at least. */
export async function seenTtl({ client }: RedisConnection, prefix: string): Promise<number> {
  const keys = await client.keys(`${prefix}:seen:*`);
  return Math.min(...(await Promise.all(keys.map((key) => client.pttl(key)))));
}
