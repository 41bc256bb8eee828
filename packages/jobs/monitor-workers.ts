import type { Redis } from 'ioredis';
import type { RedisConnection } from './redis.ts';

/**
 * How many worker processes are connected, by queue. BullMQ's workers name the connection they block on after their
 * queue and prefix, and a process has one for every shard; so a queue has as many processes as the shard that has
 * most of them. (BullMQ's own `getWorkers` lists all clients once more for each shard, and takes the workers of
 * another database of the same Redis for ours.)
 *
 * @returns null where Redis does not tell, as managed ones may not.
 * @throws when Redis is away.
 */
export async function countWorkers(
  redis: RedisConnection,
  { prefixes, names }: { readonly prefixes: readonly string[]; readonly names: readonly string[] },
): Promise<Record<string, number> | null> {
  const ofNodes = await Promise.all(redis.primaries().map(connectionsOf));
  const known = ofNodes.filter((connections) => connections !== null);
  if (known.length === 0) return null;
  return Object.fromEntries(
    names.map((name) => {
      const suffix = `:${Buffer.from(name).toString('base64')}`;
      // A client of a cluster has connections to several nodes: the one with most of them tells.
      const counts = prefixes.flatMap((prefix) => known.map((node) => node.get(prefix + suffix) ?? 0));
      return [name, Math.max(0, ...counts)];
    }),
  );
}

/** How many connections of each name a node has, in our database. */
async function connectionsOf(node: Redis): Promise<Map<string, number> | null> {
  const list = await listOf(node);
  if (list === null) return null;
  const db = node.options.db ?? 0;
  const counts = new Map<string, number>();
  for (const line of list.split('\n')) {
    const name = / name=(\S+)/.exec(line)?.[1];
    if (name === undefined || !line.includes(` db=${db} `)) continue;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

async function listOf(node: Redis): Promise<string | null> {
  try {
    return String(await node.client('LIST'));
  } catch (error) {
    // An answer, only not the one we hoped for: forbidden, renamed, unknown.
    if (error instanceof Error && error.name === 'ReplyError') return null;
    throw error;
  }
}
