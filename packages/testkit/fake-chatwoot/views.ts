import type { ConversationRow, MessageType, Priority, Status } from './records.ts';
import { messagesOf, row, type Store, senderName, userById } from './store.ts';

/** The state in plain words, for pages and checkers. Instants are epoch milliseconds. */
export interface ConversationView {
  readonly id: number;
  readonly inbox: string;
  readonly inboxId: number;
  readonly contactId: number;
  readonly contactName: string;
  readonly status: Status;
  readonly priority: Priority | null;
  readonly labels: readonly string[];
  readonly team: { readonly id: number; readonly name: string } | null;
  readonly assignee: {
    readonly kind: 'user' | 'agent_bot';
    readonly id: number;
    readonly name: string;
  } | null;
  readonly customAttributes: Readonly<Record<string, unknown>> | null;
  readonly messageCount: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface MessageView {
  readonly id: number;
  readonly conversationId: number;
  readonly content: string | null;
  readonly type: MessageType;
  readonly private: boolean;
  readonly sender: {
    readonly kind: 'Contact' | 'User' | 'AgentBot';
    readonly id: number;
    readonly name: string | null;
  } | null;
  readonly status: string;
  readonly sourceId: string | null;
  readonly contentAttributes: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
}

export interface ContactView {
  readonly id: number;
  readonly name: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly identifier: string | null;
  readonly customAttributes: Readonly<Record<string, unknown>>;
}

export function conversationView(store: Store, conversation: ConversationRow): ConversationView {
  const team = conversation.team_id === null ? null : row(store.teams, conversation.team_id);
  return {
    id: conversation.id,
    inbox: row(store.inboxes, conversation.inbox_id).name,
    inboxId: conversation.inbox_id,
    contactId: conversation.contact_id,
    contactName: row(store.contacts, conversation.contact_id).name,
    status: conversation.status,
    priority: conversation.priority,
    labels: [...conversation.label_list],
    team: team === null ? null : { id: team.id, name: team.name },
    assignee: assigneeOf(store, conversation),
    customAttributes: structuredClone(conversation.custom_attributes),
    messageCount: messagesOf(store, conversation).length,
    createdAt: conversation.created_at,
    updatedAt: conversation.updated_at,
  };
}

export function messageViews(store: Store, conversation: ConversationRow): readonly MessageView[] {
  return messagesOf(store, conversation).map((message) => ({
    id: message.id,
    conversationId: message.conversation_id,
    content: message.content,
    type: message.message_type,
    private: message.private,
    sender:
      message.sender === null
        ? null
        : { kind: message.sender.type, id: message.sender.id, name: senderName(store, message.sender) },
    status: message.status,
    sourceId: message.source_id,
    contentAttributes: structuredClone(message.content_attributes),
    createdAt: message.created_at,
  }));
}

export function contactViews(store: Store): readonly ContactView[] {
  return [...store.contacts.values()].map((contact) => ({
    id: contact.id,
    name: contact.name,
    email: contact.email,
    phone: contact.phone_number,
    identifier: contact.identifier,
    customAttributes: structuredClone(contact.custom_attributes),
  }));
}

function assigneeOf(store: Store, conversation: ConversationRow): ConversationView['assignee'] {
  if (conversation.assignee_agent_bot_id !== null) {
    const bot = row(store.bots, conversation.assignee_agent_bot_id);
    return { kind: 'agent_bot', id: bot.id, name: bot.name };
  }
  const user = userById(store, conversation.assignee_id);
  return user === null ? null : { kind: 'user', id: user.id, name: user.name };
}
