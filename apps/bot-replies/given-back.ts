import type { ChatwootEvent } from '@switchyard/chatwoot';

/** Whether the event itself says that the conversation begins anew; null when it does not. */
export function givenBackBy({ name, conversation }: ChatwootEvent): 'resolved' | 'pending' | null {
  if (name === 'conversation_resolved') return 'resolved';
  const status = conversation?.status ?? null;
  return status === 'resolved' || status === 'pending' ? status : null;
}
