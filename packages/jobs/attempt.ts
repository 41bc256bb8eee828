import type { ChatwootEvent } from '@switchyard/chatwoot';
import { currentLogContext, withLogContext } from '@switchyard/telemetry';
import { type Job, UnrecoverableError, WaitingError } from 'bullmq';
import type { AccountFinder } from './accounts/find-account.ts';
import { nameAccount } from './accounts/name-account.ts';
import { createFailedEnds, type FailureParts } from './attempt-failure.ts';
import { ageMs, type Going, settlingOf } from './attempt-going.ts';
import { AttemptCut, withinLimit } from './attempt-scope/limit.ts';
import type { QueueDefinition } from './catalogue.ts';
import type { DecisionSummary, StepContext, WorkerDefinition } from './define.ts';
import type { Finishing } from './finishing.ts';
import type { Gate } from './gate.ts';
import { type JobData, readJobData } from './job-data.ts';
import { jobKey } from './keys.ts';
import { type Ledger, type Outcome, openLedger } from './ledger.ts';
import { type LockedWrite, LockLost } from './lock.ts';
import type { RedisClient } from './redis-client.ts';
import { createJobState } from './state.ts';
import type { Hands } from './wedge.ts';

/** A job over which, while it ran alone, this many workers died is taken to be the cause. */
const DEADLY_RUNS = 2;

/** A quarter of the time for which BullMQ's lock is good (LOCK_MS in worker.ts). */
const YOUNG_MS = 5_000;

class DeadlyJob extends Error {
  override readonly name = 'DeadlyJob';
  readonly failure = 'permanent';
  readonly code = 'JOB_KILLS_WORKERS';
  constructor(times: number) {
    super(`its worker died or lost its lock ${times} times while it worked on nothing else`);
  }
}

export interface AttemptParts<Facts, Decision extends DecisionSummary> extends FailureParts {
  readonly definition: WorkerDefinition<Facts, Decision>;
  readonly queue: QueueDefinition;
  readonly prefix: string;
  readonly finishing: Finishing;
  readonly write: LockedWrite;
  readonly hands: Hands;
  readonly gate: Gate;
  /** How long an attempt may take. */
  readonly attemptMs: number;
  readonly redis: RedisClient;
  /** null: events come as they are. */
  readonly accounts: AccountFinder | null;
}

export type Attempt = (job: Job, token: string | undefined, controller: AbortController) => Promise<unknown>;

/** One attempt of a job: gather facts, decide, take steps; then settle it, or say when to try again. */
export function createAttempt<Facts, Decision extends DecisionSummary>(
  parts: AttemptParts<Facts, Decision>,
): Attempt {
  const {
    definition,
    queue,
    prefix,
    finishing,
    write,
    measured,
    hands,
    gate,
    log,
    redis,
    accounts,
    attemptMs,
  } = parts;
  const { afterFailure, handBack } = createFailedEnds(parts);
  const state = createJobState(redis, prefix, queue.name);

  return async (job, token, controller) => {
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
    const going: Going = {
      queue: queue.name,
      job,
      jobId,
      lock,
      data,
      ledger: null,
      decision: null,
      scope: null,
    };
    return withLogContext(context, () => run(going, controller).catch(leaveToOthers));
  };

  async function run(going: Going, controller: AbortController): Promise<unknown> {
    const { job, jobId, lock, data } = going;
    const { signal } = controller;
    const startedAt = performance.now();
    finishing.forget(jobId);
    hands.active += 1;
    hands.lastMovedAt = startedAt;
    if (job.attemptsStarted <= 1) measured.wait.observe({ queue: queue.name }, waitedSeconds(data));
    // Two workers died that had it in hand. The first time it was most likely another's doing, or nobody's: a process
    // that is killed leaves all of its jobs, and they would wait for each other.
    const suspect = job.stalledCounter > 1;
    await gate.enter(suspect);
    const scope = { signal, reached: new Map<string, number>(), startedAt: performance.now() };
    going.scope = scope;
    try {
      // Never started before, so there is nothing to read. A redriven job has its finished steps.
      const restarted = job.attemptsStarted > 1 || job.stalledCounter > 0;
      const fresh = !restarted && data.since === null;
      const surelyHeld = () => isYoung(job.processedOn, startedAt);
      const ledger = await openLedger({
        redis,
        prefix,
        queue: queue.name,
        jobId,
        signal,
        lock,
        write,
        fresh,
        restarted,
        surelyHeld,
      });
      going.ledger = ledger;
      if (ledger.outcome !== null) return endAgain(ledger.outcome);
      if (ledger.deadlyRuns >= DEADLY_RUNS) throw new DeadlyJob(ledger.deadlyRuns);
      if (suspect) await ledger.beginAlone();
      const work = () => perform(going, ledger, signal);
      const decision = await withinLimit(controller, attemptMs, scope, work, mayLeave);
      const settling = settlingOf(going, { kind: 'done' }, await ledger.close(), ledger.attempts());
      // For what is told when BullMQ has ended the job, which is after this.
      const context = { ...currentLogContext(), account: going.data.event.account };
      const ms = Math.round(performance.now() - startedAt);
      // BullMQ ends the job next; it is settled then, and only then it is done.
      finishing.expect(jobId, {
        settling,
        done: () => withLogContext(context, () => tellDone(decision, ms)),
        lost: () => withLogContext(context, tellLost),
      });
      return { action: decision.action, reason: decision.reason };
    } catch (error) {
      if (error instanceof UnrecoverableError || error instanceof LockLost) throw error;
      if (suspect) going.ledger?.endAlone();
      if (signal.reason instanceof LockLost) throw signal.reason;
      if (signal.reason instanceof AttemptCut) return afterFailure(signal.reason, going);
      if (signal.aborted) return handBack(going);
      return afterFailure(error, going);
    } finally {
      gate.leave(suspect);
      hands.active -= 1;
      const endedAt = performance.now();
      hands.lastMovedAt = endedAt;
      measured.run.observe({ queue: queue.name }, (endedAt - startedAt) / 1000);
    }
  }

  async function perform(going: Going, ledger: Ledger, signal: AbortSignal): Promise<Decision> {
    const { job, jobId } = going;
    const step: StepContext['step'] = (name, work, options) => ledger.step(name, work, options);
    const context: StepContext = {
      jobId,
      queue: queue.name,
      attempt: job.attemptsMade + 1,
      signal,
      log,
      state,
      step,
    };
    const event = await withAccount(going, step, signal);
    const facts = await definition.facts(event, context);
    const decision = definition.decide(event, facts);
    going.decision = decision;
    await definition.steps(event, decision, context);
    return decision;
  }

  /** From here on, the story of the job too stands in the account that was found. */
  async function withAccount(
    going: Going,
    step: StepContext['step'],
    signal: AbortSignal,
  ): Promise<ChatwootEvent> {
    const { event } = going.data;
    if (accounts === null || event.account !== null) return event;
    const needed = definition.needsAccount !== false;
    const count = measured.countWithoutAccount;
    const named = await nameAccount(event, { finder: accounts, needed, step, signal, count, log });
    // Its story stands elsewhere than its delivery's record.
    going.data = { ...going.data, event: named, hasOrigin: false };
    return named;
  }

  function tellDone({ action, reason }: Decision, ms: number): void {
    measured.jobs.inc({ queue: queue.name, result: 'done' });
    measured.decisions.inc({ queue: queue.name, action, reason });
    log.info({ ms, action, reason }, 'job done');
  }

  function tellLost(): void {
    measured.jobs.inc({ queue: queue.name, result: 'lock-lost' });
    log.warn('job left to others: this process was away for longer than its lock');
  }

  /** BullMQ, too, leaves the job alone then: whoever has it, or the next look for stalled jobs, goes on with it. */
  function leaveToOthers(error: unknown): never {
    if (!(error instanceof LockLost)) throw error;
    tellLost();
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

/** Work that does not heed its signal is not waited for, but where the process stops: then there is a limit to that. */
function mayLeave(reason: unknown): boolean {
  return reason instanceof AttemptCut || reason instanceof LockLost;
}

function waitedSeconds(data: JobData): number {
  return ageMs(data) / 1000;
}

/**
 * Whether a job was fetched so short a time ago that its lock can't have run out: by the clock since the fetch was
 * sent, which a stop of the process does not hold up, and by one that nobody sets since its attempt began.
 */
function isYoung(fetchedAt: number | undefined, startedAt: number): boolean {
  const age = Date.now() - (fetchedAt ?? 0);
  return age >= 0 && age < YOUNG_MS && performance.now() - startedAt < YOUNG_MS;
}
