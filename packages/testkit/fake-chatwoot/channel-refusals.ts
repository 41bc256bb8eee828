import { updateMessage } from './messages.ts';
import type { ConversationRow, MessageRow } from './records.ts';
import { messagesOf, row, type Store } from './store.ts';
import type { World } from './world.ts';

/** Whether the channel still takes an answer: WhatsApp does for a day after the customer wrote (contract §2.2). */
export function canReply(store: Store, conversation: ConversationRow): boolean {
  const window = row(store.inboxes, conversation.inbox_id).reply_window_ms;
  if (window === null) return true;
  const last = messagesOf(store, conversation).findLast((each) => each.message_type === 'incoming');
  return last !== undefined && last.created_at > Date.now() - window;
}

/** A channel refuses after Chatwoot has taken the message: a moment later it is a failed one (contract §1.6). */
export function refuseIfTold(world: World, conversation: ConversationRow, message: MessageRow): void {
  const inbox = row(world.store.inboxes, conversation.inbox_id);
  const error = canReply(world.store, conversation) ? taken(inbox.refusal) : '131047: Re-engagement message';
  if (error === null) return;
  world.later(0, () => {
    const content_attributes = { ...message.content_attributes, external_error: error };
    updateMessage(world, message, { status: 'failed', content_attributes });
  });
}

function taken(refusal: { readonly error: string; left: number } | null): string | null {
  if (refusal === null || refusal.left <= 0) return null;
  refusal.left -= 1;
  return refusal.error;
}
