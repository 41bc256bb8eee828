import { contactInboxFor, createContact, updateContact } from './contacts.ts';
import { createConversation, setStatusByPerson, updateConversation } from './conversations.ts';
import { createMessage } from './messages.ts';
import type { Attributes, ContactRow, ConversationRow, SenderRef, Status } from './records.ts';
import { seedIds } from './seed.ts';
import { row, userById } from './store.ts';
import { type Doer, system, type World } from './world.ts';

/** What the people around a Chatwoot do in its widget and its dashboard, past the API. */
export interface People {
  /**
   * A customer writes. Makes the contact (or finds it by email) and the conversation when they aren't there:
   * without `conversationId` the contact's latest one in the inbox is carried on, unless `newConversation`.
   */
  writeAsCustomer(writing: CustomerWriting): { readonly conversationId: number; readonly messageId: number };
  /** A teammate answers, or leaves a private note. */
  writeAsAgent(writing: AgentWriting): { readonly messageId: number };
  /** A teammate writes first: the conversation begins with their message (contract [R] 4). */
  beginAsAgent(beginning: Beginning): { readonly conversationId: number; readonly messageId: number };
  /** "A self-assigned this conversation". */
  take(conversationId: number, userId?: number): void;
  unassign(conversationId: number, userId?: number): void;
  /** Runs a macro as `userId`: each of its actions is a change of its own. */
  runMacro(conversationId: number, macro: Macro, userId?: number): void;
  snooze(conversationId: number, userId?: number): void;
  /** Gives a conversation (back) to the bot. */
  makePending(conversationId: number, userId?: number): void;
  resolve(conversationId: number, userId?: number): void;
  reopen(conversationId: number, userId?: number): void;
  /** Who opens a conversation with the agent role takes it, as in Chatwoot (contract §3.3). */
  setStatus(conversationId: number, status: Status, userId?: number): void;
  /** Null takes the assignee or the team away; what isn't given stays. */
  assign(conversationId: number, to: Assignment, userId?: number): void;
  setLabels(conversationId: number, labels: readonly string[], userId?: number): void;
  updateContact(contactId: number, fields: CustomerFields): void;
  /** A visitor opens the widget; makes the contact when it isn't there. */
  triggerWidget(visitor: Visitor): { readonly contactId: number };
  /** Someone starts or stops typing; the customer unless `userId` says who. */
  typing(conversationId: number, on: boolean, userId?: number): void;
}

export interface CustomerFields {
  readonly name?: string;
  readonly email?: string | null;
  readonly phone?: string | null;
  readonly identifier?: string | null;
  readonly customAttributes?: Attributes;
  readonly additionalAttributes?: Attributes;
}

export interface Visitor {
  readonly contact?: CustomerFields;
  readonly contactId?: number;
  readonly inboxId?: number;
}

export interface CustomerWriting extends Visitor {
  readonly content: string | null;
  readonly conversationId?: number;
  readonly newConversation?: boolean;
  readonly contentAttributes?: Attributes;
}

export interface AgentWriting {
  readonly conversationId: number;
  readonly content: string;
  readonly userId?: number;
  readonly private?: boolean;
}

export interface Beginning extends Visitor {
  readonly content: string;
  readonly userId?: number;
}

export interface Macro {
  /** `self` is whoever runs it. */
  readonly assignTo?: number | 'self';
  readonly teamId?: number;
  readonly labels?: readonly string[];
  readonly status?: Status;
}

export interface Assignment {
  readonly userId?: number | null;
  readonly teamId?: number | null;
}

export function createPeople(world: World): People {
  const { store } = world;
  const conversationOf = (id: number) => row(store.conversations, id);
  const people: People = {
    writeAsCustomer(writing) {
      const conversation = conversationFor(world, writing);
      const sender: SenderRef = { type: 'Contact', id: conversation.contact_id };
      const message = createMessage(world, conversation, {
        content: writing.content,
        type: 'incoming',
        sender,
        ...(writing.contentAttributes === undefined ? {} : { contentAttributes: writing.contentAttributes }),
      });
      conversation.contact_last_seen_at = message.created_at;
      return { conversationId: conversation.id, messageId: message.id };
    },
    writeAsAgent({ conversationId, content, userId = seedIds.agent, private: isPrivate = false }) {
      const conversation = conversationOf(conversationId);
      conversation.agent_last_seen_at = world.now();
      const sender: SenderRef = { type: 'User', id: userId };
      const message = createMessage(world, conversation, {
        content,
        type: 'outgoing',
        sender,
        private: isPrivate,
      });
      return { messageId: message.id };
    },
    beginAsAgent({ content, userId, ...visitor }) {
      const contact = contactFor(world, visitor);
      const inboxId = visitor.inboxId ?? seedIds.apiInbox;
      const conversation = createConversation(world, contactInboxFor(world, contact, inboxId));
      const writing = { conversationId: conversation.id, content };
      const { messageId } = people.writeAsAgent(userId === undefined ? writing : { ...writing, userId });
      return { conversationId: conversation.id, messageId };
    },
    take: (conversationId, userId = seedIds.agent) => people.assign(conversationId, { userId }, userId),
    unassign: (conversationId, userId) => people.assign(conversationId, { userId: null }, userId),
    runMacro(conversationId, { assignTo, teamId, labels, status }, userId = seedIds.agent) {
      if (assignTo !== undefined) {
        people.assign(conversationId, { userId: assignTo === 'self' ? userId : assignTo }, userId);
      }
      if (teamId !== undefined) people.assign(conversationId, { teamId }, userId);
      if (labels !== undefined) people.setLabels(conversationId, labels, userId);
      if (status !== undefined) people.setStatus(conversationId, status, userId);
    },
    snooze: (conversationId, userId) => people.setStatus(conversationId, 'snoozed', userId),
    makePending: (conversationId, userId) => people.setStatus(conversationId, 'pending', userId),
    resolve: (conversationId, userId) => people.setStatus(conversationId, 'resolved', userId),
    reopen: (conversationId, userId) => people.setStatus(conversationId, 'open', userId),
    setStatus(conversationId, status, userId) {
      const who = doer(world, userId);
      const conversation = conversationOf(conversationId);
      if (who.kind === 'user') setStatusByPerson(world, conversation, { status }, who.user);
      else updateConversation(world, conversation, { status }, who);
    },
    assign(conversationId, { userId: assignee, teamId }, userId) {
      const conversation = conversationOf(conversationId);
      if (teamId !== undefined)
        updateConversation(world, conversation, { team_id: teamId }, doer(world, userId));
      if (assignee === undefined) return;
      const patch = { assignee_id: assignee, assignee_agent_bot_id: null };
      updateConversation(world, conversation, patch, doer(world, userId));
    },
    setLabels(conversationId, labels, userId) {
      const patch = { label_list: [...labels] };
      updateConversation(world, conversationOf(conversationId), patch, doer(world, userId));
    },
    updateContact(contactId, fields) {
      updateContact(world, row(store.contacts, contactId), columns(fields));
    },
    triggerWidget(visitor) {
      const contact = contactFor(world, visitor);
      const contactInbox = contactInboxFor(world, contact, visitor.inboxId ?? seedIds.websiteInbox);
      world.emit({ name: 'webwidget_triggered', contactInbox, info: widgetInfo(world.now()) });
      return { contactId: contact.id };
    },
    typing(conversationId, on, userId) {
      const conversation = conversationOf(conversationId);
      world.emit({
        name: on ? 'conversation_typing_on' : 'conversation_typing_off',
        conversation,
        user:
          userId === undefined
            ? { type: 'Contact', id: conversation.contact_id }
            : { type: 'User', id: userId },
        isPrivate: false,
      });
    },
  };
  return people;
}

function conversationFor(world: World, writing: CustomerWriting): ConversationRow {
  const { store } = world;
  if (writing.conversationId !== undefined) return row(store.conversations, writing.conversationId);
  const contact = contactFor(world, writing);
  const inbox = row(store.inboxes, writing.inboxId ?? seedIds.websiteInbox);
  const contactInbox = contactInboxFor(world, contact, inbox.id);
  const latest = [...store.conversations.values()].findLast(
    (each) => each.contact_inbox_id === contactInbox.id,
  );
  if (latest !== undefined && writing.newConversation !== true) return latest;
  const isWidget = inbox.channel_type === 'Channel::WebWidget';
  return createConversation(world, contactInbox, {
    additional_attributes: isWidget ? widgetAttributes(world.now()) : {},
  });
}

function contactFor(world: World, { contact, contactId }: Visitor): ContactRow {
  const { store } = world;
  if (contactId !== undefined) return row(store.contacts, contactId);
  const email = contact?.email?.toLowerCase();
  const known = [...store.contacts.values()].find((each) => email !== undefined && each.email === email);
  return (
    known ??
    createContact(world, { name: `quiet-harbor-${store.contacts.size + 1}`, ...columns(contact ?? {}) })
  );
}

function columns(fields: CustomerFields) {
  const { name, email, phone, identifier, customAttributes, additionalAttributes } = fields;
  return {
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    ...(phone === undefined ? {} : { phone_number: phone }),
    ...(identifier === undefined ? {} : { identifier }),
    ...(customAttributes === undefined ? {} : { custom_attributes: customAttributes }),
    ...(additionalAttributes === undefined ? {} : { additional_attributes: additionalAttributes }),
  };
}

function doer({ store }: World, userId: number | undefined): Doer {
  const user = userById(store, userId ?? seedIds.agent);
  return user === null ? system : { kind: 'user', user };
}

const browser = {
  device_name: 'Unknown',
  browser_name: 'Firefox',
  platform_name: 'macOS',
  browser_version: '139.0',
  platform_version: '10.15',
};

function widgetAttributes(at: number): Attributes {
  return {
    browser,
    referer: 'https://shop.northwind.example/checkout',
    initiated_at: { timestamp: new Date(at).toString() },
    browser_language: 'en',
  };
}

function widgetInfo(at: number): Attributes {
  return { ...widgetAttributes(at), widget_language: 'en' };
}
