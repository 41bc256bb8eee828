import type { Confirmation, StepCall, StepOptions } from './define.ts';
import { readFailure } from './failure.ts';
import { ledgerKey } from './keys.ts';
import type { JobLock, LockedWrite } from './lock.ts';
import type { RedisClient } from './redis-client.ts';

/** How a job ended; written together with the release of its lane. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'dead'; readonly code: string; readonly message: string; readonly step: string | null };

/** A job is remembered at least as long as a dead one is kept, plus what a redrive may take. */
export const LEDGER_TTL_MS = 35 * 24 * 60 * 60_000;

/** The ledger's fields: a step's name → `BEGUN` or its result, and this one. */
export const OUTCOME_FIELD = '=outcome';
export const BEGUN = 'begun';
const ALONE_FIELD = '=alone';

/** The steps of one job, in Redis: which have begun, which are done and with what result. */
export interface Ledger {
  readonly outcome: Outcome | null;
  /** How often a worker died over this job while nothing else ran in it. */
  readonly deadlyRuns: number;
  /** From now on nothing else runs here: if the worker dies, it is this job's doing. */
  beginAlone(): Promise<void>;
  /** It came through, however it ended. */
  endAlone(): Promise<void>;
  /** The step that was last begun; what a dead job names. */
  currentStep(): string | null;
  step<T>(name: string, perform: (call: StepCall) => Promise<T>, options?: StepOptions<T>): Promise<T>;
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
}

/** Opens a job's ledger, with all it holds already. */
export async function openLedger(settings: LedgerSettings): Promise<Ledger> {
  const { redis, prefix, queue, jobId, signal, lock, write } = settings;
  const key = ledgerKey(prefix, queue, jobId);
  const fields: Record<string, string> = settings.fresh ? {} : await redis.hgetall(key);
  let current: string | null = null;

  async function store(name: string, value: string): Promise<void> {
    fields[name] = value;
    await write(lock, key, LEDGER_TTL_MS, name, value);
  }

  async function forget(name: string): Promise<void> {
    delete fields[name];
    await write(lock, key, LEDGER_TTL_MS, name, null);
  }

  async function done<T>(name: string, result: T): Promise<T> {
    await store(name, JSON.stringify({ result }));
    return result;
  }

  return {
    outcome: parseOutcome(fields[OUTCOME_FIELD]),
    deadlyRuns: Number(fields[ALONE_FIELD] ?? 0),
    beginAlone: () => store(ALONE_FIELD, String(Number(fields[ALONE_FIELD] ?? 0) + 1)),
    endAlone: () => forget(ALONE_FIELD),
    currentStep: () => current,
    async step<T>(
      name: string,
      perform: (call: StepCall) => Promise<T>,
      options: StepOptions<T> = {},
    ): Promise<T> {
      const stored = fields[name];
      if (stored !== undefined && stored !== BEGUN) return resultOf<T>(stored);
      current = name;
      const call = { key: `${queue}:${jobId}:${name}`, signal };
      if (stored === BEGUN && options.confirm !== undefined) {
        const confirmed: Confirmation<T> = await options.confirm(call);
        if (confirmed.done) return await done(name, confirmed.result);
      }
      signal.throwIfAborted();
      // Once more when it has begun before: is the job still ours?
      await store(name, BEGUN);
      try {
        return await done(name, await perform(call));
      } catch (error) {
        // Certain that nothing happened: the next try need not ask. Everything else stays "begun".
        if (!signal.aborted && nothingHappened(error)) await forget(name);
        throw error;
      }
    },
  };
}

function nothingHappened(error: unknown): boolean {
  const { failure } = readFailure(error);
  return (
    failure === 'rate-limited' || failure === 'outage' || failure === 'transient' || failure === 'permanent'
  );
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

export function outcomeField(outcome: Outcome): [field: string, value: string] {
  return [OUTCOME_FIELD, JSON.stringify(outcome)];
}
