import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The run's Redis. Shared by all test files: use a key prefix of your own, and never FLUSHALL. */
    redisUrl: string;
    /** The run's Postgres, shared too. */
    postgresUrl: string;
  }
}

/** Starts one Redis and one Postgres for a whole vitest run; tests get them with `inject('redisUrl')`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [redis, postgres] = await Promise.allSettled([startRedis(), startPostgres()]);
  const close = async () => {
    if (postgres.status === 'fulfilled') await postgres.value.close();
    if (redis.status === 'fulfilled') await redis.value.close();
  };
  if (redis.status === 'rejected' || postgres.status === 'rejected') {
    await close();
    throw redis.status === 'rejected'
      ? redis.reason
      : postgres.status === 'rejected'
        ? postgres.reason
        : null;
  }
  process.stdout.write(`${redis.value.label}, ${postgres.value.label}\n`);
  project.provide('redisUrl', redis.value.url);
  project.provide('postgresUrl', postgres.value.url);
  return close;
}
