import { accountsKey, jobKey, lanesKey, shardPrefixes } from './keys.ts';
import type { RedisConnection } from './redis.ts';

/** Of each list of each queue and shard, so many jobs are looked at. */
const NEWEST = 20;
const LARGEST = 64 * 1024;
const MOST = 50;

/**
 * The Chatwoot accounts that recent jobs belong to, for questions that name no account; at most fifty. Read from the
 * lanes that have work, from what was done and from the newest dead jobs.
 *
 * @throws when Redis is away.
 */
export async function recentAccounts(
  redis: RedisConnection,
  { queues, shards }: { readonly queues: readonly string[]; readonly shards: number },
): Promise<number[]> {
  const { client } = redis;
  const prefixes = shardPrefixes(shards);
  const done = await Promise.all(
    prefixes.map((prefix) => client.zrevrange(accountsKey(prefix), 0, MOST - 1)),
  );
  const each = await Promise.all(
    prefixes.flatMap((prefix) =>
      queues.map(async (queue) => {
        const [[, pairs], ...lists] = await Promise.all([
          client.hscan(lanesKey(prefix, queue), '0', 'COUNT', 10 * NEWEST),
          client.zrevrange(`${prefix}:${queue}:failed`, 0, NEWEST - 1),
        ]);
        const lanes = pairs.flatMap((lane) => accountOfLane(lane) ?? []);
        const keys = lists.flat().map((jobId) => jobKey(prefix, queue, jobId));
        return [...lanes, ...(await Promise.all(keys.map((key) => accountOfJob(client, key))))];
      }),
    ),
  );
  return [...new Set([...done.flat().map(Number), ...each.flat()].filter((account) => account !== null))]
    .toSorted((a, b) => a - b)
    .slice(0, MOST);
}

function accountOfLane(lane: string): number | null {
  const account = /^[vcu](\d{1,15})-/.exec(lane)?.[1];
  return account === undefined ? null : Number(account);
}

async function accountOfJob(client: RedisConnection['client'], key: string): Promise<number | null> {
  if ((await client.hstrlen(key, 'data')) > LARGEST) return null;
  // Ours writes it without blanks; what a hand has written is found by other means.
  const account = /"account":(\d{1,15})[,}]/.exec((await client.hget(key, 'data')) ?? '')?.[1];
  return account === undefined ? null : Number(account);
}
