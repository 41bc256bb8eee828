import type { ConversationRow, InboxRow } from '../records.ts';
import type { Store } from '../store.ts';

/** Takes the conversation and its messages away; no webhook tells of it (contract [R] 11). */
export function forgetConversation(store: Store, conversation: ConversationRow): void {
  store.conversations.delete(conversation.id);
  store.messages.delete(conversation.id);
}

export function forgetInbox(store: Store, inbox: InboxRow): void {
  for (const conversation of [...store.conversations.values()]) {
    if (conversation.inbox_id === inbox.id) forgetConversation(store, conversation);
  }
  for (const each of [...store.contactInboxes.values()]) {
    if (each.inbox_id === inbox.id) store.contactInboxes.delete(each.id);
  }
  store.inboxes.delete(inbox.id);
}
