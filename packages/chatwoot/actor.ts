import type { Actor, ActorKind, MessageType } from './event.ts';
import { idOrNull, type JsonObject, nameOrNull, objectOrNull } from './readers.ts';

/** `type` of people and machines in webhooks, and `sender_type` / `assignee_type` (contract §2.2, §2.3). */
const KINDS: ReadonlyMap<unknown, ActorKind> = new Map<unknown, ActorKind>([
  ['contact', 'contact'],
  ['Contact', 'contact'],
  ['user', 'user'],
  ['User', 'user'],
  ['agent_bot', 'agent_bot'],
  ['AgentBot', 'agent_bot'],
  ['captain_assistant', 'captain_assistant'],
  ['Captain::Assistant', 'captain_assistant'],
]);

/**
 * Who wrote a message; null for templates, automation rules and kinds that we don't know. A sender without a
 * `type` is a contact (contract §2.3); on an outgoing message it is a user, in the old docs shape.
 */
export function readSender(message: JsonObject, type: MessageType): Actor | null {
  const untyped: ActorKind = type === 'incoming' ? 'contact' : 'user';
  const sender = objectOrNull(message.sender);
  // The old docs shape has the contact of an incoming message beside a `sender` that is no contact (§2.8).
  const contact = objectOrNull(message.contact);
  if (type === 'incoming' && contact !== null && sender?.type === undefined) {
    return actor(contact, 'contact');
  }
  if (sender === null) return null;
  const kind = KINDS.get(sender.type ?? message.sender_type) ?? (isUntyped(sender, message) ? untyped : null);
  return kind === null ? null : actor(sender, kind);
}

/**
 * Who owns a conversation. An assignee of a kind that we don't know counts as a user, so that neither the bot
 * nor the routing takes a conversation from them. REST gives the agent without a `type` (contract §3.3).
 */
export function readAssignee(conversation: JsonObject): Actor | null {
  const meta = objectOrNull(conversation.meta);
  const assignee = objectOrNull(meta?.assignee) ?? objectOrNull(conversation.assignee);
  if (assignee === null) return null;
  return actor(assignee, KINDS.get(assignee.type) ?? KINDS.get(meta?.assignee_type) ?? 'user');
}

/** Who is typing: `user` of `conversation_typing_*`; a contact has no `type` (contract §2.6). */
export function readTypist(body: JsonObject): Actor | null {
  const user = objectOrNull(body.user);
  if (user === null) return null;
  const kind = isAbsent(user.type) ? 'contact' : KINDS.get(user.type);
  return kind === undefined ? null : actor(user, kind);
}

function isUntyped(sender: JsonObject, message: JsonObject): boolean {
  return isAbsent(sender.type) && isAbsent(message.sender_type);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function actor(object: JsonObject, kind: ActorKind): Actor {
  return { kind, id: idOrNull(object.id), name: nameOrNull(object.name) };
}
