import type { ChatwootClient, ChatwootEvent, HttpRequest, HttpResponse } from '@switchyard/chatwoot';
import type { CustomWorkerEvent } from '@switchyard/config';
import type { DecisionSummary, JobContext, StepContext } from './define.ts';

/**
 * A worker of the user's own, as it stands in the config file under `workers.<name of its queue>`. It runs on the
 * same engine as Switchyard's: order within a lane, steps that are done once, retries by the class of the error.
 */
export interface CustomWorker<Facts = null, Decision extends DecisionSummary = DecisionSummary> {
  /**
   * The events it works on: their names, or a function. The function runs in the ingress for every delivery, so it
   * has to be quick, pure and synchronous; where it throws, the worker asks it again and the job dies.
   */
  readonly events: readonly CustomWorkerEvent[] | ((event: ChatwootEvent) => boolean);
  /** What is worked on in order, one at a time. `conversation` by default; a function gives any short text. */
  readonly lane?: 'conversation' | 'contact' | ((event: ChatwootEvent) => string);
  /** Jobs that one process works on at a time; 10 by default. */
  readonly concurrency?: number;
  /** How long a job is worth trying; 24 by default. */
  readonly giveUpAfterHours?: number;
  /** How long one attempt may take, all of it; then it is cut off and counts as failed. 300 by default. */
  readonly attemptSeconds?: number;
  /** Limit of one call of `context.send`; 10 000 by default. */
  readonly timeoutMs?: number;
  /** Reads only; runs again on every attempt. */
  facts?(event: ChatwootEvent, context: CustomJobContext): Facts | Promise<Facts>;
  /** Pure. Without it the steps are always taken, with `{ action: 'run', reason: <name of the event> }`. */
  decide?(event: ChatwootEvent, facts: Facts): Decision;
  /** Writes, each inside `context.step`. */
  steps(event: ChatwootEvent, decision: Decision, context: CustomStepContext): void | Promise<void>;
}

interface Clients {
  /**
   * Chatwoot's API, with the tokens of the environment. Every method takes the account first.
   *
   * @throws {CallFailure} on first use, `permanent`, where CHATWOOT_BASE_URL or both tokens are missing.
   */
  readonly chatwoot: ChatwootClient;
  readonly send: CustomSend;
}

export type CustomJobContext = JobContext & Clients;
export type CustomStepContext = StepContext & Clients;

export interface CustomCall {
  /** POST by default where there is something to send, else GET. */
  readonly method?: HttpRequest['method'];
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, where `json` does not do. */
  readonly body?: string;
  /** Statuses other than 2xx that are an answer and no failure, such as 404 for a lookup. */
  readonly accept?: readonly number[];
  /** What is done, for metrics: a few fixed words. `call` by default. */
  readonly operation?: string;
  /** On top of the job's own, which every call stops with. */
  readonly signal?: AbortSignal;
}

/**
 * One HTTP call, kept within the worker's `timeoutMs`, counted and logged as a call to the queue's name. Redirects
 * are not followed.
 *
 * @throws {CallFailure} for an answer other than 2xx and for none, with the class that decides what happens next:
 * 429 waits as told, a target that is away holds the queue, what may have been carried out is confirmed first.
 */
export type CustomSend = (call: CustomCall) => Promise<HttpResponse>;

/** Gives a worker in the config file its types; returns what it is given. */
export function defineWorker<Facts = null, Decision extends DecisionSummary = DecisionSummary>(
  worker: CustomWorker<Facts, Decision>,
): CustomWorker<Facts, Decision> {
  return worker;
}
