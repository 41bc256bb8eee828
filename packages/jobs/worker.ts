import { setTimeout as sleep } from 'node:timers/promises';
import type { Running, Runtime } from '@switchyard/telemetry';
import { Queue, type Telemetry } from 'bullmq';
import {
  type AccountFinder,
  type AccountFinderSettings,
  createAccountFinder,
} from './accounts/find-account.ts';
import { tellSoleAccount } from './accounts/sole-account.ts';
import { createAttempt } from './attempt.ts';
import { RetryLater } from './attempt-failure.ts';
import { AttemptCut } from './attempt-scope/limit.ts';
import { traceAttempt, traceWorker } from './attempt-spans.ts';
import { createBreaker } from './breaker.ts';
import { type QueueDefinition, queueNamed } from './catalogue.ts';
import { ConsumingWorker, createConsumer } from './consumer.ts';
import { createDeadJobs } from './dead-jobs.ts';
import type { DecisionSummary, WorkerDefinition } from './define.ts';
import { clearKeptJobs } from './done/clear-kept.ts';
import { createFinishing } from './finishing.ts';
import { workWhenFull } from './full-redis/bullmq-when-full.ts';
import { createGate, type Gate } from './gate.ts';
import { createHeldTime } from './held-time.ts';
import { shardPrefix } from './keys.ts';
import { createLanes } from './lanes.ts';
import { createBringForward } from './late-retries.ts';
import { createLockedWrite, LockLost } from './lock.ts';
import { connectRedis, type RedisConnection } from './redis.ts';
import { keepRetention } from './retention.ts';
import type { GiveUpPolicy } from './retry.ts';
import { agreeOnShards, ShardsDiffer } from './shard-agreement.ts';
import { createStops } from './stops.ts';
import { KEEP_STORIES_MS, STORIES_BYTES } from './story-store/bounds.ts';
import { createStoryTrim } from './story-store/trim.ts';
import { createUpkeep } from './upkeep.ts';
import type { Hands } from './wedge.ts';
import { createWorkerMetrics, showQueue, type WorkerMetrics } from './worker-metrics.ts';

export interface WorkerOptions {
  readonly config: {
    readonly redisUrl: string;
    readonly concurrency: number | null;
    readonly shutdownTimeoutMs: number;
    /** How many shards the installation has; all of its processes say the same. */
    readonly shards?: number;
    readonly giveUpAfterMs?: number | null;
    /** How long one attempt may take; the queue's own by default. */
    readonly attemptMs?: number | null;
    /** How long the story of a conversation is kept; 0 keeps none. */
    readonly keepStoriesMs?: number;
    /** How many bytes the stories of all shards may take. */
    readonly storiesBytes?: number;
  };
  readonly runtime: Runtime;
  /** For a queue of the user's own; the catalogue's otherwise. */
  readonly queue?: QueueDefinition;
  /** How the account of an event that names none is found; without it events come as they are. */
  readonly accounts?: AccountFinderSettings;
}

/** How long a start waits for Redis before it goes on without. */
const READY_MS = 1_000;
/** A job whose worker died is another's after the lock has run out and the next look for such jobs. */
const LOCK_MS = 20_000;
const STALL_CHECK_MS = 5_000;
const LOCK_GONE = 'the lock of the job is gone';
const NO_LIMIT = 1_000_000_000;
/** What became of a job that is done is told by its story. In the job there is what a customer wrote. */
const KEEP_DONE = { count: 0 };
/** Nothing of ours reads BullMQ's events. */
const EVENTS = { events: { maxLen: 100 } };
/** What is left of the shutdown limit for handing back jobs that did not finish. */
const HAND_BACK_MS = 2_000;
const CLOSE_MS = 500;
/** So often in a row, and so far apart, must Redis be found away before a stop no longer waits for it. */
const AWAY_LOOKS = 8;
const AWAY_LOOK_MS = 250;

/**
 * Runs a worker app on its queue: lanes, step ledger, retries, metrics, logs and an orderly stop. `close` takes
 * no new job, lets the running ones finish within the shutdown limit, then aborts the rest through their signal
 * and hands them back, so that another worker takes them at once.
 */
export async function runWorker<Facts, Decision extends DecisionSummary>(
  definition: WorkerDefinition<Facts, Decision>,
  { config, runtime, queue = queueNamed(definition.queue), accounts }: WorkerOptions,
): Promise<Running> {
  const { log, health, tracing } = runtime;
  const redis = connectRedis({
    url: config.redisUrl,
    log,
    health: health.dependency('redis'),
    temper: 'patient',
  });
  const measured = createWorkerMetrics(runtime.metrics);
  showQueue(measured, queue.name);
  const shards = config.shards ?? 1;
  const concurrency = Math.ceil((config.concurrency ?? queue.concurrency) / shards);
  const policy = {
    ...queue.policy,
    ...(config.giveUpAfterMs ? { giveUpAfterMs: config.giveUpAfterMs } : {}),
  };
  const stopping = new AbortController();
  const gate = createGate();
  const traced = tracing === undefined ? definition : traceWorker(definition, tracing);
  const telemetry =
    tracing === undefined ? null : (await import('./queue-telemetry.ts')).createQueueTelemetry();
  await confirmShards(redis, shards, runtime);
  const finder = accounts === undefined ? null : createAccountFinder(accounts);
  for (const source of Object.keys(accounts?.sources ?? {}))
    measured.countWithoutAccount(source, 'unknown', 0);
  const telling = tellAccounts(accounts, redis, runtime);
  const running = Array.from({ length: shards }, (_, shard) =>
    runShard({
      ...{ queue, policy, redis, measured, runtime, telemetry, concurrency, shard, stopping, gate, finder },
      definition: traced,
      keepStoriesMs: config.keepStoriesMs ?? KEEP_STORIES_MS,
      storiesBytes: (config.storiesBytes ?? STORIES_BYTES) / shards,
      attemptMs: config.attemptMs ?? queue.attemptMs,
    }),
  );
  const retention = keepRetention({
    queue: queue.name,
    dead: createDeadJobs({ redis, shards, queues: [queue.name] }),
    measured,
    log,
    signal: stopping.signal,
  });
  log.info({ queue: queue.name, concurrency, shards }, 'consuming');

  return {
    async close() {
      const giveUp = setTimeout(
        () => stopping.abort(new Error('shutting down')),
        Math.max(0, config.shutdownTimeoutMs - HAND_BACK_MS),
      );
      await Promise.all(running.map((shard) => shard.close(config.shutdownTimeoutMs + HAND_BACK_MS)));
      clearTimeout(giveUp);
      stopping.abort(new Error('shutting down'));
      await retention;
      await telling?.close();
      await redis.close();
    },
  };
}

/** The ingress has no token as a rule; where a source names no account, it is told which one the token sees. */
function tellAccounts(
  accounts: AccountFinderSettings | undefined,
  redis: RedisConnection,
  { log }: Runtime,
): ReturnType<typeof tellSoleAccount> | null {
  const client = accounts?.client ?? null;
  if (client === null || !Object.values(accounts?.sources ?? {}).includes(null)) return null;
  return tellSoleAccount({ redis, client, log });
}

/**
 * A Redis that is away is waited for while the worker runs: with a wrong number of shards it does no harm, it only
 * leaves some alone, and `/healthz` says so until it is restarted.
 */
async function confirmShards(
  redis: RedisConnection,
  shards: number,
  { log, health }: Runtime,
): Promise<void> {
  if (await redis.readyWithin(READY_MS)) {
    await agreeOnShards(redis, shards).catch(async (error: unknown) => {
      await redis.close();
      throw error;
    });
    return;
  }
  let complaint: string | null = null;
  health.liveness(() => complaint);
  redis.client.once('ready', () => {
    agreeOnShards(redis, shards).catch((error: unknown) => {
      if (!(error instanceof ShardsDiffer)) return log.warn({ err: error }, 'SHARDS could not be checked');
      complaint = error.message;
      log.error({ err: error }, 'this process has another number of shards than the queues');
    });
  });
}

interface ShardParts<Facts, Decision extends DecisionSummary> {
  readonly definition: WorkerDefinition<Facts, Decision>;
  readonly queue: QueueDefinition;
  readonly policy: GiveUpPolicy;
  readonly redis: RedisConnection;
  readonly measured: WorkerMetrics;
  readonly runtime: Runtime;
  /** null where nothing is traced. */
  readonly telemetry: Telemetry | null;
  readonly concurrency: number;
  readonly shard: number;
  readonly stopping: AbortController;
  readonly gate: Gate;
  readonly finder: AccountFinder | null;
  readonly keepStoriesMs: number;
  /** Of this shard. */
  readonly storiesBytes: number;
  readonly attemptMs: number;
}

function runShard<Facts, Decision extends DecisionSummary>(parts: ShardParts<Facts, Decision>) {
  const { definition, queue, policy, redis, measured, telemetry, concurrency, stopping } = parts;
  const { log, health, tracing } = parts.runtime;
  const prefix = shardPrefix(parts.shard);
  const lanes = createLanes(redis, prefix, parts.keepStoriesMs);
  const finishing = createFinishing(lanes, log);
  const breaker = createBreaker(redis, prefix, queue.name, policy);
  workWhenFull(redis.client);
  const bullQueue = new Queue(queue.name, { connection: redis.client, prefix, streams: EVENTS });
  bullQueue.on('error', (err) => log.warn({ err }, 'queue: a call to Redis failed'));
  const hands: Hands = { active: 0, lastMovedAt: performance.now() };
  measured.showHands(queue.name, hands);
  const untraced = createAttempt({
    definition,
    queue,
    policy,
    prefix,
    lanes,
    finishing,
    write: createLockedWrite(redis, prefix),
    breaker,
    heldTime: createHeldTime(redis, prefix, queue.name),
    measured,
    hands,
    gate: parts.gate,
    attemptMs: parts.attemptMs,
    log,
    redis: redis.client,
    accounts: parts.finder,
  });
  const attempt = tracing === undefined ? untraced : traceAttempt(untraced, tracing);
  const stops = createStops(stopping.signal);
  const startWorker = (): ConsumingWorker => {
    const worker = new ConsumingWorker(
      queue.name,
      // BullMQ gives a signal to a processor that takes three.
      (job, token, signal) =>
        stops.during((controller) => attempt(job, token, controller), signal, cancelReason),
      {
        connection: redis.client,
        prefix,
        concurrency,
        lockDuration: LOCK_MS,
        stalledInterval: STALL_CHECK_MS,
        maxStalledCount: NO_LIMIT, // Poison is told in the attempt, where its lane can be freed with it.
        removeOnComplete: KEEP_DONE,
        drainDelay: 5,
        runRetryDelay: 1_000,
        ...(telemetry === null ? {} : { telemetry }),
        settings: {
          backoffStrategy: (_made, _type, error) => (error instanceof RetryLater ? error.delayMs : 1_000),
        },
      },
    );
    finishing.joinTo(worker.getBackend());
    worker.on('error', (err) => log.warn({ err }, 'worker: a call to Redis failed'));
    // Nobody waits for what this process makes of them: what is under way is to stop.
    worker.on('lockRenewalFailed', (jobs) => {
      for (const job of jobs) worker.cancelJob(job, LOCK_GONE);
    });
    worker.on('stalled', (job) => {
      measured.stalled.inc({ queue: queue.name });
      log.warn({ job, queue: queue.name }, 'a job lost its worker; it will be worked on again');
    });
    return worker;
  };
  const consumer = createConsumer(redis, startWorker);
  const upkeep = createUpkeep({
    queue: queue.name,
    consumer,
    bullQueue,
    lanes,
    clearKept: () => clearKeptJobs(redis.client, prefix, queue.name),
    trimStories: createStoryTrim(redis, prefix, {
      keepMs: parts.keepStoriesMs,
      mostBytes: parts.storiesBytes,
    }),
    bringForward: createBringForward(redis, prefix, queue.name),
    breaker,
    hands,
    measured,
    log,
    health,
    stopping: stopping.signal,
  });

  return {
    /** Waits for the jobs in hand; when Redis does not take them back in time, they go on when their locks expire. */
    async close(limitMs: number): Promise<void> {
      upkeep.stop();
      const waited = new AbortController();
      const { signal } = waited;
      const inOrder = await Promise.race([
        consumer.close().then(() => true),
        sleep(limitMs, false, { signal, ref: false }).catch(() => false),
        nothingInHandAndRedisAway(redis, hands, signal).then(() => false),
      ]);
      waited.abort();
      if (!inOrder && hands.active > 0) {
        log.warn(
          'stopping with jobs in hand that Redis did not take back; they go on when their locks expire',
        );
      }
      if (!inOrder) await consumer.abandon();
      stopping.abort(new Error('shutting down'));
      // None of this ends while Redis is away; it does when the connection is closed, right after.
      await Promise.race([
        Promise.all([upkeep.ended, bullQueue.close()]),
        sleep(CLOSE_MS, null, { ref: false }),
      ]);
    },
  };
}

/** What a job of ours is aborted with when BullMQ cancels it. */
function cancelReason(reason: unknown): Error {
  return reason === LOCK_GONE ? new LockLost() : new AttemptCut('JOB_CANCELLED', 'the job was cancelled');
}

/** BullMQ closes only what answers it; a worker with nothing in hand need not wait for that. */
async function nothingInHandAndRedisAway(
  redis: RedisConnection,
  hands: Hands,
  signal: AbortSignal,
): Promise<void> {
  for (let looks = 0; looks < AWAY_LOOKS; ) {
    await sleep(AWAY_LOOK_MS, null, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return;
    looks = hands.active === 0 && redis.client.status !== 'ready' ? looks + 1 : 0;
  }
}
