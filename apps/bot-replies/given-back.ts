import type { ChatwootEvent, ConversationStatus } from '@switchyard/chatwoot';

/** Whether the event itself says that the conversation begins anew; null when it does not. */
export function givenBackBy({ name, conversation }: ChatwootEvent): 'resolved' | 'pending' | null {
  if (name === 'conversation_resolved') return 'resolved';
  const status = conversation?.status ?? null;
  return isGivenBack(status) ? status : null;
}

/** Whether a status that was changed to gives the conversation back to the bot. */
export function isGivenBack(status: ConversationStatus | null): status is 'resolved' | 'pending' {
  return status === 'resolved' || status === 'pending';
}
