import type { ChatwootEvent } from '@switchyard/chatwoot';
import type { CustomWorkerConfig } from '@switchyard/config';
import { contactLane, conversationLane, type QueueDefinition } from './catalogue.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LONGEST_LANE = 200;
const ATTEMPT_SECONDS = 300;

/** The queue of a worker from the config file. Its `wants` and `lane` throw what the user's functions throw. */
export function customQueue(name: string, worker: CustomWorkerConfig): QueueDefinition {
  return {
    name,
    concurrency: worker.concurrency,
    policy: {
      giveUpAfterMs: worker.giveUpAfterHours * HOUR,
      baseMs: 1_000,
      capMs: 5 * MINUTE,
      probeCapMs: 30_000,
    },
    attemptMs: (worker.attemptSeconds ?? ATTEMPT_SECONDS) * 1_000,
    wants: wantsOf(worker.events),
    lane: laneOf(worker.lane),
  };
}

function wantsOf(events: CustomWorkerConfig['events']): (event: ChatwootEvent) => boolean {
  if (Array.isArray(events)) {
    const names = new Set<string>(events);
    return (event) => names.has(event.name);
  }
  return (event) => {
    const answer = callUser(events, event);
    if (typeof answer === 'boolean') return answer;
    throw new TypeError('the function returned something that is neither true nor false');
  };
}

function laneOf(lane: CustomWorkerConfig['lane']): (event: ChatwootEvent) => string {
  if (lane === 'conversation') return conversationLane;
  if (lane === 'contact') return (event) => contactLane(event) ?? conversationLane(event);
  return (event) => {
    const answer = callUser(lane, event);
    if (typeof answer !== 'string' || answer === '' || answer.length > LONGEST_LANE) {
      throw new TypeError(`the function returned no text of 1 to ${LONGEST_LANE} characters`);
    }
    // Fairness between accounts reads the account off the lane (lanes-lua.ts).
    return `u${event.account ?? 0}-${answer}`;
  };
}

/** The event goes on to other queues, so what would change it throws instead. */
function callUser(ask: unknown, event: ChatwootEvent): unknown {
  if (!isUserFunction(ask)) throw new TypeError('it is no function');
  const answer = ask(frozen(event));
  // A promise is no answer; one that rejects must not end the process.
  if (answer instanceof Promise) answer.catch(() => {});
  return answer;
}

function isUserFunction(value: unknown): value is (event: ChatwootEvent) => unknown {
  return typeof value === 'function';
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}
