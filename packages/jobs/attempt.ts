import { type Logger, withLogContext } from '@switchyard/telemetry';
import { DelayedError, type Job, UnrecoverableError, WaitingError } from 'bullmq';
import type { Breaker } from './breaker.ts';
import type { QueueDefinition } from './catalogue.ts';
import type { DecisionSummary, StepContext, WorkerDefinition } from './define.ts';
import { readFailure } from './failure.ts';
import type { Gate } from './gate.ts';
import { type JobData, readJobData } from './job-data.ts';
import { jobKey } from './keys.ts';
import type { Lanes } from './lanes.ts';
import { type Ledger, type Outcome, openLedger } from './ledger.ts';
import { type JobLock, type LockedWrite, LockLost } from './lock.ts';
import type { RedisClient } from './redis-client.ts';
import { decideRetry, fullJitter, type GiveUpPolicy } from './retry.ts';
import { createJobState } from './state.ts';
import type { Hands } from './wedge.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** A job over which, while it ran alone, this many workers died is taken to be the cause. */
const DEADLY_RUNS = 2;

/** Thrown into BullMQ to have the job tried again after `delayMs`. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
  readonly delayMs: number;
  constructor(message: string, delayMs: number) {
    super(message);
    this.delayMs = delayMs;
  }
}

class DeadlyJob extends Error {
  override readonly name = 'DeadlyJob';
  readonly failure = 'permanent';
  readonly code = 'JOB_KILLS_WORKERS';
  constructor(times: number) {
    super(`its worker died or lost its lock ${times} times while it worked on nothing else`);
  }
}

export interface AttemptParts<Facts, Decision extends DecisionSummary> {
  readonly definition: WorkerDefinition<Facts, Decision>;
  readonly queue: QueueDefinition;
  readonly policy: GiveUpPolicy;
  readonly prefix: string;
  readonly lanes: Lanes;
  readonly write: LockedWrite;
  readonly breaker: Breaker;
  readonly measured: WorkerMetrics;
  readonly hands: Hands;
  readonly gate: Gate;
  readonly log: Logger;
  readonly redis: RedisClient;
}

export type Attempt = (job: Job, token: string | undefined, signal: AbortSignal) => Promise<unknown>;

/** One attempt of a job: gather facts, decide, take steps; then settle it, or say when to try again. */
export function createAttempt<Facts, Decision extends DecisionSummary>(
  parts: AttemptParts<Facts, Decision>,
): Attempt {
  const { definition, queue, prefix, lanes, write, measured, hands, gate, log, redis } = parts;
  const state = createJobState(redis, prefix, queue.name);

  return async (job, token, signal) => {
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
    const lock = { key: `${jobKey(prefix, queue.name, jobId)}:lock`, token: token ?? '' };
    return withLogContext(context, () => run(job, jobId, lock, data, signal).catch(leaveToOthers));
  };

  async function run(
    job: Job,
    jobId: string,
    lock: JobLock,
    data: JobData,
    signal: AbortSignal,
  ): Promise<unknown> {
    const startedAt = performance.now();
    const end = measured.run.startTimer({ queue: queue.name });
    measured.active.inc({ queue: queue.name });
    hands.active += 1;
    hands.lastMovedAt = Date.now();
    if (job.attemptsStarted <= 1) measured.wait.observe({ queue: queue.name }, waitedSeconds(data));
    let ledger: Ledger | null = null;
    // Its worker died once: over this job, or over another that it had in hand beside it.
    const suspect = job.stalledCounter > 0;
    const leave = await gate.enter(suspect);
    try {
      // Never started before, so there is nothing to read. A redriven job has its finished steps.
      const fresh = job.attemptsStarted <= 1 && job.stalledCounter === 0 && data.since === null;
      ledger = await openLedger({ redis, prefix, queue: queue.name, jobId, signal, lock, write, fresh });
      if (ledger.outcome !== null) return endAgain(ledger.outcome);
      if (ledger.deadlyRuns >= DEADLY_RUNS) throw new DeadlyJob(ledger.deadlyRuns);
      if (suspect) await ledger.beginAlone();
      const decision = await perform(jobId, job, data, ledger, signal);
      await lanes.settle(queue.name, data.lane, jobId, { kind: 'done' }, lock);
      measured.jobs.inc({ queue: queue.name, result: 'done' });
      const { action, reason } = decision;
      measured.decisions.inc({ queue: queue.name, action, reason });
      log.info({ action, reason, ms: Math.round(performance.now() - startedAt) }, 'job done');
      return { action, reason };
    } catch (error) {
      if (error instanceof UnrecoverableError || error instanceof LockLost) throw error;
      if (suspect) await ledger?.endAlone();
      if (signal.aborted) return handBack(job, lock.token);
      return afterFailure(error, job, jobId, data, ledger, lock);
    } finally {
      leave();
      measured.active.dec({ queue: queue.name });
      hands.active -= 1;
      hands.lastMovedAt = Date.now();
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
    lock: JobLock,
  ): Promise<never> {
    const read = readFailure(error);
    const decision = decideRetry(
      {
        failure: read.failure,
        retryAfterMs: read.retryAfterMs,
        attempt: job.attemptsMade + 1,
        ageMs: ageMs(data),
      },
      parts.policy,
    );
    const step = ledger?.currentStep() ?? null;
    if (decision.action === 'dead') {
      const outcome = { kind: 'dead', code: read.code, message: read.message, step } as const;
      await lanes.settle(queue.name, data.lane, jobId, outcome, lock);
      measured.jobs.inc({ queue: queue.name, result: 'dead' });
      measured.dead.inc({ queue: queue.name, reason: decision.reason });
      log.error({ err: error, reason: decision.reason, step }, 'job is dead');
      throw new UnrecoverableError(`${read.code}: ${read.message}`);
    }
    measured.jobs.inc({ queue: queue.name, result: 'retry' });
    measured.retries.inc({ queue: queue.name, reason: read.failure });
    if (decision.action === 'hold') {
      const holdMs = await parts.breaker.open(read.code, decision.toldMs);
      measured.breaker.set({ queue: queue.name }, 1);
      // Later each time, and behind the others: a job whose target fails for it alone must not be every probe.
      const ownMs = fullJitter(job.attemptsStarted, holdPolicy(parts.policy), Math.random);
      const delayMs = Math.max(holdMs, ownMs, decision.atLeastMs);
      log.warn(
        { err: error, step, holdMs, delayMs },
        'the queue holds: its target is away, in trouble or limits us',
      );
      await job.moveToDelayed(Date.now() + delayMs, lock.token);
      throw new DelayedError();
    }
    const { delayMs } = decision;
    log.warn({ err: error, step, delayMs }, 'job failed; it will be tried again');
    throw new RetryLater(`${read.code}: ${read.message}`, delayMs);
  }

  /** BullMQ, too, leaves the job alone then: whoever has it, or the next look for stalled jobs, goes on with it. */
  function leaveToOthers(error: unknown): never {
    if (!(error instanceof LockLost)) throw error;
    measured.jobs.inc({ queue: queue.name, result: 'lock-lost' });
    log.warn('job left to others: this process was away for longer than its lock');
    throw new WaitingError();
  }

  async function handBack(job: Job, token: string): Promise<never> {
    measured.jobs.inc({ queue: queue.name, result: 'handed-back' });
    log.info('job handed back: the process is stopping');
    if (token !== '') await job.moveToWait(token);
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

function waitedSeconds(data: JobData): number {
  return ageMs(data) / 1000;
}

/** A job that failed in an outage is back soon after it: at most twice as late as the breaker's own probes. */
function holdPolicy({ baseMs, probeCapMs }: GiveUpPolicy): { baseMs: number; capMs: number } {
  return { baseMs, capMs: 2 * probeCapMs };
}

/** How long the job has been ours to do: since its delivery was accepted, or since it was redriven. */
function ageMs({ event, since }: JobData): number {
  return Math.max(0, Date.now() - (since ?? event.delivery.receivedAt));
}
