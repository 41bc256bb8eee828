import { type ChatwootEvent, isNoise } from '@switchyard/chatwoot';
import { wantedByBot } from './bot-events.ts';
import type { GiveUpPolicy } from './retry.ts';

/** The queues there are, and what each needs to know about its work. */
export interface QueueDefinition {
  readonly name: string;
  /** How many lanes one worker process works on at once, unless CONCURRENCY says otherwise. */
  readonly concurrency: number;
  readonly policy: GiveUpPolicy;
  /** How long one attempt may take; then it is cut off and counts as failed. */
  readonly attemptMs: number;
  wants(event: ChatwootEvent): boolean;
  /** Jobs with the same lane are worked on in order, one at a time. */
  lane(event: ChatwootEvent): string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Long past the 10 minutes in which a reply makes sense: what is too late to be answered is handed to humans
 * (apps/bot-replies), and that is worth trying for a day.
 */
const BOT_GIVE_UP_MS = DAY;

const CRM_EVENTS = new Set(['conversation_created', 'contact_updated']);

/** Switchyard's own; a user's come to them with `createCatalogue`. */
export const queues: readonly QueueDefinition[] = [
  {
    name: 'crm-sync',
    concurrency: 10,
    policy: { giveUpAfterMs: 3 * DAY, baseMs: 1_000, capMs: 10 * MINUTE, probeCapMs: 30_000 },
    attemptMs: 5 * MINUTE,
    wants: (event) => CRM_EVENTS.has(event.name) && !isNoise(event),
    // A lead and the later changes of its contact must not overtake each other, so the contact is the lane
    // for both; all of one conversation is of one contact.
    lane: (event) => contactLane(event) ?? conversationLane(event),
  },
  {
    name: 'bot-replies',
    concurrency: 20,
    policy: { giveUpAfterMs: BOT_GIVE_UP_MS, baseMs: 500, capMs: 30_000, probeCapMs: 10_000 },
    attemptMs: MINUTE,
    wants: wantedByBot,
    lane: conversationLane,
  },
  {
    name: 'routing',
    concurrency: 10,
    policy: { giveUpAfterMs: DAY, baseMs: 1_000, capMs: 5 * MINUTE, probeCapMs: 30_000 },
    attemptMs: 5 * MINUTE,
    wants: (event) => event.name === 'conversation_created',
    lane: conversationLane,
  },
  {
    // Entered by the healer alone (handover/order.ts), for what bot-replies left.
    name: 'handover',
    concurrency: 5,
    policy: { giveUpAfterMs: DAY, baseMs: 500, capMs: 30_000, probeCapMs: 10_000 },
    attemptMs: 5 * MINUTE,
    wants: () => false,
    lane: conversationLane,
  },
];

/** @throws {Error} for a name that is no queue's. */
export function queueNamed(name: string): QueueDefinition {
  const found = queues.find((queue) => queue.name === name);
  if (found === undefined)
    throw new Error(`no queue "${name}"; there are: ${queues.map((q) => q.name).join(', ')}`);
  return found;
}

export interface PlannedJob {
  readonly queue: string;
  readonly lane: string;
}

export interface Catalogue {
  readonly queues: readonly QueueDefinition[];
  /** The one table: event → queues, of those that have work to do in this installation. Never throws. */
  plan(event: ChatwootEvent): PlannedJob[];
}

/** A queue could not say whether it wants an event (`events`), or in which lane (`lane`): a user's function threw. */
export interface PlanFault {
  readonly queue: string;
  readonly part: 'events' | 'lane';
  readonly error: unknown;
}

export interface CatalogueSettings {
  /** Queues of the user's own, from `customQueue`. */
  readonly custom?: readonly QueueDefinition[];
  /** Names of the queues that have work to do; all of them by default. */
  readonly enabled?: ReadonlySet<string>;
  readonly onFault?: (fault: PlanFault) => void;
}

/**
 * All queues of an installation. An event of which a queue can't say whether it wants it is planned for it all
 * the same: its worker asks again and lets the job die, where it is seen, and can be redriven once the function is
 * mended. Left out, it would be acknowledged and lost.
 */
export function createCatalogue(settings: CatalogueSettings = {}): Catalogue {
  const { custom = [], enabled, onFault = () => {} } = settings;
  const all = [...queues, ...custom];
  const used = enabled === undefined ? all : all.filter(({ name }) => enabled.has(name));

  function wants(queue: QueueDefinition, event: ChatwootEvent): boolean {
    try {
      return queue.wants(event);
    } catch (error) {
      onFault({ queue: queue.name, part: 'events', error });
      return true;
    }
  }
  function laneIn(queue: QueueDefinition, event: ChatwootEvent): string {
    try {
      return queue.lane(event);
    } catch (error) {
      onFault({ queue: queue.name, part: 'lane', error });
      return conversationLane(event);
    }
  }
  return {
    queues: all,
    plan: (event) =>
      used
        .filter((queue) => wants(queue, event))
        .map((queue) => ({ queue: queue.name, lane: laneIn(queue, event) })),
  };
}

export function conversationLane(event: ChatwootEvent): string {
  if (event.conversation !== null) return `v${event.account ?? 0}-${event.conversation.id}`;
  return contactLane(event) ?? `d${event.delivery.id}`;
}

export function contactLane(event: ChatwootEvent): string | null {
  return event.contact?.id == null ? null : `c${event.account ?? 0}-${event.contact.id}`;
}
