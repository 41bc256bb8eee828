import { z } from 'zod';
import { type ApiCall, idParam, type Route } from '../api.ts';
import { found } from '../api-errors.ts';
import { contactInboxFor } from '../contacts.ts';
import { createConversation, updateConversation } from '../conversations.ts';
import type { ContactInboxRow, ConversationRow, InboxRow } from '../records.ts';
import { messagesOf, row } from '../store.ts';
import { customerContact, customerConversation, customerMessage, visibleMessages } from './shapes.ts';
import { customerContactFor, customerFields, submit, updateCustomer, writeAsContact } from './writing.ts';

const contacts = '/public/api/v1/inboxes/:inbox/contacts';
const conversations = `${contacts}/:contact/conversations`;
const messages = `${conversations}/:id/messages`;

/** The customer's side of an API inbox: no token, the inbox's identifier and the contact's source id are the keys. */
export const publicRoutes: readonly Route[] = [
  { method: 'POST', path: contacts, withoutToken: true, handle: createContact },
  { method: 'GET', path: `${contacts}/:contact`, withoutToken: true, handle: showContact },
  { method: 'PATCH', path: `${contacts}/:contact`, withoutToken: true, handle: changeContact },
  { method: 'GET', path: conversations, withoutToken: true, handle: listConversations },
  { method: 'POST', path: conversations, withoutToken: true, handle: begin },
  { method: 'GET', path: `${conversations}/:id`, withoutToken: true, handle: showConversation },
  { method: 'POST', path: `${conversations}/:id/toggle_status`, withoutToken: true, handle: toggleStatus },
  { method: 'POST', path: `${conversations}/:id/toggle_typing`, withoutToken: true, handle: toggleTyping },
  {
    method: 'POST',
    path: `${conversations}/:id/update_last_seen`,
    withoutToken: true,
    handle: updateLastSeen,
  },
  { method: 'GET', path: messages, withoutToken: true, handle: listMessages },
  { method: 'POST', path: messages, withoutToken: true, handle: write },
  { method: 'PATCH', path: `${messages}/:message_id`, withoutToken: true, handle: choose },
];

const hash = z.record(z.string(), z.unknown());

function inboxOf({ world, params }: ApiCall): InboxRow {
  const inboxes = [...world.store.inboxes.values()];
  return found(
    inboxes.find((inbox) => inbox.channel_type === 'Channel::Api' && inbox.identifier === params.inbox),
  );
}

function contactInboxOf(call: ApiCall): ContactInboxRow {
  const inbox = inboxOf(call);
  const all = [...call.world.store.contactInboxes.values()];
  return found(all.find((each) => each.inbox_id === inbox.id && each.source_id === call.params.contact));
}

function conversationOf(call: ApiCall): ConversationRow {
  const contactInbox = contactInboxOf(call);
  const conversation = found(call.world.store.conversations.get(idParam(call)));
  return found(conversation.contact_inbox_id === contactInbox.id ? conversation : null);
}

function createContact(call: ApiCall): unknown {
  const { world, body } = call;
  const inbox = inboxOf(call);
  const contact = customerContactFor(world, customerFields(body));
  const sourceId = typeof body.source_id === 'string' ? body.source_id : undefined;
  return customerContact(world.store, contactInboxFor(world, contact, inbox.id, sourceId));
}

function showContact(call: ApiCall): unknown {
  return customerContact(call.world.store, contactInboxOf(call));
}

function changeContact(call: ApiCall): unknown {
  const { world, body } = call;
  const contactInbox = contactInboxOf(call);
  updateCustomer(world, row(world.store.contacts, contactInbox.contact_id), customerFields(body));
  return customerContact(world.store, contactInbox);
}

function listConversations(call: ApiCall): unknown {
  const { store } = call.world;
  const { contact_id } = contactInboxOf(call);
  return [...store.conversations.values()]
    .filter((each) => each.contact_id === contact_id)
    .map((each) => customerConversation(store, each));
}

function begin(call: ApiCall): unknown {
  const { world, body } = call;
  const conversation = createConversation(world, contactInboxOf(call), {
    custom_attributes: hash.safeParse(body.custom_attributes).data ?? {},
  });
  return customerConversation(world.store, conversation);
}

function showConversation(call: ApiCall): unknown {
  return customerConversation(call.world.store, conversationOf(call));
}

/** A customer can only flip between open and resolved. */
function toggleStatus(call: ApiCall): unknown {
  const { world } = call;
  const conversation = conversationOf(call);
  const status = conversation.status === 'open' ? 'resolved' : 'open';
  updateConversation(world, conversation, { status }, doer(call, conversation));
  return customerConversation(world.store, conversation);
}

function toggleTyping(call: ApiCall): undefined {
  const conversation = conversationOf(call);
  const { typing_status } = call.body;
  if (typing_status !== 'on' && typing_status !== 'off') return;
  call.world.emit({
    name: typing_status === 'on' ? 'conversation_typing_on' : 'conversation_typing_off',
    conversation,
    user: { type: 'Contact', id: conversation.contact_id },
    isPrivate: false,
  });
}

/** Seen, past the model: no webhook tells of it. */
function updateLastSeen(call: ApiCall): undefined {
  conversationOf(call).contact_last_seen_at = call.world.now();
}

function listMessages(call: ApiCall): unknown {
  const { store } = call.world;
  return visibleMessages(store, conversationOf(call)).map((message) => customerMessage(store, message));
}

function write(call: ApiCall): unknown {
  const message = writeAsContact(call.world, conversationOf(call), call.body.content);
  return customerMessage(call.world.store, message);
}

function choose(call: ApiCall): unknown {
  const { store } = call.world;
  const id = idParam(call, 'message_id');
  const message = found(messagesOf(store, conversationOf(call)).find((each) => each.id === id));
  submit(call.world, message, { submitted_values: call.body.submitted_values });
  return customerMessage(store, message);
}

function doer({ world }: ApiCall, conversation: ConversationRow) {
  return { kind: 'contact' as const, contact: row(world.store.contacts, conversation.contact_id) };
}
