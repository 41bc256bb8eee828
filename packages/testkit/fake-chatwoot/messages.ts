import { appendMessage } from './activities/activities.ts';
import { refuseIfTold } from './channel-refusals.ts';
import { updateConversation } from './conversations.ts';
import { isOutOfOffice } from './inboxes/working-hours.ts';
import { renderLiquid } from './liquid.ts';
import type { Attributes, ConversationRow, MessageRow, MessageType, SenderRef } from './records.ts';
import { activeBot, messagesOf, row, userById } from './store.ts';
import { change, system, type World } from './world.ts';

interface NewMessage {
  readonly content: string | null;
  readonly type: MessageType;
  readonly sender: SenderRef | null;
  readonly private?: boolean;
  readonly contentType?: string;
  readonly contentAttributes?: Attributes;
  readonly additionalAttributes?: Attributes;
  readonly sourceId?: string | null;
}

/** Writes a message with all that follows from it in Chatwoot: reopening, waiting times, the storms of §1.6. */
export function createMessage(world: World, conversation: ConversationRow, given: NewMessage): MessageRow {
  const { store } = world;
  const now = world.now();
  const message: MessageRow = {
    id: store.nextId('message'),
    conversation_id: conversation.id,
    inbox_id: conversation.inbox_id,
    content: rendered(world, conversation, given),
    message_type: given.type,
    private: given.private ?? false,
    status: 'sent',
    source_id: given.sourceId ?? null,
    content_type: given.contentType ?? 'text',
    content_attributes: given.contentAttributes ?? {},
    additional_attributes: given.additionalAttributes ?? {},
    sender: given.sender,
    created_at: now,
    updated_at: now,
  };
  appendMessage(store, message);
  if (given.type === 'incoming') reopen(world, conversation);
  conversation.last_activity_at = now;
  conversation.updated_at = world.now();
  world.emit({ name: 'message_created', message });
  countWaiting(world, conversation, message);
  if (given.type === 'outgoing' && !message.private && world.habits.deliveryReceipts) {
    for (const status of ['delivered', 'read'] as const) updateMessage(world, message, { status });
  }
  if (given.type === 'outgoing' && !message.private) refuseIfTold(world, conversation, message);
  if (given.type === 'incoming') {
    greet(world, conversation);
    sayClosed(world, conversation);
    touchContact(world, conversation, now);
  }
  return message;
}

/** False, and no event, when nothing changed. */
export function updateMessage(world: World, message: MessageRow, patch: Partial<MessageRow>): boolean {
  if (change(message, patch, world.now) === null) return false;
  world.emit({ name: 'message_updated', message });
  return true;
}

export function deleteMessage(world: World, message: MessageRow): void {
  updateMessage(world, message, {
    content: 'This message was deleted',
    content_attributes: { deleted: true },
  });
}

function rendered(world: World, conversation: ConversationRow, given: NewMessage): string | null {
  const { store } = world;
  const isTemplate = given.type === 'outgoing' || given.type === 'template';
  if (given.content === null || !isTemplate) return given.content;
  return renderLiquid(given.content, {
    contact: row(store.contacts, conversation.contact_id),
    conversation,
    inbox: row(store.inboxes, conversation.inbox_id),
    agent: given.sender?.type === 'User' ? userById(store, given.sender.id) : null,
  });
}

/** A contact who writes wakes the conversation: to the bot if there is one, else to the humans (contract §4). */
function reopen(world: World, conversation: ConversationRow): void {
  if (conversation.status !== 'resolved' && conversation.status !== 'snoozed') return;
  const bot = activeBot(world.store, row(world.store.inboxes, conversation.inbox_id));
  const status = conversation.status === 'resolved' && bot !== null ? 'pending' : 'open';
  updateConversation(world, conversation, { status }, system);
}

function countWaiting(world: World, conversation: ConversationRow, message: MessageRow): void {
  if (message.message_type === 'incoming') {
    if (conversation.waiting_since !== null) return;
    updateConversation(world, conversation, { waiting_since: message.created_at }, system);
    return;
  }
  const answers =
    message.message_type === 'outgoing' &&
    !message.private &&
    message.sender !== null &&
    message.content_attributes.automation_rule_id === undefined;
  if (!answers) return;
  const first = message.sender?.type === 'User' && conversation.first_reply_created_at === null;
  updateConversation(
    world,
    conversation,
    { waiting_since: null, ...(first ? { first_reply_created_at: message.created_at } : {}) },
    system,
  );
}

/** The inbox's greeting, after the first message of a conversation. */
function greet(world: World, conversation: ConversationRow): void {
  const inbox = row(world.store.inboxes, conversation.inbox_id);
  if (!inbox.greeting_enabled || inbox.greeting_message === null) return;
  if (messagesOf(world.store, conversation).filter((each) => each.message_type !== 'activity').length > 1)
    return;
  createMessage(world, conversation, { content: inbox.greeting_message, type: 'template', sender: null });
}

/** Outside of its hours the inbox itself answers, at once (contract [R] 12). */
function sayClosed(world: World, conversation: ConversationRow): void {
  const inbox = row(world.store.inboxes, conversation.inbox_id);
  if (inbox.out_of_office_message === null || !isOutOfOffice(inbox, world.now())) return;
  createMessage(world, conversation, {
    content: inbox.out_of_office_message,
    type: 'template',
    sender: null,
  });
}

function touchContact(world: World, conversation: ConversationRow, now: number): void {
  const contact = row(world.store.contacts, conversation.contact_id);
  const changes = change(contact, { last_activity_at: now }, world.now);
  if (changes !== null) world.emit({ name: 'contact_updated', contact, changes });
}
