import { Redis } from 'ioredis';

/**
 * The URL of an empty database on the run's Redis, for one test file. Files that run at the same time get
 * different ones, by the number of their vitest worker; what an earlier file left there is dropped.
 */
export async function emptyRedis(
  url: string,
  worker: number = Number(process.env.VITEST_POOL_ID ?? 1),
): Promise<string> {
  const database = new URL(url);
  database.pathname = `/${worker % 16}`;
  const redis = new Redis(database.href);
  await redis.flushdb();
  await redis.quit();
  return database.href;
}
