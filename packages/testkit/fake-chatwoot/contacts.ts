import { randomUUID } from 'node:crypto';
import type { ContactInboxRow, ContactRow } from './records.ts';
import { secureToken } from './signing.ts';
import { row } from './store.ts';
import { change, type World } from './world.ts';

export type ContactFields = Partial<
  Pick<
    ContactRow,
    | 'name'
    | 'email'
    | 'phone_number'
    | 'identifier'
    | 'blocked'
    | 'additional_attributes'
    | 'custom_attributes'
  >
>;

/** Why a contact can't be saved, in the two parts of Chatwoot's 422 (contract §3.1, §3.5). */
export interface ContactProblem {
  readonly message: string;
  readonly attributes: readonly string[];
}

/** The first rule the fields break; `self` is the contact being changed. */
export function contactProblem(
  world: World,
  fields: ContactFields,
  self?: ContactRow,
): ContactProblem | null {
  const problems: { readonly text: string; readonly attribute: string }[] = [];
  const taken = (name: 'email' | 'phone_number' | 'identifier', label: string) => {
    const value = normal(name, fields[name]);
    const owner = [...world.store.contacts.values()].find((contact) => contact[name] === value);
    if (value !== null && owner !== undefined && owner !== self) {
      problems.push({ text: `${label} has already been taken`, attribute: name });
    }
  };
  if (fields.email && !/^[^@\s]+@[^@\s]+$/.test(fields.email)) {
    problems.push({ text: 'Email Invalid email', attribute: 'email' });
  }
  taken('email', 'Email');
  taken('identifier', 'Identifier');
  if (fields.phone_number && !/^\+[1-9]\d{1,14}$/.test(fields.phone_number)) {
    problems.push({ text: 'Phone number should be in e164 format', attribute: 'phone_number' });
  }
  taken('phone_number', 'Phone number');
  if (problems.length === 0) return null;
  return {
    message: problems.map(({ text }) => text).join(', '),
    attributes: problems.map(({ attribute }) => attribute),
  };
}

export function createContact(world: World, fields: ContactFields): ContactRow {
  const now = world.now();
  const contact: ContactRow = {
    id: world.store.nextId('contact'),
    name: '',
    blocked: false,
    contact_type: 'visitor',
    additional_attributes: {},
    custom_attributes: {},
    labels: [],
    last_activity_at: null,
    created_at: now,
    updated_at: now,
    ...fields,
    email: normal('email', fields.email),
    phone_number: normal('phone_number', fields.phone_number),
    identifier: normal('identifier', fields.identifier),
  };
  contact.contact_type = contactType(contact);
  world.store.contacts.set(contact.id, contact);
  world.emit({ name: 'contact_created', contact });
  return contact;
}

/** Merges the attributes, replaces the rest (contract §3.5). */
export function updateContact(world: World, contact: ContactRow, fields: ContactFields): void {
  const patch: ContactFields = { ...fields };
  if (fields.email !== undefined) patch.email = normal('email', fields.email);
  if (fields.phone_number !== undefined) patch.phone_number = normal('phone_number', fields.phone_number);
  if (fields.identifier !== undefined) patch.identifier = normal('identifier', fields.identifier);
  for (const name of ['custom_attributes', 'additional_attributes'] as const) {
    if (fields[name] !== undefined) patch[name] = { ...contact[name], ...fields[name] };
  }
  saveContact(world, contact, patch);
}

/** Replaces whatever is given. */
export function saveContact(world: World, contact: ContactRow, patch: Partial<ContactRow>): void {
  const contact_type = contactType({ ...contact, ...patch });
  const changes = change(contact, { ...patch, contact_type }, world.now);
  if (changes !== null) world.emit({ name: 'contact_updated', contact, changes });
}

/** The contact's presence in an inbox, made when it isn't there yet. */
export function contactInboxFor(
  world: World,
  contact: ContactRow,
  inboxId: number,
  sourceId?: string,
): ContactInboxRow {
  const { store } = world;
  const inbox = row(store.inboxes, inboxId);
  const known = [...store.contactInboxes.values()].find(
    (each) =>
      each.contact_id === contact.id &&
      each.inbox_id === inbox.id &&
      (sourceId === undefined || each.source_id === sourceId),
  );
  if (known !== undefined) return known;
  const now = world.now();
  const contactInbox: ContactInboxRow = {
    id: store.nextId('contactInbox'),
    contact_id: contact.id,
    inbox_id: inbox.id,
    source_id: sourceId ?? randomUUID(),
    created_at: now,
    updated_at: now,
    hmac_verified: false,
    pubsub_token: secureToken(),
  };
  store.contactInboxes.set(contactInbox.id, contactInbox);
  return contactInbox;
}

/** Moves everything of `mergee` to `base` and forgets `mergee`; no webhook tells of it (contract §2.7). */
export function mergeContacts(world: World, base: ContactRow, mergee: ContactRow): void {
  const { store } = world;
  const moved = [...store.contactInboxes.values(), ...store.conversations.values()];
  for (const each of moved) if (each.contact_id === mergee.id) each.contact_id = base.id;
  for (const [conversationId, messages] of store.messages) {
    store.messages.set(
      conversationId,
      messages.map((message) =>
        message.sender?.type === 'Contact' && message.sender.id === mergee.id
          ? { ...message, sender: { type: 'Contact' as const, id: base.id } }
          : message,
      ),
    );
  }
  store.contacts.delete(mergee.id);
  saveContact(world, base, {
    name: base.name || mergee.name,
    email: base.email ?? mergee.email,
    phone_number: base.phone_number ?? mergee.phone_number,
    identifier: base.identifier ?? mergee.identifier,
    custom_attributes: { ...mergee.custom_attributes, ...base.custom_attributes },
    additional_attributes: { ...mergee.additional_attributes, ...base.additional_attributes },
  });
}

function contactType({ contact_type, email, phone_number }: ContactRow): ContactRow['contact_type'] {
  return email !== null || phone_number !== null ? 'lead' : contact_type;
}

function normal(
  name: 'email' | 'phone_number' | 'identifier',
  value: string | null | undefined,
): string | null {
  const text = value?.trim() ?? '';
  if (text === '') return null;
  return name === 'email' ? text.toLowerCase() : text;
}
