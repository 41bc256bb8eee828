import { setTimeout as sleep } from 'node:timers/promises';
import type { BotState, QueueCounts, QueueMonitor, RedisNodeHealth } from '@switchyard/jobs';
import { type SharedLook, shareLook } from './shared-look.ts';

/** One look at the queues and at Redis. */
export interface YardView {
  readonly at: number;
  /** null while Redis does not answer. */
  readonly queues: Readonly<Record<string, QueueView>> | null;
  readonly redis: readonly RedisNodeHealth[];
  /** How many shards the queues in Redis are spread over, when that is not what we were told: then we see a part. */
  readonly otherShards: number | null;
  /** null while Redis does not say. */
  readonly bot: BotState | null;
}

export interface QueueView extends QueueCounts {
  /** Worker processes connected; null where Redis does not tell. */
  readonly workers: number | null;
}

export interface YardWatchSettings {
  readonly monitor: QueueMonitor;
  readonly redisHealth: () => Promise<readonly RedisNodeHealth[]>;
  /** The bot's switch. @throws when Redis is away. */
  readonly bot: () => Promise<BotState>;
  /** How many shards we were told there are, and what Redis says. */
  readonly shards: { readonly told: number; known(): Promise<number> };
  /** Looks asked for within this time are one; 1 s by default. */
  readonly freshMs?: number;
  /** How long a look may take before Redis counts as away; 2.5 s by default, well below a scrape's timeout. */
  readonly limitMs?: number;
}

/** `look` never throws: a Redis that is away is part of what there is to see. */
export type YardWatch = SharedLook<YardView>;

/** Looks when asked, at most once a second however many ask: scrapers and open pages cost Redis nothing more. */
export function watchYard(settings: YardWatchSettings): YardWatch {
  const { monitor, redisHealth, shards, bot, freshMs = 1_000, limitMs = 2_500 } = settings;
  return shareLook(
    async () => {
      const queues = Promise.all([monitor.counts(), monitor.workers()]).then(([counts, workers]) =>
        Object.fromEntries(
          Object.entries(counts).map(([name, each]) => [name, { ...each, workers: workers?.[name] ?? null }]),
        ),
      );
      const [seen, redis, known, turned] = await Promise.all([
        withinOrNull(queues, limitMs),
        redisHealth(),
        withinOrNull(shards.known(), limitMs),
        withinOrNull(bot(), limitMs),
      ]);
      const otherShards = known === shards.told ? null : known;
      return { at: Date.now(), queues: seen, redis, otherShards, bot: turned };
    },
    { freshMs },
  );
}

async function withinOrNull<T>(promise: Promise<T>, limitMs: number): Promise<T | null> {
  const waited = new AbortController();
  const late = sleep(limitMs, null, { signal: waited.signal, ref: false }).catch(() => null);
  try {
    return await Promise.race([promise.catch(() => null), late]);
  } finally {
    waited.abort();
  }
}
