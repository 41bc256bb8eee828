import { createLogger } from '@switchyard/telemetry';
import { Queue } from 'bullmq';
import { queues } from './catalogue.ts';
import { SHARDS, shardPrefix, unsettledKey } from './keys.ts';
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

export function createQueueMonitor({ redisUrl }: { readonly redisUrl: string }): QueueMonitor {
  const log = createLogger({ app: 'monitor', level: 'silent' });
  const redis = connectRedis({ url: redisUrl, log, temper: 'prompt', commandTimeoutMs: 1_000 });
  const handles = SHARDS.flatMap((shard) =>
    queues.map((queue) => ({
      prefix: shardPrefix(shard),
      name: queue.name,
      bull: new Queue(queue.name, { connection: redis.client, prefix: shardPrefix(shard) }),
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
      const entries = await Promise.all(
        handles.map(async (handle) => [handle.name, await countsOf(handle)] as const),
      );
      return Object.fromEntries(entries);
    },
    async close() {
      await Promise.allSettled(handles.map(({ bull }) => bull.close()));
      await redis.close();
    },
  };
}
