import { CallFailure, type ChatwootEvent } from '@switchyard/chatwoot';
import { createHealth, createLogger, createMetrics, type Running } from '@switchyard/telemetry';
import { vi } from 'vitest';
import { createDeadJobs, type DeadJobs } from './dead-jobs.ts';
import type { StepContext, WorkerDefinition } from './define.ts';
import { createEnqueuer, type Enqueuer } from './enqueue.ts';
import { unsettledKey } from './keys.ts';
import { connectRedis, type RedisConnection } from './redis.ts';
import { deliveryOf } from './testing-events.ts';
import { runWorker } from './worker.ts';

export const P = '{switchyard:0}';

/** What a test of dead jobs stands on: one shard, its workers, and somebody to ask. */
export interface Yard {
  readonly redis: RedisConnection;
  readonly enqueuer: Enqueuer;
  readonly dead: DeadJobs;
  work(steps: Steps, over?: { concurrency?: number; queue?: string }): Promise<Running>;
  enqueue(...events: ChatwootEvent[]): Promise<void>;
  /** Until every accepted job of the queue has ended and so many are dead. */
  rest(dead: number, queue?: string): Promise<void>;
  /** Enqueues, lets them all die in the step `assign` of `message`, and stops the worker. */
  kill(events: readonly ChatwootEvent[], message?: (event: ChatwootEvent) => string): Promise<void>;
  stopWorkers(): Promise<void>;
  close(): Promise<void>;
}

type Steps = (event: ChatwootEvent, context: StepContext) => Promise<void>;

export function openYard(url: string): Yard {
  const log = createLogger({ app: 'test', level: 'silent' });
  const redis = connectRedis({ url, log, temper: 'patient' });
  const enqueuer = createEnqueuer(redis, { dedupeMs: 60_000 });
  let workers: Running[] = [];

  const yard: Yard = {
    redis,
    enqueuer,
    dead: createDeadJobs({ redis, shards: 1 }),
    async work(steps, { concurrency = 10, queue = 'routing' } = {}) {
      const definition: WorkerDefinition<null, { action: string; reason: string }> = {
        queue,
        facts: async () => null,
        decide: () => ({ action: 'test', reason: 'test' }),
        steps: (event, _decision, context) => steps(event, context),
      };
      const metrics = createMetrics({ app: 'test', version: '0' });
      const config = { redisUrl: url, concurrency, shutdownTimeoutMs: 5_000 };
      const worker = await runWorker(definition, {
        config,
        runtime: { app: 'test', log, metrics, health: createHealth() },
      });
      workers.push(worker);
      return worker;
    },
    async enqueue(...events) {
      await enqueuer.enqueue(events.map((event) => deliveryOf(event)));
    },
    async rest(dead, queue = 'routing') {
      await vi.waitFor(async () => {
        const [unsettled, failed, active] = await Promise.all([
          redis.client.zcard(unsettledKey(P, queue)),
          redis.client.zcard(`${P}:${queue}:failed`),
          redis.client.llen(`${P}:${queue}:active`),
        ]);
        if (unsettled > 0 || active > 0 || failed !== dead) {
          throw new Error(`${unsettled} unsettled, ${active} active, ${failed} dead`);
        }
      }, 20_000);
    },
    async kill(events, message = () => 'never') {
      const before = await redis.client.zcard(`${P}:routing:failed`);
      await yard.enqueue(...events);
      await yard.work((event, { step }) => step('assign', () => Promise.reject(permanent(message(event)))));
      await yard.rest(before + events.length);
      await yard.stopWorkers();
    },
    async stopWorkers() {
      await Promise.all(workers.map((worker) => worker.close()));
      workers = [];
    },
    async close() {
      await yard.stopWorkers();
      await redis.close();
    },
  };
  return yard;
}

export function permanent(message: string): CallFailure {
  return new CallFailure('permanent', message, { code: 'TEST_PERMANENT', target: 'test' });
}

export function ids(events: readonly ChatwootEvent[]): string[] {
  return events.map((event) => event.delivery.id);
}
