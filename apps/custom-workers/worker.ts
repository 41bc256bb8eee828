import { CallFailure, type ChatwootClient, type ChatwootEvent } from '@switchyard/chatwoot';
import type { CustomWorkerConfig } from '@switchyard/config';
import {
  customQueue,
  type DecisionSummary,
  type JobContext,
  type Sender,
  type WorkerDefinition,
} from '@switchyard/jobs';
import { createCustomSend } from './call.ts';

export interface CustomWorkerParts {
  /** Of its queue, and of the target in metrics. */
  readonly name: string;
  readonly worker: CustomWorkerConfig;
  /** null where the environment does not say where Chatwoot is, or with which token. */
  readonly chatwoot: ChatwootClient | null;
  readonly sender: Sender;
}

interface CustomFacts {
  readonly wanted: boolean;
  readonly own: unknown;
}

const NOT_WANTED = { action: 'skip', reason: 'not-wanted' } as const;

/** A worker of the config file as one that `runWorker` runs. */
export function createCustomWorker(parts: CustomWorkerParts): WorkerDefinition<CustomFacts, DecisionSummary> {
  const { name, worker } = parts;
  const { facts, decide, steps } = handlersOf(worker);
  return {
    queue: name,
    needsAccount: false,
    async facts(event, context) {
      if (!isWanted(name, worker, event)) return { wanted: false, own: null };
      return { wanted: true, own: facts === null ? null : await facts(event, withClients(parts, context)) };
    },
    decide(event, { wanted, own }) {
      if (!wanted) return NOT_WANTED;
      if (decide === null) return { action: 'run', reason: event.name };
      return checkDecision(name, decide(event, own));
    },
    async steps(event, decision, context) {
      if (decision !== NOT_WANTED) await steps(event, decision, withClients(parts, context));
    },
  };
}

/** The ingress plans an event for which a user's function threw; here is where that is seen (see createCatalogue). */
function isWanted(name: string, worker: CustomWorkerConfig, event: ChatwootEvent): boolean {
  if (typeof worker.events !== 'function') return true;
  try {
    return customQueue(name, worker).wants(event);
  } catch (error) {
    throw failureOf(name, 'WORKER_EVENTS_FAILED', `events: ${messageOf(error)}`, error);
  }
}

/** It becomes metric labels, so it has to be words and not data. */
function checkDecision(name: string, decision: unknown): DecisionSummary {
  if (isSummary(decision)) return decision;
  throw failureOf(
    name,
    'WORKER_DECISION_INVALID',
    'decide: returned no { action, reason } of letters, digits and -_:. (at most 60 each)',
  );
}

function isSummary(value: unknown): value is DecisionSummary {
  if (typeof value !== 'object' || value === null) return false;
  return isLabel(Reflect.get(value, 'action')) && isLabel(Reflect.get(value, 'reason'));
}

function isLabel(value: unknown): boolean {
  return typeof value === 'string' && /^[\w:.-]{1,60}$/.test(value);
}

function withClients<Context extends JobContext>(
  { name, chatwoot, sender }: CustomWorkerParts,
  context: Context,
) {
  return {
    ...context,
    send: createCustomSend(name, sender, context.signal),
    get chatwoot(): ChatwootClient {
      if (chatwoot !== null) return chatwoot;
      throw failureOf(
        name,
        'CHATWOOT_NOT_CONFIGURED',
        'context.chatwoot needs CHATWOOT_BASE_URL and CHATWOOT_API_TOKEN',
      );
    },
  };
}

/** The config file's functions, called with what `defineWorker` promises them. */
function handlersOf({ facts, decide, steps }: CustomWorkerConfig) {
  if (!isHandler(steps)) throw new TypeError('steps is a function');
  return { facts: isHandler(facts) ? facts : null, decide: isHandler(decide) ? decide : null, steps };
}

function isHandler(value: unknown): value is (...given: readonly unknown[]) => unknown {
  return typeof value === 'function';
}

function failureOf(name: string, code: string, what: string, cause?: unknown): CallFailure {
  return new CallFailure('permanent', `workers.${name}: ${what}`, { code, target: name, cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'threw something that is no Error';
}
