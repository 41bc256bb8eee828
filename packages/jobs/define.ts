import type { ChatwootEvent } from '@switchyard/chatwoot';
import type { Logger } from '@switchyard/telemetry';

/**
 * A worker app in three verbs: gather facts (reads), decide (pure), take steps (writes). Everything else
 * (lanes, retries, the step ledger, metrics, shutdown) is `runWorker`'s.
 */
export interface WorkerDefinition<Facts, Decision extends DecisionSummary> {
  readonly queue: string;
  /**
   * False for a worker that can do without the event's account: it then gets null where nobody can tell it, and its
   * jobs do not die of that (ACCOUNT_UNKNOWN).
   */
  readonly needsAccount?: boolean;
  /** Reads only; may be repeated on every attempt. Throw CallFailure for a failed read. */
  facts(event: ChatwootEvent, context: JobContext): Promise<Facts>;
  /** Pure: no clock, no I/O, no randomness; what it needs of those is a fact. */
  decide(event: ChatwootEvent, facts: Facts): Decision;
  /** Writes, each inside `context.step`. */
  steps(event: ChatwootEvent, decision: Decision, context: StepContext): Promise<void>;
}

/** What every decision says of itself, for logs, metrics and the story of a conversation. */
export interface DecisionSummary {
  /** A bounded label: `reply`, `silent`, `assign`, `create-lead`. */
  readonly action: string;
  /** Why, as a bounded label: `human-took-over`, `rule:hours`, `private-note`. */
  readonly reason: string;
  /**
   * What it is about, for the story of a conversation: names and ids out of the config and Chatwoot, never what a
   * customer wrote or who the customer is. The first twelve are kept, texts up to 200 characters.
   */
  readonly about?: Readonly<Record<string, string | number | boolean | null>>;
}

export interface JobContext {
  readonly jobId: string;
  readonly queue: string;
  /** 1 on the first attempt. */
  readonly attempt: number;
  /**
   * Aborted when the time of this attempt is over (`attemptMs` of its queue), when its job has gone to another worker,
   * and when the process's shutdown limit is over. Pass it to every call; afterwards no step and no call is made.
   */
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly state: JobState;
}

/**
 * What a queue remembers between jobs, in Redis: small JSON values under short keys, scoped to the queue and the
 * shard of the event. Write it inside a step, so that a retry does not write it twice.
 */
export interface JobState {
  /** null when there is nothing, or it expired. */
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
}

export interface StepContext extends JobContext {
  /**
   * One durable piece of work. Its result (JSON, small, free of personal data) is stored before the next step
   * begins; on a retry a finished step returns the stored result without running.
   *
   * `perform` gets a key that is the same on every attempt, for idempotency keys and markers.
   * `confirm` is asked when an earlier try may have been made and its outcome is unknown: it reads the other side back and returns
   * `{ done: true, result }` or `{ done: false }`. Without it the step is performed again.
   */
  step<T>(name: string, perform: (step: StepCall) => Promise<T>, options?: StepOptions<T>): Promise<T>;
}

export interface StepCall {
  /** Stable over attempts: `<queue>:<job id>:<step>`. */
  readonly key: string;
  readonly signal: AbortSignal;
}

export interface StepOptions<T> {
  readonly confirm?: (step: StepCall) => Promise<Confirmation<T>>;
}

export type Confirmation<T> = { readonly done: true; readonly result: T } | { readonly done: false };
