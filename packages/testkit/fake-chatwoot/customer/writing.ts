import { z } from 'zod';
import { invalidRecord, unprocessable } from '../api-errors.ts';
import { type ContactFields, contactProblem, createContact, updateContact } from '../contacts.ts';
import { createMessage, updateMessage } from '../messages.ts';
import type { Attributes, ContactRow, ConversationRow, MessageRow } from '../records.ts';
import type { World } from '../world.ts';

const contactFields = z.object({
  name: z.string().optional(),
  email: z.string().nullish(),
  phone_number: z.string().nullish(),
  identifier: z.string().nullish(),
  custom_attributes: z.record(z.string(), z.unknown()).optional(),
});

/** What a customer says about themselves, as columns; unknown keys are left out. @throws ApiError */
export function customerFields(given: unknown): ContactFields {
  const parsed = contactFields.safeParse(given ?? {});
  if (!parsed.success) throw unprocessable(z.prettifyError(parsed.error));
  const entries = Object.entries(parsed.data).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries);
}

/** The contact that these words mean (identifier, email, phone, in this order), or a new one. @throws ApiError */
export function customerContactFor(world: World, fields: ContactFields): ContactRow {
  const all = [...world.store.contacts.values()];
  for (const name of ['identifier', 'email', 'phone_number'] as const) {
    const value = name === 'email' ? fields.email?.toLowerCase() : fields[name];
    const known = value ? all.find((contact) => contact[name] === value) : undefined;
    if (known !== undefined) return known;
  }
  const problem = contactProblem(world, fields);
  if (problem !== null) throw invalidRecord(problem);
  return createContact(world, { name: `quiet-harbor-${all.length + 1}`, ...fields });
}

/** @throws ApiError */
export function updateCustomer(world: World, contact: ContactRow, fields: ContactFields): void {
  const problem = contactProblem(world, fields, contact);
  if (problem !== null) throw invalidRecord(problem);
  updateContact(world, contact, fields);
}

export function writeAsContact(
  world: World,
  conversation: ConversationRow,
  content: unknown,
  contentAttributes: Attributes = {},
): MessageRow {
  return createMessage(world, conversation, {
    content: typeof content === 'string' ? content : null,
    type: 'incoming',
    sender: { type: 'Contact', id: conversation.contact_id },
    contentAttributes,
  });
}

/** A choice, a filled form or an address: it is kept beside what the message asked with (contract [R] 8). */
export function submit(world: World, message: MessageRow, submitted: Attributes): void {
  updateMessage(world, message, { content_attributes: { ...message.content_attributes, ...submitted } });
}
