import { type DeadSource, failedKey } from './dead-walk.ts';
import type { RedisClient } from './redis-client.ts';

export interface DeadSummary {
  readonly count: number;
  /** When the job that has been dead longest died, epoch milliseconds; null when there is none. */
  readonly oldestAt: number | null;
}

/** Cheap enough for every scrape of the metrics: two commands for each queue and shard. */
export async function summarizeDead(
  client: RedisClient,
  sources: readonly DeadSource[],
): Promise<Record<string, DeadSummary>> {
  const each = await Promise.all(sources.map((source) => summaryOf(client, source)));
  const summaries: Record<string, DeadSummary> = {};
  for (const [at, { queue }] of sources.entries()) {
    const { count, oldestAt } = each[at] ?? { count: 0, oldestAt: null };
    const before = summaries[queue] ?? { count: 0, oldestAt: null };
    summaries[queue] = {
      count: before.count + count,
      oldestAt: oldestAt === null ? before.oldestAt : Math.min(oldestAt, before.oldestAt ?? oldestAt),
    };
  }
  return summaries;
}

async function summaryOf(client: RedisClient, source: DeadSource): Promise<DeadSummary> {
  const key = failedKey(source);
  const [count, oldest] = await Promise.all([client.zcard(key), client.zrange(key, '0', '0', 'WITHSCORES')]);
  return { count, oldestAt: oldest[1] === undefined ? null : Number(oldest[1]) };
}
