import { type ChatwootEvent, isNoise } from '@switchyard/chatwoot';
import type { GiveUpPolicy } from './retry.ts';

/** The queues there are, and what each needs to know about its work. */
export interface QueueDefinition {
  readonly name: string;
  /** How many lanes one worker process works on at once, unless CONCURRENCY says otherwise. */
  readonly concurrency: number;
  readonly policy: GiveUpPolicy;
  wants(event: ChatwootEvent): boolean;
  /** Jobs with the same lane are worked on in order, one at a time. */
  lane(event: ChatwootEvent): string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const CRM_EVENTS = new Set(['conversation_created', 'contact_updated']);
const BOT_EVENTS = new Set(['message_created', 'conversation_status_changed', 'conversation_resolved']);

export const queues: readonly QueueDefinition[] = [
  {
    name: 'crm-sync',
    concurrency: 10,
    policy: { giveUpAfterMs: 3 * DAY, baseMs: 1_000, capMs: 10 * MINUTE, probeCapMs: 30_000 },
    wants: (event) => CRM_EVENTS.has(event.name) && !isNoise(event),
    // A lead and the later changes of its contact must not overtake each other, so the contact is the lane
    // for both; all of one conversation is of one contact.
    lane: (event) => contactLane(event) ?? conversationLane(event),
  },
  {
    name: 'bot-replies',
    concurrency: 20,
    policy: { giveUpAfterMs: 10 * MINUTE, baseMs: 500, capMs: 30_000, probeCapMs: 10_000 },
    wants: (event) => BOT_EVENTS.has(event.name) && event.conversation !== null,
    lane: conversationLane,
  },
  {
    name: 'routing',
    concurrency: 10,
    policy: { giveUpAfterMs: DAY, baseMs: 1_000, capMs: 5 * MINUTE, probeCapMs: 30_000 },
    wants: (event) => event.name === 'conversation_created',
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

/** The one table: event → queues. `enabled` names the queues that have work to do in this installation. */
export function plan(event: ChatwootEvent, enabled: ReadonlySet<string>): PlannedJob[] {
  return queues
    .filter((queue) => enabled.has(queue.name) && queue.wants(event))
    .map((queue) => ({ queue: queue.name, lane: queue.lane(event) }));
}

function conversationLane(event: ChatwootEvent): string {
  if (event.conversation !== null) return `v${event.account ?? 0}-${event.conversation.id}`;
  return contactLane(event) ?? `d${event.delivery.id}`;
}

function contactLane(event: ChatwootEvent): string | null {
  return event.contact?.id == null ? null : `c${event.account ?? 0}-${event.contact.id}`;
}
