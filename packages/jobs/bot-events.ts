import type { ChatwootEvent } from '@switchyard/chatwoot';

const ALWAYS = new Set([
  'message_created',
  'conversation_created',
  'conversation_status_changed',
  'conversation_resolved',
]);

/** What of a conversation tells whose turn it is. */
const HANDS = ['assignee_id', 'team_id', 'status'];

/**
 * Whether bot-replies has work to do with an event. Updates are many and most say nothing to a bot: of those of a
 * conversation it wants the ones that tell who has it now, of those of a message that its own was not delivered.
 */
export function wantedByBot(event: ChatwootEvent): boolean {
  const { name, conversation, changes } = event;
  if (conversation === null) return false;
  if (name === 'conversation_updated') return HANDS.some((attribute) => changes?.[attribute] !== undefined);
  if (name === 'message_updated') return isUndeliveredReply(event);
  return ALWAYS.has(name);
}

/**
 * Whether it says that an answer of the bot did not reach the customer. A marker is `<queue>:<job>:<step>` (define.ts);
 * the queue of handovers writes to people alone.
 */
export function isUndeliveredReply({ message }: ChatwootEvent): boolean {
  if (message === null || message.undelivered === undefined || message.private) return false;
  return message.marker?.startsWith('bot-replies:') === true;
}
