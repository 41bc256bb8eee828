import {
  type ChatwootEvent,
  type ConversationStatus,
  isContactMessage,
  type Message,
} from '@switchyard/chatwoot';
import type { BotFacts } from './facts.ts';
import { isHandedOver, isHumans } from './memory.ts';
import { isAnotherBots, isBotsInbox } from './turn.ts';

/** Why the bot says nothing: bounded labels for logs and metrics. */
export type Silence =
  | 'other-event'
  | 'no-conversation'
  | MessageSilence
  | ConversationSilence
  | 'already-answered'
  | 'already-told'
  | 'bot-off'
  | 'no-text'
  | 'no-rule'
  | 'not-given-back'
  | 'nothing-remembered'
  | 'nothing-new';

type MessageSilence =
  | 'own-message'
  | 'private-note'
  | 'template'
  | 'from-bot'
  | 'automation'
  | 'not-incoming'
  | 'not-from-contact'
  | 'deleted'
  | 'blocked-contact';

type ConversationSilence =
  | 'conversation-gone'
  | 'resolved'
  | 'snoozed'
  | PersonSilence
  | 'handed-off'
  | 'other-bot'
  | 'not-pending';

/** A person has it. */
export type PersonSilence = 'human-took-over' | 'human-began' | 'human-assigned' | 'human-set-status';

/** Why a message is not one to answer, whatever its conversation; null when it is. The first reason counts. */
export function silentAboutMessage(
  message: Message,
  contact: ChatwootEvent['contact'],
): MessageSilence | null {
  if (message.marker !== null) return 'own-message';
  if (message.private) return 'private-note';
  if (message.type === 'template') return 'template';
  if (message.sender?.kind === 'agent_bot' || message.sender?.kind === 'captain_assistant') return 'from-bot';
  if (message.automated) return 'automation';
  if (message.type !== 'incoming') return 'not-incoming';
  if (!isContactMessage(message)) return 'not-from-contact';
  if (message.deleted) return 'deleted';
  return contact?.blocked === true ? 'blocked-contact' : null;
}

/** Whether people see it by its status, or are through with it: a handover need not open it. */
export function isPeoples(status: ConversationStatus | null): boolean {
  return status !== null && status !== 'pending';
}

/** A picture, a voice message, a sticker or nothing at all: no rule can answer it. */
export function hasText({ content }: Message): boolean {
  return (content?.trim() ?? '') !== '';
}

/**
 * Why the bot keeps out of a conversation; null when it may answer. Chatwoot sends events whoever works on the
 * conversation (contract §4), so keeping out is up to us.
 */
export function silentInConversation(event: ChatwootEvent, facts: BotFacts): ConversationSilence | null {
  const { conversation, memory } = facts;
  if (conversation === null) return 'conversation-gone';
  const { status } = conversation;
  if (status === 'resolved' || status === 'snoozed') return status;
  const person = personHasIt(facts);
  if (person !== null) return person;
  if (isAnotherBots(event, facts)) return 'other-bot';
  const ofBot = isBotsInbox(event, facts);
  // What we opened and finds itself pending was given back, though we have not heard of it.
  if (isHandedOver(memory) && !(ofBot && status === 'pending')) return 'handed-off';
  return ofBot && status !== 'pending' ? 'not-pending' : null;
}

const OF_A_HAND = {
  replied: 'human-took-over',
  began: 'human-began',
  assigned: 'human-assigned',
  status: 'human-set-status',
} as const;

/** Whether, and by what, a person of the team has taken the conversation. */
export function personHasIt({ hand, memory }: BotFacts): PersonSilence | null {
  if (isHumans(memory)) return 'human-took-over';
  return hand.kind === 'person' ? OF_A_HAND[hand.how] : null;
}
