import { checkScope } from './attempt-scope/current.ts';
import type { JobState } from './define.ts';
import { stateKey } from './keys.ts';
import type { RedisClient } from './redis-client.ts';

/** What a queue remembers between jobs (see JobState). An attempt that was cut off gets at none of it. */
export function createJobState(redis: RedisClient, prefix: string, queue: string): JobState {
  return {
    async get(key) {
      checkScope();
      const stored = await redis.get(stateKey(prefix, queue, key));
      return stored === null ? null : JSON.parse(stored);
    },
    async set(key, value, ttlMs) {
      checkScope();
      await redis.set(stateKey(prefix, queue, key), JSON.stringify(value), 'PX', Math.ceil(ttlMs));
    },
    async delete(key) {
      checkScope();
      await redis.del(stateKey(prefix, queue, key));
    },
  };
}
