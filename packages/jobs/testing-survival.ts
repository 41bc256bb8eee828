import { setTimeout as sleep } from 'node:timers/promises';
import type { ChatwootEvent } from '@switchyard/chatwoot';
import { createHealth, createLogger, createMetrics, type Running, type Runtime } from '@switchyard/telemetry';
import type { StepContext } from './define.ts';
import { createEnqueuer, type Enqueuer } from './enqueue.ts';
import { unsettledKey } from './keys.ts';
import { connectRedis, type RedisConnection } from './redis.ts';
import { deliveryOf, eventOf } from './testing-events.ts';
import { runWorker } from './worker.ts';

const LANES = 12;

export function quietRuntime(): Runtime {
  return {
    app: 'test',
    log: createLogger({ app: 'test', level: process.env.TEST_LOG ?? 'silent' }),
    metrics: createMetrics({ app: 'test', version: '0' }),
    health: createHealth(),
  };
}

/** Starts a worker of `routing` that does `steps`. */
export function startWorker(
  steps: (event: ChatwootEvent, context: StepContext) => Promise<void>,
  config: {
    redisUrl: string;
    shards?: number;
    concurrency?: number;
    shutdownTimeoutMs?: number;
  },
  runtime = quietRuntime(),
): Promise<Running> {
  return runWorker(
    {
      queue: 'routing',
      facts: async () => null,
      decide: () => ({ action: 'test', reason: 'test' }),
      steps: (event, _decision, context) => steps(event, context),
    },
    { config: { concurrency: 10, shutdownTimeoutMs: 3_000, ...config }, runtime },
  );
}

/** What was accepted, what was done, and whether each conversation's was in order. */
export interface Traffic {
  readonly url: string;
  readonly enqueuer: Enqueuer;
  readonly redis: RedisConnection;
  readonly accepted: readonly string[];
  readonly done: ReadonlySet<string>;
  /** The step that marks a delivery as done. */
  readonly work: (event: ChatwootEvent) => Promise<void>;
  send(count: number): Promise<string[]>;
  /** Sends one every `everyMs` until the promise settles; one that fails is offered again until it is taken. */
  during(trouble: Promise<unknown>, everyMs?: number): Promise<void>;
  /** Resolves once all of these are done; how long that took. */
  untilDone(ids: readonly string[], limitMs: number): Promise<number>;
  unsettled(): Promise<number>;
  /** Deliveries of one conversation that were done before an earlier one. */
  disorder(): string[];
  close(): Promise<void>;
}

/** Through one connection. With several shards, agree on them (`agreeOnShards`) first: else nothing is taken. */
export function createTraffic(url: string, { shards = 1, prompt = false } = {}): Traffic {
  const redis = connectRedis({ url, log: quietRuntime().log, temper: prompt ? 'prompt' : 'patient' });
  const enqueuer = createEnqueuer(redis, { dedupeMs: 3_600_000, shards });
  const accepted: { id: string; conversation: number }[] = [];
  const done: string[] = [];
  const finished = new Set<string>();

  async function enter(): Promise<string> {
    const conversation = accepted.length % LANES;
    const delivery = deliveryOf(eventOf(conversation));
    const { id } = delivery.event.delivery;
    const entry = { id, conversation };
    for (;;) {
      try {
        await enqueuer.enqueue([delivery]);
        accepted.push(entry);
        return id;
      } catch {
        await sleep(100);
      }
    }
  }

  return {
    url,
    enqueuer,
    redis,
    get accepted() {
      return accepted.map(({ id }) => id);
    },
    done: finished,
    async work(event) {
      await sleep(1);
      finished.add(event.delivery.id);
      done.push(event.delivery.id);
    },
    async send(count) {
      const ids: string[] = [];
      for (let index = 0; index < count; index += 1) ids.push(await enter());
      return ids;
    },
    async during(trouble, everyMs = 50) {
      let over = false;
      const end = trouble.finally(() => {
        over = true;
      });
      while (!over) {
        await enter();
        await sleep(everyMs);
      }
      await end;
    },
    async untilDone(ids, limitMs) {
      const from = performance.now();
      while (!ids.every((id) => finished.has(id))) {
        if (performance.now() - from > limitMs) {
          const left = ids.filter((id) => !finished.has(id));
          throw new Error(
            `${left.length} of ${ids.length} not done within ${limitMs} ms: ${left.slice(0, 5)}`,
          );
        }
        await sleep(20);
      }
      return Math.round(performance.now() - from);
    },
    async unsettled() {
      const prefixes = Array.from({ length: shards }, (_, shard) => `{switchyard:${shard}}`);
      const counts = await Promise.all(
        prefixes.map((prefix) => redis.client.zcard(unsettledKey(prefix, 'routing'))),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
    disorder() {
      const first = new Map([...done].reverse().map((id, index) => [id, -index]));
      return Array.from({ length: LANES }, (_, lane) =>
        accepted.filter(({ conversation }) => conversation === lane),
      ).flatMap((its) =>
        its
          .filter(({ id }, index) => {
            const before = its[index - 1];
            return before !== undefined && (first.get(id) ?? 0) < (first.get(before.id) ?? 0);
          })
          .map(({ id }) => id),
      );
    },
    close: () => redis.close(),
  };
}
