import { type LogContext, type Logger, withLogContext } from '@switchyard/telemetry';
import { DelayedError, type Job, UnrecoverableError, WaitingError } from 'bullmq';
import type { Breaker } from './breaker.ts';
import type { QueueDefinition } from './catalogue.ts';
import type { DecisionSummary, StepContext, WorkerDefinition } from './define.ts';
import { readFailure } from './failure.ts';
import type { Finishing } from './finishing.ts';
import type { Gate } from './gate.ts';
import { type JobData, readJobData } from './job-data.ts';
import { jobKey } from './keys.ts';
import type { Lanes, Settling } from './lanes.ts';
import { type Ledger, type Outcome, openLedger } from './ledger.ts';
import { attemptsOf, failedFields, stepsOf } from './ledger-fields.ts';
import { type FieldChanges, type JobLock, type LockedWrite, LockLost } from './lock.ts';
import type { RedisClient } from './redis-client.ts';
import { decideRetry, fullJitter, type GiveUpPolicy } from './retry.ts';
import { createJobState } from './state.ts';
import { boundedDecision, originOf, type StoryAttempt } from './story-job.ts';
import type { EndedJob } from './story-keeping.ts';
import type { Hands } from './wedge.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** A job over which, while it ran alone, this many workers died is taken to be the cause. */
const DEADLY_RUNS = 2;

/** A quarter of the time for which BullMQ's lock is good (LOCK_MS in worker.ts). */
const YOUNG_MS = 5_000;

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
  readonly finishing: Finishing;
  readonly write: LockedWrite;
  readonly breaker: Breaker;
  readonly measured: WorkerMetrics;
  readonly hands: Hands;
  readonly gate: Gate;
  readonly log: Logger;
  readonly redis: RedisClient;
}

/** What is known of an attempt while it goes on. */
interface Going {
  readonly job: Job;
  readonly jobId: string;
  readonly lock: JobLock;
  readonly data: JobData;
  readonly context: LogContext;
  ledger: Ledger | null;
  decision: DecisionSummary | null;
}

export type Attempt = (job: Job, token: string | undefined, signal: AbortSignal) => Promise<unknown>;

/** One attempt of a job: gather facts, decide, take steps; then settle it, or say when to try again. */
export function createAttempt<Facts, Decision extends DecisionSummary>(
  parts: AttemptParts<Facts, Decision>,
): Attempt {
  const { definition, queue, prefix, lanes, finishing, write, measured, hands, gate, log, redis } = parts;
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
    const going: Going = { job, jobId, lock, data, context, ledger: null, decision: null };
    return withLogContext(context, () => run(going, signal).catch(leaveToOthers));
  };

  async function run(going: Going, signal: AbortSignal): Promise<unknown> {
    const { job, jobId, lock, data } = going;
    const startedAt = performance.now();
    finishing.forget(jobId);
    const end = measured.run.startTimer({ queue: queue.name });
    measured.active.inc({ queue: queue.name });
    hands.active += 1;
    hands.lastMovedAt = performance.now();
    if (job.attemptsStarted <= 1) measured.wait.observe({ queue: queue.name }, waitedSeconds(data));
    // Its worker died once: over this job, or over another that it had in hand beside it.
    const suspect = job.stalledCounter > 0;
    const leave = await gate.enter(suspect);
    try {
      // Never started before, so there is nothing to read. A redriven job has its finished steps.
      const restarted = job.attemptsStarted > 1 || job.stalledCounter > 0;
      const fresh = !restarted && data.since === null;
      const surelyHeld = () => isYoung(job.processedOn, startedAt);
      const ledger = await openLedger({
        ...{ redis, prefix, queue: queue.name, jobId, signal, lock, write },
        ...{ fresh, restarted, surelyHeld },
      });
      going.ledger = ledger;
      if (ledger.outcome !== null) return endAgain(ledger.outcome);
      if (ledger.deadlyRuns >= DEADLY_RUNS) throw new DeadlyJob(ledger.deadlyRuns);
      if (suspect) await ledger.beginAlone();
      const decision = await perform(going, ledger, signal);
      const settling = settlingOf(going, { kind: 'done' }, await ledger.close());
      const ms = Math.round(performance.now() - startedAt);
      // BullMQ ends the job next; it is settled then, and only then it is done.
      finishing.expect(jobId, {
        settling,
        done: () => withLogContext(going.context, () => tellDone(decision, ms)),
        lost: () => withLogContext(going.context, tellLost),
      });
      return { action: decision.action, reason: decision.reason };
    } catch (error) {
      if (error instanceof UnrecoverableError || error instanceof LockLost) throw error;
      if (suspect) going.ledger?.endAlone();
      if (signal.aborted) return handBack(going);
      return afterFailure(error, going);
    } finally {
      leave();
      measured.active.dec({ queue: queue.name });
      hands.active -= 1;
      hands.lastMovedAt = performance.now();
      end();
    }
  }

  async function perform(going: Going, ledger: Ledger, signal: AbortSignal): Promise<Decision> {
    const { job, jobId, data } = going;
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
    going.decision = decision;
    await definition.steps(data.event, decision, context);
    return decision;
  }

  function settlingOf(going: Going, outcome: Outcome, unwritten: FieldChanges): Settling {
    const { jobId, lock, data } = going;
    const story = endedJob(queue.name, going, outcome, unwritten);
    return { queue: queue.name, lane: data.lane, jobId, lock, outcome, unwritten, story };
  }

  function tellDone({ action, reason }: Decision, ms: number): void {
    measured.jobs.inc({ queue: queue.name, result: 'done' });
    measured.decisions.inc({ queue: queue.name, action, reason });
    log.info({ action, reason, ms }, 'job done');
  }

  function tellLost(): void {
    measured.jobs.inc({ queue: queue.name, result: 'lock-lost' });
    log.warn('job left to others: this process was away for longer than its lock');
  }

  async function afterFailure(error: unknown, going: Going): Promise<never> {
    const { job, data, ledger, lock } = going;
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
    const failed = { at: Date.now(), code: read.code, message: read.message, step };
    if (decision.action === 'dead') {
      const outcome = { kind: 'dead', code: read.code, message: read.message, step } as const;
      const last = failedFields(
        ledger?.fields ?? {},
        { ...failed, next: 'dead', nextAt: null },
        going.decision,
      );
      await lanes.settle(settlingOf(going, outcome, { ...(await ledger?.close()), ...last }));
      measured.jobs.inc({ queue: queue.name, result: 'dead' });
      measured.dead.inc({ queue: queue.name, reason: decision.reason });
      log.error({ err: error, reason: decision.reason, step }, 'job is dead');
      throw new UnrecoverableError(`${read.code}: ${read.message}`);
    }
    measured.jobs.inc({ queue: queue.name, result: 'retry' });
    measured.retries.inc({ queue: queue.name, reason: read.failure });
    if (decision.action === 'hold') {
      const holdMs = await parts.breaker.open(read.code, decision.toldMs);
      // Later each time, and behind the others: a job whose target fails for it alone must not be every probe.
      const ownMs = fullJitter(job.attemptsStarted, holdPolicy(parts.policy), Math.random);
      const delayMs = Math.max(holdMs, ownMs, decision.atLeastMs);
      log.warn(
        { err: error, step, holdMs, delayMs },
        'the queue holds: its target is away, in trouble or limits us',
      );
      const until = Date.now() + delayMs;
      await note(going, { ...failed, next: 'hold', nextAt: until });
      await job.moveToDelayed(until, lock.token);
      throw new DelayedError();
    }
    const { delayMs } = decision;
    log.warn({ err: error, step, delayMs }, 'job failed; it will be tried again');
    await note(going, { ...failed, next: 'retry', nextAt: Date.now() + delayMs });
    throw new RetryLater(`${read.code}: ${read.message}`, delayMs);
  }

  /**
   * Writes the failed attempt, and with it what the ledger has not written yet, before the job goes to another. Where
   * that fails, a step whose result is lost with it stays begun, and is confirmed.
   */
  async function note({ ledger, decision }: Going, failed: StoryAttempt): Promise<void> {
    await ledger?.fail(failed, decision).catch((error: unknown) => {
      if (error instanceof LockLost) throw error;
      log.warn({ err: error }, 'the failed attempt could not be written down');
    });
  }

  /** BullMQ, too, leaves the job alone then: whoever has it, or the next look for stalled jobs, goes on with it. */
  function leaveToOthers(error: unknown): never {
    if (!(error instanceof LockLost)) throw error;
    tellLost();
    throw new WaitingError();
  }

  async function handBack(going: Going): Promise<never> {
    const { job, lock, ledger } = going;
    measured.jobs.inc({ queue: queue.name, result: 'handed-back' });
    log.info('job handed back: the process is stopping');
    await note(going, {
      at: Date.now(),
      code: 'HANDED_BACK',
      message: 'the process is stopping',
      step: ledger?.currentStep() ?? null,
      next: 'handed-back',
      nextAt: null,
    });
    if (lock.token !== '') await job.moveToWait(lock.token);
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

/** The job as its story is kept. */
function endedJob(
  queue: string,
  { job, jobId, data, ledger, decision }: Going,
  outcome: Outcome,
  unwritten: FieldChanges,
): EndedJob {
  const fields = { ...ledger?.fields };
  for (const [field, value] of Object.entries(unwritten)) if (value !== null) fields[field] = value;
  return {
    ...originOf(queue, jobId, data),
    startedAt: job.processedOn ?? null,
    endedAt: Date.now(),
    state: outcome.kind,
    attempts: attemptsOf(fields),
    decision: decision === null ? null : boundedDecision(decision),
    steps: stepsOf(fields),
    error:
      outcome.kind === 'done' ? null : { code: outcome.code, message: outcome.message, step: outcome.step },
  };
}

function waitedSeconds(data: JobData): number {
  return ageMs(data) / 1000;
}

/** A job that failed in an outage is back soon after it: at most twice as late as the breaker's own probes. */
function holdPolicy({ baseMs, probeCapMs }: GiveUpPolicy): { baseMs: number; capMs: number } {
  return { baseMs, capMs: 2 * probeCapMs };
}

/**
 * Whether a job was fetched so short a time ago that its lock can't have run out: by the clock since the fetch was
 * sent, which a stop of the process does not hold up, and by one that nobody sets since its attempt began.
 */
function isYoung(fetchedAt: number | undefined, startedAt: number): boolean {
  const age = Date.now() - (fetchedAt ?? 0);
  return age >= 0 && age < YOUNG_MS && performance.now() - startedAt < YOUNG_MS;
}

/** How long the job has been ours to do: since its delivery was accepted, or since it was redriven. */
function ageMs({ event, since }: JobData): number {
  return Math.max(0, Date.now() - (since ?? event.delivery.receivedAt));
}
