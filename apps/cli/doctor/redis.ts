import type { CliConfig } from '@switchyard/config';
import {
  type DurabilityJudgement,
  knownShards,
  type RedisConnection,
  type RedisNodeHealth,
  readDurability,
  readRedisHealth,
} from '@switchyard/jobs';
import { durationText } from '../durations.ts';
import { openRedis, redisAdvice, redisPlace } from '../open-redis.ts';
import { type Check, type Finding, fail, ok, skip, warn } from './check.ts';

const LIMIT_MS = 5_000;

/** One connection for all that Redis is asked; none of it changes anything. */
export function redisCheck({ redisUrl, shards }: Pick<CliConfig, 'redisUrl' | 'shards'>): Check {
  return {
    group: 'Redis',
    name: 'reachable',
    async run() {
      const { redis, reason } = await openRedis(redisUrl);
      try {
        if (reason !== null) {
          return [
            fail('reachable', `${redisPlace(redisUrl)}: ${reason}`, redisAdvice(reason).join(' ')),
            skip('the rest of Redis', 'not looked at: it is not reachable'),
          ];
        }
        return await findingsOf(redis, redisUrl, shards);
      } finally {
        await redis.close();
      }
    },
  };
}

async function findingsOf(redis: RedisConnection, url: string, shards: number): Promise<Finding[]> {
  const [nodes, durability, known] = await Promise.all([
    readRedisHealth(redis, { url, limitMs: LIMIT_MS }),
    readDurability(redis),
    knownShards(redis),
  ]);
  return [...nodes.flatMap(judgeNode), ...judgeDurability(durability), judgeShards(shards, known)];
}

/** Of one server: whether it answers, how old it is, its memory, whether it could write. Pure. */
export function judgeNode(health: RedisNodeHealth): Finding[] {
  const { node, up, version, pingMs, memoryUsedBytes, memoryMaxBytes, aofLastWriteOk, evictedKeys } = health;
  if (!up)
    return [
      fail('reachable', `${node} does not answer`, 'Look at this node and at the cluster it belongs to.'),
    ];
  const full = memoryUsedBytes !== null && memoryMaxBytes ? memoryUsedBytes / memoryMaxBytes : 0;
  return [
    judgeVersion(node, version, pingMs),
    ...(full > 0.85
      ? [
          warn(
            'memory',
            `${node} uses ${Math.round(full * 100)} % of its memory; full, it refuses and the ingress spools`,
            'Raise maxmemory, or redrive or discard dead jobs.',
          ),
        ]
      : []),
    ...(aofLastWriteOk === false
      ? [
          fail(
            'append-only file',
            `${node} could not write it`,
            'Look at the disk of this Redis: full, read-only?',
          ),
        ]
      : []),
    ...((evictedKeys ?? 0) > 0
      ? [
          fail(
            'evicted keys',
            `${node} has evicted ${evictedKeys} keys since it started: jobs, or what is known of deliveries, are lost`,
            'Set maxmemory-policy noeviction and give it more memory.',
          ),
        ]
      : []),
  ];
}

function judgeVersion(node: string, version: string | null, pingMs: number | null): Finding {
  const ping = pingMs === null ? '' : `, answers in ${durationText(pingMs)}`;
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  if (version === null) return warn('reachable', `${node} does not tell its version${ping}`);
  if (major < 5)
    return fail(
      'reachable',
      `${node} is Redis ${version}; BullMQ needs 5, and advises 6.2`,
      'Upgrade Redis.',
    );
  if (major < 6 || (major === 6 && minor < 2)) {
    return warn(
      'reachable',
      `${node} is Redis ${version}${ping}`,
      'Upgrade Redis: 6.2 or later is advised, 7 is what Switchyard is tested with.',
    );
  }
  return ok('reachable', `${node}, version ${version}${ping}`);
}

/** Settings that may lose acknowledged deliveries. Pure. */
export function judgeDurability(judgements: readonly DurabilityJudgement[]): Finding[] {
  return judgements.map(({ setting, verdict, detail }) => {
    if (verdict === 'safe') return ok(setting, 'keeps what was acknowledged');
    if (verdict === 'unknown') {
      return warn(
        setting,
        'Redis does not tell',
        'Check it with your provider (docs/operations.md, What a 200 is worth).',
      );
    }
    const [what = '', todo] = (detail ?? '').split('; ');
    const fix =
      todo === undefined
        ? null
        : `${todo.charAt(0).toUpperCase()}${todo.slice(1)} (docs/operations.md, What a 200 is worth).`;
    return setting === 'maxmemory-policy' ? fail(setting, what, fix) : warn(setting, what, fix);
  });
}

/** Pure. */
export function judgeShards(asked: number, known: number): Finding {
  if (asked === known) return ok('shards', asked === 1 ? 'one' : `${asked}, as in Redis`);
  return fail(
    'shards',
    `SHARDS is ${asked}, but the queues in Redis are spread over ${known}: processes with ${asked} refuse to start`,
    `Set SHARDS=${known}; to change it, see docs/operations.md, Changing SHARDS.`,
  );
}
