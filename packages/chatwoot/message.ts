import { readSender } from './actor.ts';
import { readStatus } from './conversation.ts';
import type { Message, MessageType } from './event.ts';
import { readMarker } from './marker.ts';
import {
  contentOrNull,
  idOrNull,
  instantOrNull,
  type JsonObject,
  objectOrNull,
  tokenOrNull,
} from './readers.ts';
import { writtenText } from './widget-text.ts';

/** Chatwoot's own limit of a message's text (contract §2.3). */
const MOST_CONTENT = 150_000;

const TYPES: ReadonlyMap<unknown, MessageType> = new Map<unknown, MessageType>([
  ['incoming', 'incoming'],
  ['outgoing', 'outgoing'],
  ['activity', 'activity'],
  ['template', 'template'],
  [0, 'incoming'],
  [1, 'outgoing'],
  [2, 'activity'],
  [3, 'template'],
]);

/** A message, webhook or REST form (contract §2.3, §3.2) → ours; null when it has no id. */
export function readMessage(message: JsonObject): Message | null {
  const id = idOrNull(message.id);
  if (id === null) return null;
  const attributes = objectOrNull(message.content_attributes);
  const type = readMessageType(message.message_type);
  return {
    id,
    content: contentOrNull(writtenText(message), MOST_CONTENT),
    type,
    private: isTrue(message.private),
    contentType: tokenOrNull(message.content_type, 100),
    sender: readSender(message, type),
    createdAt: instantOrNull(message.created_at),
    deleted: isTrue(attributes?.deleted),
    automated:
      isThere(attributes?.automation_rule_id) ||
      isThere(objectOrNull(message.additional_attributes)?.campaign_id),
    marker: readMarker(attributes),
    attachments: Array.isArray(message.attachments) ? message.attachments.length : 0,
    ...readOrigin(attributes),
    ...readUndelivered(message, attributes),
  };
}

/** What only some messages say of themselves. */
function readOrigin(attributes: JsonObject | null): Pick<Message, 'echo' | 'setsStatus'> {
  const echo = isTrue(attributes?.external_echo);
  const setsStatus = readStatus(objectOrNull(attributes?.activity)?.status);
  return { ...(echo ? { echo } : {}), ...(setsStatus === null ? {} : { setsStatus }) };
}

/** A webhook's message has no `status`; the copy of it in its conversation has, when it is the latest (§2.7). */
function readUndelivered(message: JsonObject, attributes: JsonObject | null): Pick<Message, 'undelivered'> {
  const error = attributes?.external_error;
  if (typeof error === 'string' && error !== '') return { undelivered: 'external-error' };
  const latest: unknown = objectOrNull(message.conversation)?.messages;
  const copy = Array.isArray(latest) ? objectOrNull(latest[0]) : null;
  const status = message.status ?? (copy?.id === message.id ? copy?.status : undefined);
  return status === 'failed' ? { undelivered: 'failed' } : {};
}

/**
 * A name in webhooks, an int in REST and nested messages (contract §2.1). A type that Chatwoot has not yet is
 * taken as `activity`, the one that nobody acts on: refusing it would open a bot's conversation or mark an
 * API inbox's message failed (contract §1.4).
 */
export function readMessageType(value: unknown): MessageType {
  return TYPES.get(value) ?? 'activity';
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
