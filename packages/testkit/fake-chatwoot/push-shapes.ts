import { canReply } from './channel-refusals.ts';
import { floatSeconds, iso, seconds } from './clock.ts';
import {
  type Attributes,
  type BotRow,
  type ContactRow,
  type ConversationRow,
  type MessageRow,
  messageTypes,
  type SenderRef,
  type UserRow,
} from './records.ts';
import { messagesOf, row, type Store, unreadCount, userById } from './store.ts';

/** `push_event_data`: the form rows take inside webhooks and, in places, inside REST answers (contract §2.2). */

function pushContact(contact: ContactRow): Attributes {
  return {
    additional_attributes: contact.additional_attributes,
    custom_attributes: contact.custom_attributes,
    email: contact.email,
    id: contact.id,
    identifier: contact.identifier,
    name: contact.name,
    phone_number: contact.phone_number,
    thumbnail: '',
    blocked: contact.blocked,
    type: 'contact',
  };
}

function pushUser(user: UserRow): Attributes {
  return {
    id: user.id,
    name: user.name,
    available_name: user.available_name,
    avatar_url: '',
    type: 'user',
    availability_status: user.availability_status,
    thumbnail: '',
  };
}

function pushBot(bot: BotRow): Attributes {
  return { id: bot.id, name: bot.name, avatar_url: '', type: 'agent_bot' };
}

export function pushSender(store: Store, sender: SenderRef): Attributes {
  if (sender.type === 'Contact') return pushContact(row(store.contacts, sender.id));
  if (sender.type === 'AgentBot') return pushBot(row(store.bots, sender.id));
  const user = userById(store, sender.id);
  if (user === null) throw new Error(`no user ${sender.id}`);
  return pushUser(user);
}

/** One entry of a conversation's `messages`. */
export function pushMessage(store: Store, message: MessageRow): Attributes {
  const conversation = row(store.conversations, message.conversation_id);
  return {
    id: message.id,
    content: message.content,
    account_id: store.account.id,
    inbox_id: message.inbox_id,
    conversation_id: message.conversation_id,
    message_type: messageTypes.indexOf(message.message_type),
    created_at: seconds(message.created_at),
    updated_at: iso(message.updated_at),
    private: message.private,
    status: message.status,
    source_id: message.source_id,
    content_type: message.content_type,
    content_attributes: message.content_attributes,
    sender_type: message.sender?.type ?? null,
    sender_id: message.sender?.id ?? null,
    external_source_ids: {},
    additional_attributes: message.additional_attributes,
    processed_message_content: message.content,
    sentiment: {},
    conversation: {
      assignee_id: conversation.assignee_id,
      unread_count: unreadCount(store, conversation),
      last_activity_at: seconds(conversation.last_activity_at),
      contact_inbox: { source_id: row(store.contactInboxes, conversation.contact_inbox_id).source_id },
    },
    ...(message.sender === null ? {} : { sender: pushSender(store, message.sender) }),
  };
}

/** The conversation as webhooks carry it, on top or nested (contract §2.2). */
export function pushConversation(store: Store, conversation: ConversationRow): Attributes {
  const contactInbox = row(store.contactInboxes, conversation.contact_inbox_id);
  const latest = messagesOf(store, conversation).findLast(
    (message) => !message.private && message.message_type !== 'activity',
  );
  return {
    additional_attributes: conversation.additional_attributes,
    can_reply: canReply(store, conversation),
    channel: row(store.inboxes, conversation.inbox_id).channel_type,
    contact_inbox: {
      ...contactInbox,
      created_at: iso(contactInbox.created_at),
      updated_at: iso(contactInbox.updated_at),
    },
    id: conversation.id,
    inbox_id: conversation.inbox_id,
    messages: latest === undefined ? [] : [pushMessage(store, latest)],
    labels: conversation.label_list,
    meta: pushMeta(store, conversation),
    status: conversation.status,
    custom_attributes: conversation.custom_attributes,
    snoozed_until: iso(conversation.snoozed_until),
    unread_count: unreadCount(store, conversation),
    first_reply_created_at: iso(conversation.first_reply_created_at),
    priority: conversation.priority,
    waiting_since: seconds(conversation.waiting_since),
    agent_last_seen_at: seconds(conversation.agent_last_seen_at),
    contact_last_seen_at: seconds(conversation.contact_last_seen_at),
    last_activity_at: seconds(conversation.last_activity_at),
    timestamp: seconds(conversation.last_activity_at),
    created_at: seconds(conversation.created_at),
    updated_at: floatSeconds(conversation.updated_at),
    account: { id: store.account.id, name: store.account.name },
  };
}

function pushMeta(store: Store, conversation: ConversationRow): Attributes {
  const bot =
    conversation.assignee_agent_bot_id === null ? null : row(store.bots, conversation.assignee_agent_bot_id);
  const user = userById(store, conversation.assignee_id);
  const team = conversation.team_id === null ? null : row(store.teams, conversation.team_id);
  return {
    sender: pushContact(row(store.contacts, conversation.contact_id)),
    assignee: bot !== null ? pushBot(bot) : user !== null ? pushUser(user) : null,
    assignee_type: bot !== null ? 'AgentBot' : user !== null ? 'User' : null,
    team: team === null ? null : { id: team.id, name: team.name, ...team.icon },
    hmac_verified: row(store.contactInboxes, conversation.contact_inbox_id).hmac_verified,
  };
}
