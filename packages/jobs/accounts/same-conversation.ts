import type { ChatwootEvent, ConversationState } from '@switchyard/chatwoot';

/**
 * Whether what the API has under an event's conversation id, in some account, is surely that conversation. Display
 * ids repeat in every account; ids of inboxes and contacts are of the whole installation. Pure.
 *
 * All that the event tells must be equal, and it must tell the inbox, and the contact or the time of creation.
 */
export function isSameConversation(event: ChatwootEvent, read: ConversationState): boolean {
  const inbox = event.inbox?.id ?? null;
  const contact = event.contact?.id ?? null;
  const createdAt = seconds(event.conversation?.createdAt ?? null);
  if (inbox === null || (contact === null && createdAt === null)) return false;
  if (inbox !== read.inboxId) return false;
  if (contact !== null && contact !== read.contact?.id) return false;
  return createdAt === null || createdAt === seconds(read.createdAt);
}

/** A webhook and the API round one instant differently below the second. */
function seconds(ms: number | null): number | null {
  return ms === null ? null : Math.floor(ms / 1000);
}
