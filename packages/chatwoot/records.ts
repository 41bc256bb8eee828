import { z } from 'zod';
import { readContact } from './contact.ts';
import { readConversation } from './conversation.ts';
import type { Contact, Conversation, Message } from './event.ts';
import { readMessage } from './message.ts';
import { idOrNull, instantOrNull, type JsonObject, objectOrNull } from './readers.ts';

/** A conversation as the API gives it now. Unlike an event's snapshot it is not late (contract §1.6). */
export interface ConversationState extends Conversation {
  readonly inboxId: number | null;
  readonly contact: Contact | null;
  /** Epoch milliseconds; null when not snoozed or snoozed until the next reply. */
  readonly snoozedUntil: number | null;
  /** Since when the customer waits for an answer, epoch milliseconds; null when nobody waits. */
  readonly waitingSince: number | null;
  /** Whether the channel takes a reply now; false outside WhatsApp's window, absent where Chatwoot does not say. */
  readonly canReply?: boolean | undefined;
}

/** A message as the API gives it. */
export interface MessageRecord extends Message {
  /** The conversation's display id. */
  readonly conversation: number | null;
}

/** The REST forms differ from the webhook's in types only (contract §3.2, §3.3), which the readers accept. */
export const conversationSchema: z.ZodType<ConversationState> = recordSchema((raw) => {
  const conversation = readConversation(raw);
  if (conversation === null) return null;
  const contact = objectOrNull(objectOrNull(raw.meta)?.sender);
  return {
    ...conversation,
    inboxId: idOrNull(raw.inbox_id),
    contact: contact === null ? null : readContact(contact),
    snoozedUntil: instantOrNull(raw.snoozed_until),
    waitingSince: instantOrNull(raw.waiting_since),
    ...(typeof raw.can_reply === 'boolean' ? { canReply: raw.can_reply } : {}),
  };
});

export const messageSchema: z.ZodType<MessageRecord> = recordSchema((raw) => {
  const message = readMessage(raw);
  return message === null ? null : { ...message, conversation: idOrNull(raw.conversation_id) };
});

export interface ContactRecord extends Contact {
  readonly id: number;
}

export const contactSchema: z.ZodType<ContactRecord> = recordSchema((raw) => {
  const contact = readContact(raw);
  return contact === null || contact.id === null ? null : { ...contact, id: contact.id };
});

function recordSchema<T>(read: (raw: JsonObject) => T | null): z.ZodType<T> {
  return z.looseObject({ id: z.int().positive() }).transform((raw, context): T => {
    const record = read(raw);
    if (record !== null) return record;
    context.addIssue({ code: 'custom', message: 'unreadable' });
    return z.NEVER;
  });
}
