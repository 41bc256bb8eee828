import { createBotErrorActivity } from './activities/activities.ts';
import { updateConversation } from './conversations.ts';
import type { DomainEvent } from './events.ts';
import type { ConversationRow } from './records.ts';
import { row } from './store.ts';
import { system, type World } from './world.ts';

/** When a bot's failure last opened each conversation, on the fake's clock. */
const openings = new WeakMap<ConversationRow, number>();

/**
 * What to do when a bot has failed on this event for good: on a message, it loses its pending conversation to the
 * humans (contract §1.4), once or for each such event (`Habits.botFailureOpens`).
 */
export function botFailure(world: World, event: DomainEvent): () => void {
  if (event.name !== 'message_created' && event.name !== 'message_updated') return () => undefined;
  const { store, habits, now } = world;
  const conversation = row(store.conversations, event.message.conversation_id);
  const [told, wasPending] = [now(), conversation.status === 'pending'];
  return () => {
    if (store.account.keep_pending_on_bot_failure) return;
    const openedMeanwhile = conversation.status === 'open' && (openings.get(conversation) ?? 0) > told;
    if (habits.botFailureOpens === 'per-event' && wasPending && openedMeanwhile) {
      // This job read the conversation before the other one saved it, and saves it over that.
      conversation.status = 'pending';
    }
    if (conversation.status !== 'pending') return;
    updateConversation(world, conversation, { status: 'open' }, system);
    createBotErrorActivity(world, conversation);
    openings.set(conversation, now());
  };
}
