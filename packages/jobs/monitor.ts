import { createLogger } from '@switchyard/telemetry';
import { queues } from './catalogue.ts';
import { readDoneCounts } from './done/done-counts.ts';
import { breakerKey, lanesKey, shardPrefixes, unsettledKey } from './keys.ts';
import { countWorkers } from './monitor-workers.ts';
import { connectRedis, type RedisConnection } from './redis.ts';

/** What is known of a queue, over all its shards. */
export interface QueueCounts {
  /** Accepted and not begun: in BullMQ's hands, or behind another job of their lane. */
  readonly waiting: number;
  readonly active: number;
  /** Waiting for their retry. */
  readonly delayed: number;
  readonly dead: number;
  /** Finished ones, of all time. */
  readonly done: number;
  /** Of those, the ones that finished within the last minute, to five seconds. */
  readonly doneLastMinute: number;
  /** Lanes that have work. */
  readonly lanes: number;
  /** Age of the oldest job that is accepted and not settled; null when there is none. */
  readonly oldestWaitingMs: number | null;
  /** For how long the oldest dead job has been dead; null when there is none. */
  readonly oldestDeadMs: number | null;
  /** Why the breaker of a shard is open; null when all are closed. */
  readonly breaker: string | null;
  /** Whether a shard of it is paused. */
  readonly paused: boolean;
}

export interface QueueMonitor {
  /** @throws when Redis is away. */
  counts(): Promise<Record<string, QueueCounts>>;
  /** Worker processes connected, by queue; null where Redis does not tell. @throws when Redis is away. */
  workers(): Promise<Record<string, number> | null>;
  close(): Promise<void>;
}

export type QueueMonitorSettings = (
  | { readonly redisUrl: string }
  /** Stays open when the monitor is closed. */
  | { readonly redis: RedisConnection }
) & {
  /** How many shards the installation has; 1 by default. */
  readonly shards?: number;
  /** Names of the custom workers' queues, to be counted beside Switchyard's own. */
  readonly custom?: readonly string[];
};

/**
 * Asks Redis directly and not through BullMQ's `Queue`, which never recovers when the connection is lost in the moment
 * it is made (BullMQ 6.7, `RedisConnection.init`), and costs several round trips.
 */
export function createQueueMonitor(settings: QueueMonitorSettings): QueueMonitor {
  const { shards = 1, custom = [] } = settings;
  const redis = 'redis' in settings ? settings.redis : connectOwn(settings.redisUrl);
  const names = [...queues.map(({ name }) => name), ...custom];
  const prefixes = shardPrefixes(shards);
  const sources = prefixes.flatMap((prefix) => names.map((name) => ({ prefix, name })));

  return {
    async counts() {
      const sums: Record<string, QueueCounts> = {};
      const counted = await Promise.all(sources.map((source) => countsOf(redis, source)));
      for (const [index, counts] of counted.entries()) {
        const name = sources[index]?.name ?? '';
        const before = sums[name];
        sums[name] = before === undefined ? counts : sumOf(before, counts);
      }
      return sums;
    },
    workers: () => countWorkers(redis, { prefixes, names }),
    async close() {
      if (!('redis' in settings)) await redis.close();
    },
  };
}

async function countsOf(
  { client }: RedisConnection,
  { prefix, name }: { readonly prefix: string; readonly name: string },
): Promise<QueueCounts> {
  const base = `${prefix}:${name}`;
  const now = Date.now();
  const [active, delayed, dead, counted, unsettled, oldest, oldestDead, lanes, breaker, paused] =
    await Promise.all([
      client.llen(`${base}:active`),
      client.zcard(`${base}:delayed`),
      client.zcard(`${base}:failed`),
      readDoneCounts(client, prefix, name, now),
      client.zcard(unsettledKey(prefix, name)),
      client.zrange(unsettledKey(prefix, name), '0', '0', 'WITHSCORES'),
      client.zrange(`${base}:failed`, '0', '0', 'WITHSCORES'),
      client.hlen(lanesKey(prefix, name)),
      client.hget(breakerKey(prefix, name), 'reason'),
      client.hexists(`${base}:meta`, 'paused'),
    ]);
  return {
    waiting: Math.max(0, unsettled - active - delayed),
    active,
    delayed,
    dead,
    ...counted,
    lanes,
    oldestWaitingMs: ageOf(oldest[1], now),
    oldestDeadMs: ageOf(oldestDead[1], now),
    breaker,
    paused: paused === 1,
  };
}

function connectOwn(url: string): RedisConnection {
  const log = createLogger({ app: 'monitor', level: 'silent' });
  return connectRedis({ url, log, temper: 'prompt', commandTimeoutMs: 1_000 });
}

/** Of the first score of a sorted set, an instant; null when the set is empty. */
function ageOf(score: string | undefined, now: number): number | null {
  return score === undefined ? null : Math.max(0, now - Number(score));
}

function sumOf(a: QueueCounts, b: QueueCounts): QueueCounts {
  return {
    waiting: a.waiting + b.waiting,
    active: a.active + b.active,
    delayed: a.delayed + b.delayed,
    dead: a.dead + b.dead,
    done: a.done + b.done,
    doneLastMinute: a.doneLastMinute + b.doneLastMinute,
    lanes: a.lanes + b.lanes,
    oldestWaitingMs: oldest(a.oldestWaitingMs, b.oldestWaitingMs),
    oldestDeadMs: oldest(a.oldestDeadMs, b.oldestDeadMs),
    breaker: a.breaker ?? b.breaker,
    paused: a.paused || b.paused,
  };
}

function oldest(...ages: readonly (number | null)[]): number | null {
  const known = ages.filter((age) => age !== null);
  return known.length === 0 ? null : Math.max(...known);
}
