import { hash } from 'node:crypto';
import type { ChatwootEvent } from './event.ts';
import { isJsonObject } from './readers.ts';

/** 22 characters of base64url carry 132 bits of the digest. */
const LENGTH = 22;

const CONVERSATION_EVENTS = new Set([
  'conversation_created',
  'conversation_updated',
  'conversation_status_changed',
  'conversation_opened',
  'conversation_resolved',
]);

/**
 * What an event is, whatever delivery brought it: 22 characters, equal for the same event under two delivery
 * ids and different for two changes (contract §1.6). Null when the event has no such identity (typing, widget,
 * macro and automation events happen any number of times without a trace in their content) or does not tell it
 * (no account, subject or `updated_at`); the delivery id alone decides then.
 *
 * Delivery and source are no part of it, so the copies that an account webhook, an API inbox and an agent bot
 * send share one key. Nor is a message's conversation: a bot sees an earlier snapshot of it (contract §1.6).
 * The ids are those of one Chatwoot installation; two installations must not share a key space.
 */
export function semanticKey(event: ChatwootEvent): string | null {
  const identity = event.account === null ? null : identityOf(event);
  if (identity === null) return null;
  return hash('sha256', canonical([event.account, event.name, ...identity]), 'base64url').slice(0, LENGTH);
}

function identityOf(event: ChatwootEvent): readonly unknown[] | null {
  const { message, conversation, contact, changes } = event;
  if (message !== null) {
    if (event.name === 'message_created') return [message.id];
    return event.name === 'message_updated' ? [message.id, message] : null;
  }
  if (CONVERSATION_EVENTS.has(event.name)) {
    if (conversation === null || conversation.updatedAt === null) return null;
    return [conversation.id, conversation.updatedAt, conversation, changes];
  }
  if (contact === null || contact.id === null) return null;
  if (event.name === 'contact_created') return [contact.id, contact];
  // Without the time of the change, a contact that changes back would look like the first change again.
  if (event.name === 'contact_updated' && changes?.updated_at?.to != null) {
    return [contact.id, contact, changes];
  }
  return null;
}

/** JSON with sorted keys, so that two snapshots of one state give one text. Our events are shallow and bounded. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (isJsonObject(item) ? sorted(item) : item));
}

function sorted(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(object).sort()) copy[key] = object[key];
  return copy;
}
