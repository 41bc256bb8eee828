import { type ChatwootEvent, isContactMessage, type Message } from '@switchyard/chatwoot';
import type { BotFacts } from './facts.ts';

/** Why the bot says nothing: bounded labels for logs and metrics. */
export type Silence =
  | 'other-event'
  | 'no-conversation'
  | MessageSilence
  | ConversationSilence
  | 'already-answered'
  | 'no-rule'
  | 'not-given-back'
  | 'nothing-remembered';

type MessageSilence =
  | 'own-message'
  | 'private-note'
  | 'template'
  | 'from-bot'
  | 'automation'
  | 'not-incoming'
  | 'not-from-contact'
  | 'deleted'
  | 'blocked-contact'
  | 'no-text';

type ConversationSilence =
  | 'conversation-gone'
  | 'resolved'
  | 'snoozed'
  | 'human-assigned'
  | 'human-took-over'
  | 'handed-off'
  | 'other-bot'
  | 'not-pending';

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
  if (contact?.blocked === true) return 'blocked-contact';
  return (message.content?.trim() ?? '') === '' ? 'no-text' : null;
}

/**
 * Why the bot keeps out of a conversation; null when it may answer. Chatwoot sends events whoever works on the
 * conversation (contract §4), so keeping out is up to us.
 */
export function silentInConversation(event: ChatwootEvent, facts: BotFacts): ConversationSilence | null {
  const { conversation, memory } = facts;
  if (conversation === null) return 'conversation-gone';
  const { status, assignee } = conversation;
  if (status === 'resolved' || status === 'snoozed') return status;
  if (assignee?.kind === 'user') return 'human-assigned';
  if (memory.human !== null || facts.humanReplied) return 'human-took-over';
  if (memory.handoff?.done === true) return 'handed-off';
  if (assignee?.kind === 'captain_assistant') return 'other-bot';
  // A bot's inbox: `pending` is the bot's turn, `open` the humans'. Elsewhere an open conversation that nobody has
  // taken is ours to answer too.
  const ofBot = event.delivery.kind === 'agent-bot' || assignee?.kind === 'agent_bot';
  return ofBot && status !== 'pending' ? 'not-pending' : null;
}
