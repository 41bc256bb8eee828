import type { Confirmation, DecisionSummary, StepCall, StepOptions } from './define.ts';
import { readFailure } from './failure.ts';
import { ledgerKey } from './keys.ts';
import {
  ALONE_FIELD,
  attemptsOf,
  begunAt,
  checkStepName,
  doneAt,
  failedFields,
  isBegun,
  type LedgerFields,
  OUTCOME_FIELD,
  stepsOf,
  UNSURE_FIELD,
} from './ledger-fields.ts';
import type { FieldChanges, JobLock, LockedWrite } from './lock.ts';
import type { RedisClient } from './redis-client.ts';
import { boundedResult, type StoryAttempt, type StoryStep } from './story-job.ts';

/** How a job ended; written together with the release of its lane. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'dead'; readonly code: string; readonly message: string; readonly step: string | null };

/** A job is remembered at least as long as a dead one is kept, plus what a redrive may take. */
export const LEDGER_TTL_MS = 35 * 24 * 60 * 60_000;

/**
 * The steps of one job, in Redis: which have begun, which are done and with what result.
 *
 * That the first step of a job's first attempt begins is not written: BullMQ has written that the job was started, and
 * whoever finds a job that was started before and has an empty ledger takes every step for one that may have begun.
 *
 * A result that comes just before the next step begins, or the job ends, is written together with that; when nothing
 * follows at once, it is written by itself. So it is always there before the job goes on.
 */
export interface Ledger {
  readonly outcome: Outcome | null;
  /** How often a worker died over this job while nothing else ran in it. */
  readonly deadlyRuns: number;
  /** All that it holds, also what is not written yet. */
  readonly fields: LedgerFields;
  /** In order; results are cut where they are long. */
  steps(): readonly StoryStep[];
  /** Those that failed before. */
  attempts(): readonly StoryAttempt[];
  /** From now on nothing else runs here: if the worker dies, it is this job's doing. */
  beginAlone(): Promise<void>;
  /** It came through, however it ended; written with what comes next. */
  endAlone(): void;
  /** The step that was last begun; what a dead job names. */
  currentStep(): string | null;
  step<T>(name: string, perform: (call: StepCall) => Promise<T>, options?: StepOptions<T>): Promise<T>;
  /** Notes a failed attempt, for the story, and writes whatever is not written yet. */
  fail(attempt: StoryAttempt, decision: DecisionSummary | null): Promise<void>;
  /** Whether some of it may be in Redis. */
  isKept(): boolean;
  /** Writes nothing more by itself: what it has not written yet, for whoever settles the job. */
  close(): Promise<FieldChanges>;
}

export interface LedgerSettings {
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly queue: string;
  readonly jobId: string;
  readonly signal: AbortSignal;
  readonly lock: JobLock;
  readonly write: LockedWrite;
  /** The job was never started before, so there is nothing to read. */
  readonly fresh: boolean;
  /** It was started before, whatever came of that. */
  readonly restarted: boolean;
  /** Whether the lock is surely held, by what this process knows without asking. */
  readonly surelyHeld: () => boolean;
}

/** A handler went on after its attempt had ended: what it left begun is the next attempt's to find out. */
class StepTooLate extends Error {
  override readonly name = 'StepTooLate';
  readonly code = 'STEP_TOO_LATE';
  constructor() {
    super('the attempt has ended; it takes no step any more');
  }
}

/** Opens a job's ledger, with all it holds already. */
export async function openLedger(settings: LedgerSettings): Promise<Ledger> {
  const { redis, prefix, queue, jobId, signal } = settings;
  const key = ledgerKey(prefix, queue, jobId);
  const fields: Record<string, string> = settings.fresh ? {} : await redis.hgetall(key);
  const unwritten = createUnwritten((changes) => settings.write(settings.lock, key, LEDGER_TTL_MS, changes));
  const steps = new Map(settings.fresh ? [] : stepsOf(fields).map((step) => [step.name, step]));
  let current: string | null = null;
  let closed = false;
  const unsure = fields[UNSURE_FIELD] !== undefined || (settings.restarted && isEmpty(fields));
  if (unsure) unwritten.hold(UNSURE_FIELD, '1');

  /** Where the start of the job says it already: see Ledger. */
  async function begin(name: string): Promise<void> {
    const first = settings.fresh && isEmpty(fields);
    const at = Date.now();
    const begun = begunAt(at);
    steps.set(name, { name, state: 'begun', result: null, at });
    if (!first || !settings.surelyHeld()) return write({ [name]: begun });
    fields[name] = begun;
    unwritten.hold(name, begun);
  }

  function done<T>(name: string, result: T): T {
    const at = Date.now();
    const json = JSON.stringify(result);
    const value = doneAt(at, json);
    steps.set(name, { name, state: 'done', result: boundedResult(result, json), at });
    fields[name] = value;
    unwritten.add(name, value);
    return result;
  }

  function forget(name: string): void {
    delete fields[name];
    steps.delete(name);
    unwritten.add(name, null);
  }

  /** Past its end an attempt takes no step, and keeps nothing of one that it left behind. */
  function assertOpen(): void {
    if (closed) throw new StepTooLate();
  }

  async function write(changes: Readonly<Record<string, string>>): Promise<void> {
    Object.assign(fields, changes);
    await unwritten.writeWith(changes);
  }

  return {
    outcome: parseOutcome(fields[OUTCOME_FIELD]),
    deadlyRuns: Number(fields[ALONE_FIELD] ?? 0),
    fields,
    beginAlone: () => write({ [ALONE_FIELD]: String(Number(fields[ALONE_FIELD] ?? 0) + 1) }),
    endAlone: () => forget(ALONE_FIELD),
    steps: () => [...steps.values()],
    attempts: () => (settings.fresh ? [] : attemptsOf(fields)),
    currentStep: () => current,
    async step<T>(
      name: string,
      perform: (call: StepCall) => Promise<T>,
      options: StepOptions<T> = {},
    ): Promise<T> {
      checkStepName(name);
      assertOpen();
      signal.throwIfAborted();
      const stored = fields[name];
      if (stored !== undefined && !isBegun(stored)) return resultOf<T>(stored);
      current = name;
      const call = { key: `${queue}:${jobId}:${name}`, signal };
      const mayHaveBegun = stored !== undefined || unsure;
      if (mayHaveBegun && options.confirm !== undefined) {
        const confirmed: Confirmation<T> = await options.confirm(call);
        assertOpen();
        if (confirmed.done) return done(name, confirmed.result);
      }
      signal.throwIfAborted();
      // Once more when it has begun before: is the job still ours?
      await begin(name);
      try {
        const result = await perform(call);
        assertOpen();
        return done(name, result);
      } catch (error) {
        // Certain that nothing happened: the next try need not ask. Everything else stays "begun".
        if (!closed && !signal.aborted && nothingHappened(error)) forget(name);
        throw error;
      }
    },
    fail: (attempt, decision) => write(failedFields(fields, attempt, decision)),
    isKept: () => !settings.fresh || unwritten.hasWritten(),
    close() {
      closed = true;
      return unwritten.close();
    },
  };
}

function isEmpty(fields: LedgerFields): boolean {
  for (const _ in fields) return false;
  return true;
}

interface Unwritten {
  /** Goes along with the next write, however late that is. */
  hold(field: string, value: string): void;
  add(field: string, value: string | null): void;
  writeWith(changes: FieldChanges): Promise<void>;
  /** Also when that failed: it may have come through. */
  hasWritten(): boolean;
  close(): Promise<FieldChanges>;
}

/** Changes that wait for the next write to go along with it, until the end of this turn of the event loop. */
function createUnwritten(write: (changes: FieldChanges) => Promise<void>): Unwritten {
  let waiting: Record<string, string | null> = {};
  let underWay: Promise<void> = Promise.resolve();
  let timer: NodeJS.Immediate | null = null;
  let sent = false;

  function send(changes: FieldChanges): Promise<void> {
    if (timer !== null) clearImmediate(timer);
    timer = null;
    const before = waiting;
    waiting = {};
    sent = true;
    return write({ ...before, ...changes }).catch((error: unknown) => {
      waiting = { ...before, ...waiting };
      throw error;
    });
  }

  function flush(): void {
    // When it fails, what it carried waits again, and the next write tells.
    underWay = send({}).catch(() => {});
  }

  return {
    hold(field, value) {
      waiting[field] = value;
    },
    add(field, value) {
      waiting[field] = value;
      timer ??= setImmediate(flush);
    },
    async writeWith(changes) {
      await underWay;
      await send(changes);
    },
    hasWritten: () => sent,
    async close() {
      if (timer !== null) clearImmediate(timer);
      timer = null;
      await underWay;
      return waiting;
    },
  };
}

function nothingHappened(error: unknown): boolean {
  const { failure } = readFailure(error);
  return failure !== 'unknown-outcome' && failure !== 'unexpected';
}

// The ledger holds what `done` wrote for the same step of the same job, so the type is the step's own.
function resultOf<T>(stored: string): T {
  const parsed: { result: T } = JSON.parse(stored);
  return parsed.result;
}

function parseOutcome(stored: string | undefined): Outcome | null {
  if (stored === undefined) return null;
  const outcome: Outcome = JSON.parse(stored);
  return outcome;
}
