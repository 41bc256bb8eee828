import type { ChatwootEvent } from '@switchyard/chatwoot';
import {
  agreeOnShards,
  connectRedis,
  createEnqueuer,
  type DecisionSummary,
  type JobContext,
  queues,
  type RedisConnection,
  runWorker,
  type StepContext,
} from '@switchyard/jobs';
import { createHealth, createLogger, createMetrics, type Running, type Runtime } from '@switchyard/telemetry';

type Steps = (event: ChatwootEvent, context: StepContext) => Promise<void>;

/** Queues with real jobs in them, and workers that do what a test wants. */
export interface TestYard {
  readonly redis: RedisConnection;
  enqueue(queue: string, ...events: ChatwootEvent[]): Promise<void>;
  /** A worker on a queue, a process in all but name. */
  work(queue: string, steps: Steps, over?: Over): Promise<Running>;
  close(): Promise<void>;
}

interface Over {
  readonly decision?: DecisionSummary;
  readonly facts?: (event: ChatwootEvent, context: JobContext) => Promise<null>;
}

export async function openTestYard(url: string, shards = 1): Promise<TestYard> {
  const redis = connectRedis({ url, log: quietRuntime().log, temper: 'patient' });
  await agreeOnShards(redis, shards);
  const enqueuer = createEnqueuer(redis, { dedupeMs: 60_000, shards });
  const workers = new Set<Running>();
  return {
    redis,
    async enqueue(queue, ...events) {
      const answers = await enqueuer.enqueue(
        events.map((event) => ({
          event,
          jobs: [{ queue, lane: `v${event.account}-${event.conversation?.id ?? 0}` }],
          semanticKey: null,
          replayKey: null,
        })),
      );
      if (answers.some((answer) => answer !== 'accepted')) throw new Error(`not accepted: ${answers}`);
    },
    async work(queue, steps, over = {}) {
      const decision = over.decision ?? { action: 'test', reason: 'test' };
      const running = await runWorker(
        {
          queue,
          facts: over.facts ?? (async () => null),
          decide: () => decision,
          steps: (event, _decision, context) => steps(event, context),
        },
        {
          config: { redisUrl: url, shards, concurrency: null, shutdownTimeoutMs: 5_000 },
          runtime: quietRuntime(),
          ...(queues.some(({ name }) => name === queue) ? {} : { queue: ownQueue(queue) }),
        },
      );
      const worker = {
        close: async () => {
          if (workers.delete(worker)) await running.close();
        },
      };
      workers.add(worker);
      return worker;
    },
    async close() {
      await Promise.all([...workers].map((worker) => worker.close()));
      await redis.close();
    },
  };
}

export function quietRuntime(): Runtime {
  return {
    app: 'console',
    log: createLogger({ app: 'console', level: process.env.TEST_LOG ?? 'silent' }),
    metrics: createMetrics({ app: 'console', version: '0' }),
    health: createHealth(),
  };
}

function ownQueue(name: string) {
  const [model] = queues;
  if (model === undefined) throw new Error('no queues');
  return { ...model, name };
}
