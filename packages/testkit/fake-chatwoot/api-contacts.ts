import { z } from 'zod';
import { type ApiCall, idParam, paged, pageOf, queryText, type Route } from './api.ts';
import { found, invalidRecord, unprocessable } from './api-errors.ts';
import { viewerOf } from './api-lookups.ts';
import {
  type ContactFields,
  contactInboxFor,
  contactProblem,
  createContact,
  mergeContacts,
  saveContact,
  updateContact,
} from './contacts.ts';
import { forgetConversation } from './inboxes/forgetting.ts';
import { inboxRow } from './inboxes/shapes.ts';
import type { ContactRow } from './records.ts';
import { restContact, restContactWithInboxes, restConversation } from './rest-shapes.ts';
import { row } from './store.ts';

const pageSize = 15;

export const contactRoutes: readonly Route[] = [
  { method: 'GET', path: '/contacts', handle: list },
  { method: 'GET', path: '/contacts/search', handle: search },
  { method: 'POST', path: '/contacts/filter', handle: filter },
  { method: 'POST', path: '/contacts', handle: create },
  { method: 'GET', path: '/contacts/:id', handle: (call) => answer(call, contactOf(call)) },
  { method: 'PUT', path: '/contacts/:id', handle: update },
  { method: 'PATCH', path: '/contacts/:id', handle: update },
  { method: 'DELETE', path: '/contacts/:id', administratorsOnly: true, handle: destroy },
  { method: 'GET', path: '/contacts/:id/conversations', handle: conversations },
  {
    method: 'GET',
    path: '/contacts/:id/labels',
    handle: (call) => ({ payload: contactOf(call).labels }),
  },
  { method: 'POST', path: '/contacts/:id/labels', handle: setLabels },
  { method: 'POST', path: '/contacts/:id/destroy_custom_attributes', handle: destroyCustomAttributes },
  { method: 'POST', path: '/actions/contact_merge', handle: merge },
];

const fields = z.object({
  name: z.string().optional(),
  email: z.string().nullish(),
  phone_number: z.string().nullish(),
  identifier: z.string().nullish(),
  blocked: z.boolean().optional(),
  additional_attributes: z.record(z.string(), z.unknown()).optional(),
  custom_attributes: z.record(z.string(), z.unknown()).optional(),
});

function contactOf(call: ApiCall): ContactRow {
  return found(call.world.store.contacts.get(idParam(call)));
}

function answer(call: ApiCall, contact: ContactRow) {
  return { payload: restContactWithInboxes(call.world.store, contact) };
}

/** Only contacts that can be told apart: with an email, a phone number or an identifier (contract §3.4). */
function list(call: ApiCall): unknown {
  const all = [...call.world.store.contacts.values()].filter(
    (contact) => contact.email !== null || contact.phone_number !== null || contact.identifier !== null,
  );
  const page = pageOf(call);
  // As it was asked for, in text.
  const asked = queryText(call, 'page') ?? 1;
  return {
    meta: { count: all.length, current_page: asked },
    payload: rest(call, paged(all, page, pageSize)),
  };
}

/** A substring of name, email, phone or identifier; `count` is of this page only (contract §3.4). */
function search(call: ApiCall): unknown {
  const q = queryText(call, 'q')?.trim().toLowerCase();
  if (q === undefined) throw unprocessable('Specify search string with parameter q');
  const all = [...call.world.store.contacts.values()].filter((contact) =>
    [contact.name, contact.email, contact.phone_number, contact.identifier].some(
      (value) => value?.toLowerCase().includes(q) ?? false,
    ),
  );
  const page = pageOf(call);
  const shown = paged(all, page, pageSize);
  return {
    meta: {
      count: shown.length,
      current_page: page,
      ...(call.world.habits.searchTellsMore ? { has_more: all.length > page * pageSize } : {}),
    },
    payload: rest(call, shown),
  };
}

const condition = z.object({
  attribute_key: z.enum(['email', 'phone_number', 'identifier', 'name']),
  filter_operator: z.literal('equal_to'),
  values: z.array(z.string()),
  query_operator: z.string().nullish(),
});

function filter(call: ApiCall): unknown {
  const conditions = z.array(condition).min(1).safeParse(call.body.payload).data;
  if (conditions === undefined) throw unprocessable('Invalid attribute key or operator');
  const joinedByOr = conditions.some((each) => each.query_operator?.toLowerCase() === 'or');
  const all = [...call.world.store.contacts.values()].filter((contact) => {
    const holds = ({ attribute_key, values }: z.infer<typeof condition>) =>
      values.some((value) => value.toLowerCase() === contact[attribute_key]?.toLowerCase());
    return joinedByOr ? conditions.some(holds) : conditions.every(holds);
  });
  const page = pageOf(call);
  return { meta: { count: all.length, current_page: page }, payload: rest(call, paged(all, page, pageSize)) };
}

function create(call: ApiCall): unknown {
  const { world, body } = call;
  const given = fieldsOf(call);
  const problem = contactProblem(world, given);
  if (problem !== null) throw invalidRecord(problem);
  const inbox = body.inbox_id === undefined ? null : found(world.store.inboxes.get(Number(body.inbox_id)));
  const contact = createContact(world, given);
  call.effect({ kind: 'contact', conversationId: null, value: contact.id });
  const sourceId = typeof body.source_id === 'string' ? body.source_id : undefined;
  const contactInbox = inbox === null ? null : contactInboxFor(world, contact, inbox.id, sourceId);
  return {
    payload: {
      contact: restContactWithInboxes(world.store, contact),
      contact_inbox:
        contactInbox === null || inbox === null
          ? { inbox: null, source_id: null }
          : { inbox: inboxRow(world.store, inbox), source_id: contactInbox.source_id },
    },
  };
}

function update(call: ApiCall): unknown {
  const contact = contactOf(call);
  const given = fieldsOf(call);
  const problem = contactProblem(call.world, given, contact);
  if (problem !== null) throw invalidRecord(problem);
  updateContact(call.world, contact, given);
  call.effect({ kind: 'contact', conversationId: null, value: contact.id });
  return answer(call, contact);
}

function fieldsOf(call: ApiCall): ContactFields {
  const parsed = fields.safeParse(call.body);
  if (!parsed.success) throw unprocessable(z.prettifyError(parsed.error));
  const { name, email, phone_number, identifier, blocked, additional_attributes, custom_attributes } =
    parsed.data;
  return {
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    ...(phone_number === undefined ? {} : { phone_number }),
    ...(identifier === undefined ? {} : { identifier }),
    ...(blocked === undefined ? {} : { blocked }),
    ...(additional_attributes === undefined ? {} : { additional_attributes }),
    ...(custom_attributes === undefined ? {} : { custom_attributes }),
  };
}

/** Takes the contact's conversations with it. */
function destroy(call: ApiCall): undefined {
  const { store } = call.world;
  const contact = contactOf(call);
  for (const conversation of [...store.conversations.values()]) {
    if (conversation.contact_id === contact.id) forgetConversation(store, conversation);
  }
  for (const each of [...store.contactInboxes.values()]) {
    if (each.contact_id === contact.id) store.contactInboxes.delete(each.id);
  }
  store.contacts.delete(contact.id);
}

function conversations(call: ApiCall): unknown {
  const { store } = call.world;
  const contact = contactOf(call);
  const user = viewerOf(call);
  const all = [...store.conversations.values()].filter(
    (each) =>
      each.contact_id === contact.id &&
      (user?.role === 'administrator' ||
        row(store.inboxes, each.inbox_id).member_ids.includes(user?.id ?? 0)),
  );
  const latest = all.toSorted((one, other) => other.last_activity_at - one.last_activity_at).slice(0, 20);
  return { payload: latest.map((each) => restConversation(store, each, user)) };
}

function setLabels(call: ApiCall): unknown {
  const contact = contactOf(call);
  contact.labels = z.array(z.string()).safeParse(call.body.labels).data ?? [];
  return { payload: contact.labels };
}

function destroyCustomAttributes(call: ApiCall): unknown {
  const contact = contactOf(call);
  const gone = z.array(z.string()).safeParse(call.body.custom_attributes).data ?? [];
  const kept = Object.entries(contact.custom_attributes).filter(([key]) => !gone.includes(key));
  saveContact(call.world, contact, { custom_attributes: Object.fromEntries(kept) });
  return answer(call, contact);
}

function merge(call: ApiCall): unknown {
  const { world, body } = call;
  const base = found(world.store.contacts.get(Number(body.base_contact_id)));
  const mergee = found(world.store.contacts.get(Number(body.mergee_contact_id)));
  if (base !== mergee) mergeContacts(world, base, mergee);
  return restContact(base);
}

function rest(call: ApiCall, contacts: readonly ContactRow[]) {
  return contacts.map((contact) => restContactWithInboxes(call.world.store, contact));
}
