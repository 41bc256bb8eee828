import { createLogger } from '@switchyard/telemetry';
import { Queue } from 'bullmq';
import { queues } from './catalogue.ts';
import { shardPrefixes, unsettledKey } from './keys.ts';
import { connectRedis } from './redis.ts';

/** How many jobs of a queue are in which state. */
export interface QueueCounts {
  /** Accepted and not begun: in BullMQ's hands, or behind another job of their lane. */
  readonly waiting: number;
  readonly active: number;
  /** Waiting for their retry. */
  readonly delayed: number;
  readonly dead: number;
  /** Finished ones still kept. */
  readonly done: number;
  /** Age of the oldest job that is accepted and not settled; null when there is none. */
  readonly oldestWaitingMs: number | null;
}

export interface QueueMonitor {
  /** @throws when Redis is away. */
  counts(): Promise<Record<string, QueueCounts>>;
  close(): Promise<void>;
}

export interface QueueMonitorSettings {
  readonly redisUrl: string;
  /** How many shards the installation has; 1 by default. */
  readonly shards?: number;
  /** Names of the custom workers' queues, to be counted beside Switchyard's own. */
  readonly custom?: readonly string[];
}

export function createQueueMonitor({
  redisUrl,
  shards = 1,
  custom = [],
}: QueueMonitorSettings): QueueMonitor {
  const log = createLogger({ app: 'monitor', level: 'silent' });
  const redis = connectRedis({ url: redisUrl, log, temper: 'prompt', commandTimeoutMs: 1_000 });
  const handles = shardPrefixes(shards).flatMap((prefix) =>
    [...queues.map(({ name }) => name), ...custom].map((name) => ({
      prefix,
      name,
      bull: new Queue(name, { connection: redis.client, prefix }),
    })),
  );
  for (const { bull } of handles) bull.on('error', () => {}); // counts() reports it to whoever asks.

  async function countsOf({ prefix, name, bull }: (typeof handles)[number]): Promise<QueueCounts> {
    const key = unsettledKey(prefix, name);
    const [states, unsettled, oldest] = await Promise.all([
      bull.getJobCounts('active', 'delayed', 'failed', 'completed'),
      redis.client.zcard(key),
      redis.client.zrange(key, '0', '0', 'WITHSCORES'),
    ]);
    const { active = 0, delayed = 0, failed = 0, completed = 0 } = states;
    const since = Number(oldest[1]);
    return {
      waiting: Math.max(0, unsettled - active - delayed),
      active,
      delayed,
      dead: failed,
      done: completed,
      oldestWaitingMs: unsettled === 0 || Number.isNaN(since) ? null : Math.max(0, Date.now() - since),
    };
  }

  return {
    async counts() {
      const sums: Record<string, QueueCounts> = {};
      const counted = await Promise.all(handles.map(countsOf));
      for (const [index, counts] of counted.entries()) {
        const name = handles[index]?.name ?? '';
        const before = sums[name];
        sums[name] = before === undefined ? counts : sumOf(before, counts);
      }
      return sums;
    },
    async close() {
      await Promise.allSettled(handles.map(({ bull }) => bull.close()));
      await redis.close();
    },
  };
}

function sumOf(a: QueueCounts, b: QueueCounts): QueueCounts {
  const ages = [a.oldestWaitingMs, b.oldestWaitingMs].filter((age) => age !== null);
  return {
    waiting: a.waiting + b.waiting,
    active: a.active + b.active,
    delayed: a.delayed + b.delayed,
    dead: a.dead + b.dead,
    done: a.done + b.done,
    oldestWaitingMs: ages.length === 0 ? null : Math.max(...ages),
  };
}
