import { shardPrefix, shardPrefixes, shardsKey } from './keys.ts';
import type { RedisConnection } from './redis.ts';

/**
 * How many shards the installation has stands in every shard, so that a script sees in one atomic step whether its
 * caller and the others mean the same. Nothing there means one: an installation that never said SHARDS.
 *
 * `enqueue` asks in its script (`shardsHere`); a process asks at its start (`agreeOnShards`).
 */
export const SHARDS_HERE = `
local function shardsHere(prefix)
  return tonumber(redis.call('GET', prefix .. ':shards') or 1)
end
`;

/** This process and the jobs that are there do not mean the same number of shards. */
export class ShardsDiffer extends Error {
  override readonly name = 'ShardsDiffer';
  readonly code = 'SHARDS_DIFFER';
  /** For the operator; ends a process plainly (telemetry/process.ts). */
  readonly lines: readonly string[];
  constructor(asked: number, known: number, why: string) {
    const line = `SHARDS: ${asked}, but the queues in Redis are spread over ${known}; ${why}`;
    super(line);
    this.lines = [line];
  }
}

const CLAIM = `
-- KEYS[1]: prefix. ARGV: shards, '1' when this shard goes, then queues. Answers 'ok', or what stands in the way.
local prefix, shards = KEYS[1], ARGV[1]
if redis.call('GET', prefix .. ':shards') == shards then return 'ok' end
local unsettled, dead = 0, 0
for at = 3, #ARGV do
  unsettled = unsettled + redis.call('ZCARD', prefix .. ':unsettled:' .. ARGV[at])
  dead = dead + redis.call('ZCARD', prefix .. ':' .. ARGV[at] .. ':failed')
end
if unsettled > 0 then return unsettled .. ' jobs are not done' end
if ARGV[2] == '1' and dead > 0 then return dead .. ' dead jobs are in shards that would go' end
redis.call('SET', prefix .. ':shards', shards)
return 'ok'
`;

/**
 * Makes sure that this process means as many shards as the jobs in Redis do. The number can be changed while no job
 * is unsettled: the first process that is started with the new one sets it, and from then on Redis takes nothing
 * from an ingress that still means the old one (it spools).
 *
 * @throws {ShardsDiffer} when jobs stand in the way; anything else when Redis is away.
 */
export async function agreeOnShards(redis: RedisConnection, shards: number): Promise<void> {
  const known = await knownShards(redis);
  // The first one last: until it is claimed, whoever starts next knows of all the shards there were.
  const all = shardPrefixes(Math.max(known, shards)).toReversed();
  const has = await Promise.all(all.map((prefix) => redis.client.get(shardsKey(prefix))));
  if (has.every((number) => number === String(shards)) || (shards === 1 && has.every((one) => one === null)))
    return;
  const staying = new Set(shardPrefixes(shards));
  const queues = await queuesIn(redis);
  const claim = redis.script('switchyardClaimShards', CLAIM);
  for (const [index, prefix] of all.entries()) {
    const its = queues.get(prefix) ?? [];
    const answer = await claim(prefix, [String(shards), staying.has(prefix) ? '0' : '1', ...its]);
    if (answer === 'ok') continue;
    // What was claimed on the way is given back, or the ingress with the old number could enqueue no more.
    for (const before of all.slice(0, index)) await redis.client.set(shardsKey(before), String(known));
    const advice = `Start with SHARDS=${known} again until that is settled, then change it`;
    throw new ShardsDiffer(shards, known, `${String(answer)}. ${advice}`);
  }
}

/** As the first shard has it, which every number of shards has. Throws when Redis is away. */
export async function knownShards(redis: RedisConnection): Promise<number> {
  return Number((await redis.client.get(shardsKey(shardPrefix(0)))) ?? 1);
}

/**
 * By shard, the queues that have unsettled or dead jobs, also those this process does not know. Walks over all keys,
 * which is slow and blocks nobody.
 */
async function queuesIn(redis: RedisConnection): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const node of redis.primaries()) {
    for await (const keys of node.scanStream({ match: '{switchyard:*}:*', count: 5_000 })) {
      for (const key of keys) {
        const named = /^(\{switchyard:\d+\}):(?:unsettled:([^:]+)|([^:]+):failed)$/.exec(String(key));
        const [, prefix = '', unsettled, dead] = named ?? [];
        const queue = unsettled ?? dead;
        if (queue !== undefined) found.set(prefix, [...new Set([...(found.get(prefix) ?? []), queue])]);
      }
    }
  }
  return found;
}
