import { z } from 'zod';
import { type ApiCall, idParam, queryText, type Route } from '../api.ts';
import { found } from '../api-errors.ts';
import { contactInboxFor, createContact } from '../contacts.ts';
import { createConversation } from '../conversations.ts';
import type { ContactInboxRow, ConversationRow, InboxRow, MessageRow } from '../records.ts';
import { restMessage } from '../rest-shapes.ts';
import { messagesOf, row } from '../store.ts';
import { contactRow, customerMessage } from './shapes.ts';
import { widgetConfig } from './widget-config.ts';
import { customerFields, submit, updateCustomer, writeAsContact } from './writing.ts';

/**
 * The website widget's own API: `website_token` in the query names the inbox, the header `x-auth-token` the
 * visitor, by the token that `config` gave. Here that token is the contact inbox's pubsub token; in Chatwoot it is
 * a JWT.
 */
export const widgetRoutes: readonly Route[] = [
  { method: 'POST', path: '/api/v1/widget/config', withoutToken: true, handle: config },
  { method: 'POST', path: '/api/v1/widget/events', withoutToken: true, status: 204, handle: event },
  { method: 'POST', path: '/api/v1/widget/conversations', withoutToken: true, handle: begin },
  { method: 'POST', path: '/api/v1/widget/messages', withoutToken: true, handle: write },
  { method: 'PATCH', path: '/api/v1/widget/messages/:id', withoutToken: true, handle: choose },
];

const hash = z.record(z.string(), z.unknown());

const unknownBrowser = {
  device_name: 'Unknown',
  browser_name: 'Unknown Browser',
  platform_name: 'Unknown',
  browser_version: '0.0',
  platform_version: '0',
};

/** The widget never sends a message without this key. */
const noReplyTo = { in_reply_to: null };

function inboxOf(call: ApiCall): InboxRow {
  const token = queryText(call, 'website_token');
  const inboxes = [...call.world.store.inboxes.values()];
  return found(
    inboxes.find((inbox) => inbox.channel_type === 'Channel::WebWidget' && inbox.identifier === token),
  );
}

function visitorOf(call: ApiCall): ContactInboxRow {
  const inbox = inboxOf(call);
  const all = [...call.world.store.contactInboxes.values()];
  return found(
    all.find((each) => each.inbox_id === inbox.id && each.pubsub_token === call.headers['x-auth-token']),
  );
}

/** Makes the visitor, unless the caller is one already. */
function config(call: ApiCall): unknown {
  const { world } = call;
  const inbox = inboxOf(call);
  const known = [...world.store.contactInboxes.values()].find(
    (each) => each.inbox_id === inbox.id && each.pubsub_token === call.headers['x-auth-token'],
  );
  const visitor = known ?? contactInboxFor(world, newVisitor(call), inbox.id);
  return widgetConfig(world.store, inbox, visitor);
}

function newVisitor({ world }: ApiCall) {
  return createContact(world, { name: `quiet-harbor-${world.store.contacts.size + 1}` });
}

function event(call: ApiCall): undefined {
  const contactInbox = visitorOf(call);
  if (call.body.name !== 'webwidget.triggered') return;
  const given = hash.safeParse(call.body.event_info).data ?? {};
  const info = { widget_language: null, browser_language: '*', browser: unknownBrowser, ...given };
  call.world.emit({ name: 'webwidget_triggered', contactInbox, info });
}

function begin(call: ApiCall): unknown {
  const { world, body } = call;
  const visitor = visitorOf(call);
  const contact = row(world.store.contacts, visitor.contact_id);
  if (body.contact !== undefined) updateCustomer(world, contact, customerFields(body.contact));
  const given = hash.safeParse(body.message).data ?? {};
  const conversation = createConversation(world, visitor, {
    custom_attributes: hash.safeParse(body.custom_attributes).data ?? {},
    additional_attributes: pageAttributes(given),
  });
  const message = writeAsContact(world, conversation, given.content, noReplyTo);
  return {
    id: conversation.id,
    inbox_id: conversation.inbox_id,
    contact_last_seen_at: 0,
    status: conversation.status,
    messages: [customerMessage(world.store, message)],
    custom_attributes: conversation.custom_attributes,
    contact: contactRow(world.store, contact),
  };
}

/** Carries on the visitor's latest conversation, or begins one. */
function write(call: ApiCall): unknown {
  const { world, body } = call;
  const visitor = visitorOf(call);
  const given = hash.safeParse(body.message).data ?? {};
  const latest = [...world.store.conversations.values()].findLast(
    (each) => each.contact_inbox_id === visitor.id,
  );
  const conversation =
    latest ?? createConversation(world, visitor, { additional_attributes: pageAttributes(given) });
  const message = writeAsContact(world, conversation, given.content, noReplyTo);
  const { content_type, status, ...shown } = restMessage(world.store, message);
  return shown;
}

/** An answer to what was asked: a choice, a form, or an email address. */
function choose(call: ApiCall): unknown {
  const { world, body } = call;
  const visitor = visitorOf(call);
  const contact = row(world.store.contacts, visitor.contact_id);
  const given = hash.safeParse(body.message).data ?? {};
  const email = customerFields(body.contact).email;
  const message = messageOf(call, visitor);
  if (message.content_type === 'input_email' && email) {
    updateCustomer(world, contact, { email });
    submit(world, message, { submitted_email: email });
  } else {
    submit(world, message, { submitted_values: given.submitted_values });
  }
  return { contact: contactRow(world.store, contact) };
}

function messageOf(call: ApiCall, visitor: ContactInboxRow): MessageRow {
  const { store } = call.world;
  const own = [...store.conversations.values()].filter((each) => each.contact_inbox_id === visitor.id);
  const messages = own.flatMap((each: ConversationRow) => messagesOf(store, each));
  return found(messages.find((message) => message.id === idParam(call)));
}

function pageAttributes(message: Readonly<Record<string, unknown>>) {
  return {
    browser: unknownBrowser,
    browser_language: '*',
    referer: message.referer_url ?? null,
    initiated_at: { timestamp: message.timestamp ?? null },
  };
}
