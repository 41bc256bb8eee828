import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, type Running, type Runtime, withLogContext } from '@switchyard/telemetry';
import { type Job, Queue, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { type QueueDefinition, queueNamed } from './catalogue.ts';
import type { DecisionSummary, StepContext, WorkerDefinition } from './define.ts';
import { readFailure } from './failure.ts';
import { type JobData, readJobData } from './job-data.ts';
import { shardPrefix } from './keys.ts';
import { createLanes, type Lanes } from './lanes.ts';
import { type Ledger, type Outcome, openLedger } from './ledger.ts';
import { connectRedis } from './redis.ts';
import { decideRetry } from './retry.ts';
import { createJobState } from './state.ts';
import { createWorkerMetrics, type WorkerMetrics } from './worker-metrics.ts';

export interface WorkerOptions {
  readonly config: {
    readonly redisUrl: string;
    readonly concurrency: number | null;
    readonly shutdownTimeoutMs: number;
  };
  readonly runtime: Runtime;
}

const LOCK_MS = 30_000;
const REPAIR_EVERY_MS = 5_000;
/** A job whose worker died this often under it is taken to be the cause. */
const DEADLY_STALLS = 2;
const NO_LIMIT = 1_000_000_000;
const KEEP_DONE = { age: 24 * 3600, count: 10_000 };
const KEEP_DEAD = { age: 30 * 24 * 3600 };
/** What is left of the shutdown limit for handing back jobs that did not finish. */
const HAND_BACK_MS = 2_000;

/** Thrown into BullMQ to have the job tried again after `delayMs`. */
class RetryLater extends Error {
  override readonly name = 'RetryLater';
  readonly delayMs: number;
  constructor(message: string, delayMs: number) {
    super(message);
    this.delayMs = delayMs;
  }
}

/**
 * Runs a worker app on its queue: lanes, step ledger, retries, metrics, logs and an orderly stop. `close` takes
 * no new job, lets the running ones finish within the shutdown limit, then aborts the rest through their signal
 * and hands them back, so that another worker takes them at once.
 */
export async function runWorker<Facts, Decision extends DecisionSummary>(
  definition: WorkerDefinition<Facts, Decision>,
  { config, runtime }: WorkerOptions,
): Promise<Running> {
  const { log, metrics } = runtime;
  const queue = queueNamed(definition.queue);
  const prefix = shardPrefix(0);
  const redis = connectRedis({
    url: config.redisUrl,
    log,
    health: runtime.health.dependency('redis'),
    temper: 'patient',
  });
  const lanes = createLanes(redis, prefix);
  const bullQueue = new Queue(queue.name, { connection: redis.client, prefix });
  const measured = createWorkerMetrics(metrics);
  const stopping = new AbortController();

  const attempt = createAttempt({
    definition,
    queue,
    prefix,
    lanes,
    measured,
    log,
    redis: redis.client,
    hold: (ms) => bullQueue.rateLimit(ms),
  });
  const worker = new Worker(
    queue.name,
    (job, token, signal) =>
      attempt(job, token, AbortSignal.any([stopping.signal, ...(signal ? [signal] : [])])),
    {
      connection: redis.client,
      prefix,
      concurrency: config.concurrency ?? queue.concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS,
      maxStalledCount: NO_LIMIT, // Poison is told by DEADLY_STALLS, where its lane can be freed with it.
      limiter: { max: NO_LIMIT, duration: 1_000 }, // Never reached; without one, Queue.rateLimit has no effect.
      removeOnComplete: KEEP_DONE,
      removeOnFail: KEEP_DEAD,
      drainDelay: 5,
      runRetryDelay: 1_000,
      settings: {
        backoffStrategy: (_made, _type, error) => (error instanceof RetryLater ? error.delayMs : 1_000),
      },
    },
  );
  worker.on('error', (error) => log.warn({ err: error }, 'worker: a call to Redis failed'));
  worker.on('stalled', (job) => {
    measured.stalled.inc({ queue: queue.name });
    log.warn({ job, queue: queue.name }, 'a job lost its worker; it will be worked on again');
  });
  const repairs = repairForEver(lanes, queue.name, measured, log, stopping.signal);
  log.info({ queue: queue.name, concurrency: worker.concurrency }, 'consuming');

  return {
    async close() {
      const giveUp = setTimeout(
        () => stopping.abort(new Error('shutting down')),
        Math.max(0, config.shutdownTimeoutMs - HAND_BACK_MS),
      );
      const closed = worker.close().then(() => true);
      const late = sleep(config.shutdownTimeoutMs + HAND_BACK_MS, false, { ref: false });
      if (!(await Promise.race([closed, late]))) {
        log.warn(
          'stopping with jobs in hand: Redis did not take them back; they go on when their lock expires',
        );
        await Promise.race([worker.close(true), sleep(500)]);
      }
      clearTimeout(giveUp);
      stopping.abort(new Error('shutting down'));
      await repairs;
      await Promise.race([bullQueue.close(), sleep(500)]);
      await redis.close();
    },
  };
}

interface AttemptParts<Facts, Decision extends DecisionSummary> {
  readonly definition: WorkerDefinition<Facts, Decision>;
  readonly queue: QueueDefinition;
  readonly prefix: string;
  readonly lanes: Lanes;
  readonly measured: WorkerMetrics;
  readonly log: Logger;
  readonly redis: ReturnType<typeof connectRedis>['client'];
  /** Nothing of this queue starts for so many milliseconds, in any process. */
  hold(ms: number): Promise<void>;
}

/** One attempt of a job: gather facts, decide, take steps; then settle it, or say when to try again. */
function createAttempt<Facts, Decision extends DecisionSummary>(parts: AttemptParts<Facts, Decision>) {
  const { definition, queue, prefix, lanes, measured, log, redis } = parts;
  const state = createJobState(redis, prefix, queue.name);

  return async (job: Job, token: string | undefined, signal: AbortSignal): Promise<unknown> => {
    const jobId = job.id ?? '';
    const data = readJobData(job.data);
    if (data === null) return buryUnreadable(job, jobId);
    const { event } = data;
    const context = {
      delivery: event.delivery.id,
      queue: queue.name,
      event: event.name,
      account: event.account,
      conversation: event.conversation?.id ?? null,
      attempt: job.attemptsMade + 1,
    };
    return withLogContext(context, () => run(job, jobId, token, data, signal));
  };

  async function run(job: Job, jobId: string, token: string | undefined, data: JobData, signal: AbortSignal) {
    const startedAt = performance.now();
    const end = measured.run.startTimer({ queue: queue.name });
    measured.active.inc({ queue: queue.name });
    if (job.attemptsStarted <= 1) measured.wait.observe({ queue: queue.name }, waitedSeconds(job));
    let ledger: Ledger | null = null;
    try {
      const fresh = job.attemptsMade === 0 && job.attemptsStarted <= 1 && job.stalledCounter === 0;
      ledger = await openLedger({ redis, prefix, queue: queue.name, jobId, signal, fresh });
      if (ledger.outcome !== null) return endAgain(ledger.outcome);
      if (job.stalledCounter >= DEADLY_STALLS) throw new DeadlyJob(job.stalledCounter);
      const decision = await perform(jobId, job, data, ledger, signal);
      await lanes.settle(queue.name, data.lane, jobId, { kind: 'done' });
      measured.jobs.inc({ queue: queue.name, result: 'done' });
      const { action, reason } = decision;
      measured.decisions.inc({ queue: queue.name, action, reason });
      log.info({ action, reason, ms: Math.round(performance.now() - startedAt) }, 'job done');
      return { action, reason };
    } catch (error) {
      if (error instanceof UnrecoverableError) throw error;
      if (signal.aborted) return handBack(job, token);
      return afterFailure(error, job, jobId, data, ledger);
    } finally {
      measured.active.dec({ queue: queue.name });
      end();
    }
  }

  async function perform(
    jobId: string,
    job: Job,
    data: JobData,
    ledger: Ledger,
    signal: AbortSignal,
  ): Promise<Decision> {
    const context: StepContext = {
      jobId,
      queue: queue.name,
      attempt: job.attemptsMade + 1,
      signal,
      log,
      state,
      step: (name, work, options) => ledger.step(name, work, options),
    };
    const facts = await definition.facts(data.event, context);
    const decision = definition.decide(data.event, facts);
    await definition.steps(data.event, decision, context);
    return decision;
  }

  async function afterFailure(
    error: unknown,
    job: Job,
    jobId: string,
    data: JobData,
    ledger: Ledger | null,
  ): Promise<never> {
    const read = readFailure(error);
    const decision = decideRetry(
      {
        failure: error instanceof DeadlyJob ? 'permanent' : read.failure,
        retryAfterMs: read.retryAfterMs,
        // Holds burn no attempt, but each one waits longer than the one before.
        attempt: read.failure === 'unexpected' ? job.attemptsMade + 1 : Math.max(1, job.attemptsStarted),
        ageMs: Date.now() - data.event.delivery.receivedAt,
      },
      queue.policy,
    );
    const step = ledger?.currentStep() ?? null;
    if (decision.action === 'dead') {
      await lanes.settle(queue.name, data.lane, jobId, {
        kind: 'dead',
        code: read.code,
        message: read.message,
        step,
      });
      measured.jobs.inc({ queue: queue.name, result: 'dead' });
      measured.dead.inc({ queue: queue.name, reason: decision.reason });
      log.error({ err: error, reason: decision.reason, step }, 'job is dead');
      throw new UnrecoverableError(`${read.code}: ${read.message}`);
    }
    measured.jobs.inc({ queue: queue.name, result: 'retry' });
    measured.retries.inc({ queue: queue.name, reason: read.failure });
    log.warn({ err: error, step, delayMs: decision.delayMs }, 'job failed; it will be tried again');
    if (decision.action === 'hold') {
      await parts.hold(decision.delayMs);
      throw Worker.RateLimitError();
    }
    throw new RetryLater(`${read.code}: ${read.message}`, decision.delayMs);
  }

  async function handBack(job: Job, token: string | undefined): Promise<never> {
    measured.jobs.inc({ queue: queue.name, result: 'handed-back' });
    log.info('job handed back: the process is stopping');
    if (token !== undefined) await job.moveToWait(token);
    throw new WaitingError();
  }

  /** The worker before us settled the job and died before BullMQ knew. */
  function endAgain(outcome: Outcome): unknown {
    if (outcome.kind === 'done') return { action: 'done-before', reason: 'settled' };
    throw new UnrecoverableError(`${outcome.code}: ${outcome.message}`);
  }

  /** Its lane is unknown, so it can't be settled here; the repair frees the lane once BullMQ has it as failed. */
  function buryUnreadable(job: Job, jobId: string): never {
    measured.jobs.inc({ queue: queue.name, result: 'dead' });
    measured.dead.inc({ queue: queue.name, reason: 'permanent' });
    log.error({ job: jobId, queue: queue.name, name: job.name }, 'job is dead: its data can not be read');
    throw new UnrecoverableError('JOB_DATA_UNREADABLE: the data is not of this version');
  }
}

class DeadlyJob extends Error {
  override readonly name = 'DeadlyJob';
  readonly failure = 'permanent';
  readonly code = 'JOB_KILLS_WORKERS';
  constructor(times: number) {
    super(`its worker died or lost its lock ${times} times while working on it`);
  }
}

function waitedSeconds(job: Job): number {
  return Math.max(0, Date.now() - job.timestamp) / 1000;
}

async function repairForEver(
  lanes: Lanes,
  queue: string,
  measured: WorkerMetrics,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(REPAIR_EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return;
    try {
      const freed = await lanes.repair(queue);
      if (freed > 0) {
        measured.freedLanes.inc({ queue }, freed);
        log.warn({ queue, freed }, 'lanes freed: their job was gone');
      }
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error, queue }, 'lanes could not be looked after; trying again');
    }
  }
}
