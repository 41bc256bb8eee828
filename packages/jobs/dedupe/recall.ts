import type { RedisConnection } from '../redis.ts';
import { SEEN_LAYERS } from './seen-lua.ts';
import { seenDigest } from './seen-name.ts';

const RECALL = `
${SEEN_LAYERS}
-- KEYS[1]: the prefix of the shard. ARGV: name, digest.
return (seen(KEYS[1], ARGV[1], ARGV[2])) or nil
`;

/** What is recorded under a name in a shard; null when it was not seen. @throws when Redis is away. */
export type Recall = (prefix: string, name: string) => Promise<string | null>;

export function createRecall(redis: RedisConnection): Recall {
  const run = redis.script('switchyardRecall', RECALL);
  return async (prefix, name) => {
    const found = await run(prefix, [name, seenDigest(name)]);
    return typeof found === 'string' ? found : null;
  };
}
