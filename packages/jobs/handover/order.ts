import { blankContact, blankConversation, blankMessage, type ChatwootEvent } from '@switchyard/chatwoot';
import { conversationLane } from '../catalogue.ts';
import type { PlannedDelivery } from '../enqueue.ts';

/**
 * Why a conversation is to be handed over: the bot's job has not ended in time, is dead, or the bot was turned off.
 * Bounded labels.
 */
export type HandoverCause = 'overdue' | 'dead' | 'bot-off';

const HANDOVER_CAUSES: readonly HandoverCause[] = ['overdue', 'dead', 'bot-off'];

/** Hand this conversation over to people, unless somebody has it by then. Names no customer and holds no text. */
export interface HandoverOrder {
  readonly cause: HandoverCause;
  readonly account: number;
  readonly conversation: number;
  readonly inbox: number | null;
  readonly contact: number | null;
  /** The message that the bot owes an answer to; null where it is the conversation as a whole. */
  readonly message: number | null;
  /** The message is an answer of the bot's that did not reach the customer. */
  readonly undelivered?: true;
  /** The bot's job; null where there is none. */
  readonly job: string | null;
  /** Tells two orders for a conversation apart where no message does; bounded, such as an instant. */
  readonly occasion?: string;
}

const QUEUE = 'handover';
/** No source of an installation can have it: their names have no colon. */
const SOURCE = 'healer';
const NAMES = HANDOVER_CAUSES.map((cause) => [`handover.${cause}`, cause] as const);

/**
 * The order as a delivery of its own, for the same atomic enqueue that webhooks go through. Its id derives from what
 * is handed over, so the same one, found again or by two healers, is entered once. Its contact is the event's, so it
 * lies in the shard of the conversation's other jobs.
 */
export function handoverDelivery(order: HandoverOrder, now: number): PlannedDelivery {
  const event = eventOf(order, now);
  return {
    event,
    jobs: [{ queue: QUEUE, lane: conversationLane(event) }],
    semanticKey: null,
    replayKey: null,
  };
}

/** What `handoverDelivery` entered; null for an event that is no order. */
export function readHandover(event: ChatwootEvent): HandoverOrder | null {
  const cause = NAMES.find(([name]) => name === event.name)?.[1];
  const { account, conversation, inbox, contact, message } = event;
  if (cause === undefined || account === null || conversation === null) return null;
  const job = event.changes?.job?.to;
  return {
    cause,
    account,
    conversation: conversation.id,
    inbox: inbox?.id ?? null,
    contact: contact?.id ?? null,
    message: message?.id ?? null,
    ...(message?.type === 'outgoing' ? { undelivered: true } : {}),
    job: typeof job === 'string' ? job : null,
  };
}

/** What is left out is read as it is when the order is carried out. */
function eventOf(order: HandoverOrder, now: number): ChatwootEvent {
  const { cause, account, conversation, inbox, contact, message, undelivered, job, occasion } = order;
  const what = message ?? occasion ?? cause;
  return {
    name: `handover.${cause}`,
    delivery: {
      id: `handover-${account}-${conversation}-${what}`,
      source: SOURCE,
      kind: 'account',
      receivedAt: now,
    },
    account,
    inbox: inbox === null ? null : { id: inbox, name: null },
    conversation: { ...blankConversation, id: conversation },
    contact: contact === null ? null : { ...blankContact, id: contact },
    message:
      message === null
        ? null
        : { ...blankMessage, id: message, type: undelivered === true ? 'outgoing' : 'incoming' },
    actor: null,
    changes: { job: { from: null, to: job } },
  };
}
