import { iso, seconds } from '../clock.ts';
import { pushSender } from '../push-shapes.ts';
import {
  type Attributes,
  type ContactInboxRow,
  type ContactRow,
  type ConversationRow,
  type MessageRow,
  messageTypes,
} from '../records.ts';
import { messagesOf, row, type Store } from '../store.ts';

/** The forms that the customer's side of Chatwoot answers with (contract [R], recording `api_conversation`). */

export function customerContact(store: Store, contactInbox: ContactInboxRow): Attributes {
  const { id, name, email, phone_number } = row(store.contacts, contactInbox.contact_id);
  return {
    source_id: contactInbox.source_id,
    pubsub_token: contactInbox.pubsub_token,
    id,
    name,
    email,
    phone_number,
  };
}

export function customerConversation(store: Store, conversation: ConversationRow): Attributes {
  return {
    id: conversation.id,
    uuid: conversation.uuid,
    inbox_id: conversation.inbox_id,
    contact_last_seen_at: seconds(conversation.contact_last_seen_at),
    status: conversation.status,
    agent_last_seen_at: seconds(conversation.agent_last_seen_at),
    messages: visibleMessages(store, conversation).map((message) => customerMessage(store, message)),
    contact: contactRow(store, row(store.contacts, conversation.contact_id)),
  };
}

/** What the customer may see: no private notes, no activities. */
export function visibleMessages(store: Store, conversation: ConversationRow): readonly MessageRow[] {
  return messagesOf(store, conversation).filter(
    (message) => !message.private && message.message_type !== 'activity',
  );
}

export function customerMessage(store: Store, message: MessageRow): Attributes {
  return {
    id: message.id,
    content: message.content,
    message_type: messageTypes.indexOf(message.message_type),
    content_type: message.content_type,
    content_attributes: message.content_attributes,
    created_at: seconds(message.created_at),
    conversation_id: message.conversation_id,
    ...(message.sender === null ? {} : { sender: pushSender(store, message.sender) }),
  };
}

/** The whole row, which Chatwoot puts into the customer's answers. */
export function contactRow(store: Store, contact: ContactRow): Attributes {
  return {
    id: contact.id,
    name: contact.name,
    email: contact.email,
    phone_number: contact.phone_number,
    account_id: store.account.id,
    created_at: iso(contact.created_at),
    updated_at: iso(contact.updated_at),
    additional_attributes: contact.additional_attributes,
    identifier: contact.identifier,
    custom_attributes: contact.custom_attributes,
    last_activity_at: iso(contact.last_activity_at),
    contact_type: contact.contact_type,
    middle_name: '',
    last_name: '',
    location: null,
    country_code: null,
    blocked: contact.blocked,
    company_id: null,
    label_list: contact.labels,
  };
}
