import { checkScope } from './attempt-scope/current.ts';
import type { JobState } from './define.ts';
import { WRITES_WHEN_FULL } from './full-redis/first-write.ts';
import { stateKey } from './keys.ts';
import type { RedisClient } from './redis-client.ts';

const SET_WHEN_FULL = `${WRITES_WHEN_FULL} return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])`;

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
      const args = [stateKey(prefix, queue, key), JSON.stringify(value), Math.ceil(ttlMs)] as const;
      await redis.set(args[0], args[1], 'PX', args[2]).catch((error: unknown) => {
        if (!(error instanceof Error && error.message.startsWith('OOM'))) throw error;
        return redis.eval(SET_WHEN_FULL, 1, ...args);
      });
    },
    async delete(key) {
      checkScope();
      await redis.del(stateKey(prefix, queue, key));
    },
  };
}
