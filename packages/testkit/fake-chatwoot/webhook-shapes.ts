import { iso } from './clock.ts';
import type { DomainEvent } from './events.ts';
import { workingHoursRows } from './inboxes/working-hours.ts';
import { pushConversation } from './push-shapes.ts';
import type { Attributes, ContactRow, InboxRow, MessageRow, SenderRef } from './records.ts';
import { row, type Store, userById } from './store.ts';

/** An event as a webhook body (contract §2.3 to §2.6), made from the state at the time of the call. */
export function webhookPayload(store: Store, event: DomainEvent): Attributes {
  switch (event.name) {
    case 'message_created':
    case 'message_updated':
      return { ...webhookMessage(store, event.message), event: event.name };
    case 'conversation_created':
    case 'conversation_opened':
    case 'conversation_resolved':
      return { ...pushConversation(store, event.conversation), event: event.name };
    case 'conversation_status_changed':
      return { ...pushConversation(store, event.conversation), event: event.name, changed_attributes: null };
    case 'conversation_updated':
      return {
        ...pushConversation(store, event.conversation),
        event: event.name,
        changed_attributes: event.changes,
      };
    case 'contact_created':
      return { ...webhookContact(store, event.contact), event: event.name };
    case 'contact_updated':
      return {
        ...webhookContact(store, event.contact),
        event: event.name,
        changed_attributes: event.changes,
      };
    case 'webwidget_triggered': {
      const { contactInbox } = event;
      const current = [...store.conversations.values()].findLast(
        (conversation) => conversation.contact_inbox_id === contactInbox.id,
      );
      return {
        id: contactInbox.id,
        contact: webhookContact(store, row(store.contacts, contactInbox.contact_id)),
        inbox: named(row(store.inboxes, contactInbox.inbox_id)),
        account: named(store.account),
        current_conversation: current === undefined ? null : pushConversation(store, current),
        source_id: contactInbox.source_id,
        event: event.name,
        event_info: event.info,
      };
    }
    case 'conversation_typing_on':
    case 'conversation_typing_off':
      return {
        event: event.name,
        user: webhookSender(store, event.user),
        conversation: pushConversation(store, event.conversation),
        is_private: event.isPrivate,
      };
    case 'inbox_updated':
      return {
        ...webhookInbox(store, event.inbox),
        event: event.name,
        changed_attributes: event.changes,
      };
  }
}

function webhookMessage(store: Store, message: MessageRow): Attributes {
  const conversation = row(store.conversations, message.conversation_id);
  return {
    account: named(store.account),
    additional_attributes: message.additional_attributes,
    content_attributes: message.content_attributes,
    content_type: message.content_type,
    content: webhookText(message.content),
    conversation: pushConversation(store, conversation),
    created_at: iso(message.created_at),
    id: message.id,
    inbox: named(row(store.inboxes, message.inbox_id)),
    message_type: message.message_type,
    private: message.private,
    sender: message.sender === null ? null : webhookSender(store, message.sender),
    source_id: message.source_id,
  };
}

/** Hard-break backslashes and trailing newlines don't reach a webhook (contract §2.3). */
function webhookText(content: string | null): string | null {
  return content === null ? null : content.replaceAll('\\\n', '\n').replace(/\n+$/, '');
}

function webhookContact(store: Store, contact: ContactRow): Attributes {
  return {
    account: named(store.account),
    additional_attributes: contact.additional_attributes,
    avatar: '',
    custom_attributes: contact.custom_attributes,
    email: contact.email,
    id: contact.id,
    identifier: contact.identifier,
    name: contact.name,
    phone_number: contact.phone_number,
    thumbnail: '',
    blocked: contact.blocked,
  };
}

function webhookSender(store: Store, sender: SenderRef): Attributes {
  if (sender.type === 'Contact') return webhookContact(store, row(store.contacts, sender.id));
  if (sender.type === 'AgentBot') return { ...named(row(store.bots, sender.id)), type: 'agent_bot' };
  const user = userById(store, sender.id);
  if (user === null) throw new Error(`no user ${sender.id}`);
  return { id: user.id, name: user.name, email: user.email, type: 'user' };
}

function webhookInbox(store: Store, inbox: InboxRow): Attributes {
  return {
    allow_messages_after_resolved: true,
    lock_to_single_conversation: inbox.lock_to_single_conversation,
    auto_assignment_config: {},
    enable_auto_assignment: inbox.enable_auto_assignment,
    enable_email_collect: true,
    greeting_enabled: inbox.greeting_enabled,
    greeting_message: inbox.greeting_message,
    csat_survey_enabled: false,
    business_name: null,
    sender_name_type: 'friendly',
    timezone: inbox.timezone,
    out_of_office_message: inbox.out_of_office_message,
    working_hours_enabled: inbox.working_hours_enabled,
    working_hours: workingHoursRows(store.account.id, inbox),
    created_at: iso(inbox.created_at),
    updated_at: iso(inbox.updated_at),
    // The whole channel row, secrets and all: consumers must cope with that (contract §2.6).
    channel: {
      id: inbox.channel_id,
      account_id: store.account.id,
      webhook_url: inbox.webhook_url,
      created_at: iso(inbox.created_at),
      updated_at: iso(inbox.updated_at),
      identifier: inbox.identifier,
      hmac_token: inbox.hmac_token,
      hmac_mandatory: false,
      additional_attributes: {},
      secret: inbox.secret,
    },
    account: named(store.account),
  };
}

function named({ id, name }: { readonly id: number; readonly name: string }): Attributes {
  return { id, name };
}
