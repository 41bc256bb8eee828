import type { Logger } from '@switchyard/telemetry';
import { DelayedError, UnrecoverableError, WaitingError } from 'bullmq';
import { ageMs, type Going, oursSince, settlingOf } from './attempt-going.ts';
import type { Breaker } from './breaker.ts';
import { readFailure } from './failure.ts';
import type { HeldTime } from './held-time.ts';
import { holdReason } from './hold-reason.ts';
import type { Lanes } from './lanes.ts';
import { attemptsOf, failedFields, triedFields, triesOf } from './ledger-fields.ts';
import { LockLost } from './lock.ts';
import { decideRetry, fullJitter, type GiveUpPolicy } from './retry.ts';
import type { StoryAttempt } from './story-job.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** Thrown into BullMQ to have the job tried again after `delayMs`. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
  readonly delayMs: number;
  constructor(message: string, delayMs: number) {
    super(message);
    this.delayMs = delayMs;
  }
}

export interface FailureParts {
  readonly queue: { readonly name: string };
  readonly policy: GiveUpPolicy;
  readonly lanes: Pick<Lanes, 'settle' | 'rest'>;
  readonly breaker: Breaker;
  readonly heldTime: HeldTime;
  readonly measured: WorkerMetrics;
  readonly log: Logger;
}

/** How an attempt ends that did not come through; each tells BullMQ by what it throws. */
export interface FailedEnds {
  /** By the table of retry decisions: tried again, held or dead. */
  afterFailure(error: unknown, going: Going): Promise<never>;
  /** The process stops: another worker takes the job at once. */
  handBack(going: Going): Promise<never>;
}

export function createFailedEnds(parts: FailureParts): FailedEnds {
  const { queue, policy, lanes, breaker, heldTime, measured, log } = parts;

  async function afterFailure(error: unknown, going: Going): Promise<never> {
    const { job, data, ledger, lock } = going;
    const read = readFailure(error);
    const age = ageMs(data);
    const decision = decideRetry(
      {
        failure: read.failure,
        scope: read.scope,
        retryAfterMs: read.retryAfterMs,
        attempt: 1 + (ledger === null ? job.attemptsMade : triesOf(ledger.fields, read.failure)),
        ageMs: age,
        // Asked only of a job that would else be too old.
        heldMs: age < policy.giveUpAfterMs ? 0 : await heldTime.since(oursSince(data)),
      },
      policy,
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
      await lanes.settle(
        settlingOf(going, outcome, { ...(await ledger?.close()), ...last }, attemptsOf(last)),
      );
      measured.jobs.inc({ queue: queue.name, result: 'dead' });
      measured.dead.inc({ queue: queue.name, reason: decision.reason });
      log.error({ err: error, reason: decision.reason, step }, 'job is dead');
      throw new UnrecoverableError(`${read.code}: ${read.message}`);
    }
    measured.jobs.inc({ queue: queue.name, result: 'retry' });
    measured.retries.inc({ queue: queue.name, reason: read.failure });
    if (decision.action === 'hold') {
      const holdMs = await breaker.open(read.code, decision.toldMs, read.target);
      // Later each time, and behind the others: a job whose target fails for it alone must not be every probe.
      const ownMs = fullJitter(job.attemptsStarted, holdPolicy(policy), Math.random);
      const delayMs = Math.max(holdMs, ownMs, decision.atLeastMs);
      const reason = holdReason(read);
      measured.holds.inc({ queue: queue.name, reason });
      const told = { err: error, step, reason, holdMs, delayMs };
      // Nobody but an operator ends this one.
      if (read.failure === 'refused') log.error(told, 'the queue holds: its target refuses us');
      else log.warn(told, 'the queue holds: its target is away, in trouble or limits us');
      const until = Date.now() + delayMs;
      await rest(going, read.failure, { ...failed, next: 'hold', nextAt: until });
      await job.moveToDelayed(until, lock.token);
      throw new DelayedError();
    }
    const { delayMs } = decision;
    log.warn({ err: error, step, delayMs }, 'job failed; it will be tried again');
    await rest(going, read.failure, { ...failed, next: 'retry', nextAt: Date.now() + delayMs });
    throw new RetryLater(`${read.code}: ${read.message}`, delayMs);
  }

  /**
   * Writes the failed attempt, and with it what the ledger has not written yet, before the job waits for its next one
   * without a place among the account's lanes. Where that fails, a step whose result is lost with it stays begun, and
   * is confirmed.
   */
  async function rest(
    { jobId, lock, data, ledger, decision }: Going,
    failure: string,
    failed: StoryAttempt,
  ): Promise<void> {
    if (ledger === null) return;
    const { lane } = data;
    const fields = {
      ...failedFields(ledger.fields, failed, decision),
      ...triedFields(ledger.fields, failure),
    };
    const unwritten = { ...(await ledger.close()), ...fields };
    await written(lanes.rest({ queue: queue.name, lane, jobId, lock, unwritten }));
  }

  async function written(writing: Promise<void>): Promise<void> {
    await writing.catch((error: unknown) => {
      if (error instanceof LockLost) throw error;
      log.warn({ err: error }, 'the failed attempt could not be written down');
    });
  }

  async function handBack(going: Going): Promise<never> {
    const { job, lock, ledger } = going;
    measured.jobs.inc({ queue: queue.name, result: 'handed-back' });
    log.info('job handed back: the process is stopping');
    if (ledger !== null) {
      const step = ledger.currentStep();
      const failed = {
        at: Date.now(),
        code: 'HANDED_BACK',
        message: 'the process is stopping',
        step,
      } as const;
      await written(ledger.fail({ ...failed, next: 'handed-back', nextAt: null }, going.decision));
    }
    if (lock.token !== '') await job.moveToWait(lock.token);
    throw new WaitingError();
  }

  return { afterFailure, handBack };
}

/** A job that failed in an outage is back soon after it: at most twice as late as the breaker's own probes. */
function holdPolicy({ baseMs, probeCapMs }: GiveUpPolicy): { baseMs: number; capMs: number } {
  return { baseMs, capMs: 2 * probeCapMs };
}
