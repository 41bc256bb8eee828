import { readTypist } from './actor.ts';
import { readChanges } from './changes.ts';
import { readContact } from './contact.ts';
import { readConversation } from './conversation.ts';
import type { ChatwootEvent, Contact, Delivery, Inbox } from './event.ts';
import { EventParseError } from './event-parse-error.ts';
import { readMessage, readMessageType } from './message.ts';
import { idOrNull, isJsonObject, type JsonObject, nameOrNull, objectOrNull } from './readers.ts';

const NAME = /^[A-Za-z0-9_.:-]{1,100}$/;
const ABOUT_A_CONVERSATION = /^(?:conversation_|macro\.|automation_event\.)/;
const MESSAGE_EVENTS = new Set(['message_created', 'message_updated']);
const CONVERSATION_EVENTS = new Set([
  'conversation_created',
  'conversation_updated',
  'conversation_status_changed',
  'conversation_typing_on',
  'conversation_typing_off',
  'conversation_opened',
  'conversation_resolved',
]);

/**
 * The JSON of one webhook POST → our event. Accepts every event of contract §2.6 in every shape of §2.8, and
 * events and keys that don't exist yet. A sub-field of the wrong type is null, never an error, because the
 * sender will not send it again in a better form.
 *
 * @throws {EventParseError} the body is no object, names no event, or lacks the id of the message or the
 *   conversation that a message or conversation event is about. Nothing else.
 */
export function parseEvent(body: unknown, delivery: Delivery): ChatwootEvent {
  if (!isJsonObject(body)) throw new EventParseError('EVENT_NOT_AN_OBJECT', '', 'the body is no JSON object');
  const name = readName(body.event);
  const rawConversation = findConversation(body, name);
  const conversation = rawConversation === null ? null : readConversation(rawConversation);
  const message = name.startsWith('message_') ? readMessage(body) : null;
  if (message === null && MESSAGE_EVENTS.has(name)) {
    throw new EventParseError('EVENT_MESSAGE_ID_MISSING', 'id', `a ${name} event needs the message's id`);
  }
  if (conversation === null && CONVERSATION_EVENTS.has(name)) {
    throw new EventParseError(
      'EVENT_CONVERSATION_ID_MISSING',
      rawConversation === body ? 'id' : 'conversation.id',
      `a ${name} event needs the conversation's id`,
    );
  }
  return {
    name,
    delivery,
    account: findAccount(body, rawConversation),
    inbox: findInbox(body, rawConversation),
    conversation,
    contact: findContact(body, rawConversation, name),
    message,
    actor: name.startsWith('conversation_typing_') ? readTypist(body) : null,
    changes: readChanges(body.changed_attributes),
  };
}

function readName(value: unknown): string {
  if (value === undefined || value === null || value === '') {
    throw new EventParseError('EVENT_NAME_MISSING', 'event', 'the body has no "event"');
  }
  if (typeof value !== 'string' || !NAME.test(value)) {
    throw new EventParseError('EVENT_NAME_INVALID', 'event', '"event" is no name of at most 100 characters');
  }
  return value;
}

// The lookup orders below are those of contract §2.8.

function findConversation(body: JsonObject, name: string): JsonObject | null {
  const nested = objectOrNull(body.conversation);
  if (nested !== null) return nested;
  return ABOUT_A_CONVERSATION.test(name) ? body : objectOrNull(body.current_conversation);
}

function findContact(body: JsonObject, conversation: JsonObject | null, name: string): Contact | null {
  const raw =
    objectOrNull(objectOrNull(conversation?.meta)?.sender) ??
    objectOrNull(conversation?.contact) ??
    objectOrNull(body.contact) ??
    (readMessageType(body.message_type) === 'incoming' ? objectOrNull(body.sender) : null) ??
    (name.startsWith('contact_') ? body : null);
  return raw === null ? null : readContact(raw);
}

function findAccount(body: JsonObject, conversation: JsonObject | null): number | null {
  return (
    idOrNull(objectOrNull(body.account)?.id) ??
    idOrNull(objectOrNull(conversation?.account)?.id) ??
    idOrNull(firstObject(conversation?.messages)?.account_id) ??
    idOrNull(objectOrNull(body.channel)?.account_id)
  );
}

function findInbox(body: JsonObject, conversation: JsonObject | null): Inbox | null {
  const inbox = objectOrNull(body.inbox);
  const id =
    idOrNull(inbox?.id) ??
    idOrNull(conversation?.inbox_id) ??
    idOrNull(objectOrNull(conversation?.contact_inbox)?.inbox_id) ??
    idOrNull(firstObject(body.working_hours)?.inbox_id);
  return id === null ? null : { id, name: nameOrNull(inbox?.name) };
}

function firstObject(value: unknown): JsonObject | null {
  return Array.isArray(value) ? objectOrNull(value[0]) : null;
}
