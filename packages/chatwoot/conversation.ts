import { readAssignee } from './actor.ts';
import { boundedObject } from './bounded-json.ts';
import { MOST_ATTRIBUTE_BYTES } from './contact.ts';
import type { Conversation, ConversationStatus, Priority } from './event.ts';
import {
  firstItems,
  idOrNull,
  instantOrNull,
  type JsonObject,
  nameOrNull,
  objectOrNull,
  tokenOrNull,
} from './readers.ts';

const STATUSES: readonly ConversationStatus[] = ['open', 'resolved', 'pending', 'snoozed'];
const PRIORITIES: readonly Priority[] = ['low', 'medium', 'high', 'urgent'];
const MOST_LABELS = 100;

/** Chatwoot's conversation, webhook or REST form (contract §2.2, §3.3) → ours; null when it has no id. */
export function readConversation(conversation: JsonObject): Conversation | null {
  const id = idOrNull(conversation.id) ?? idOrNull(conversation.display_id);
  if (id === null) return null;
  const more = objectOrNull(conversation.additional_attributes);
  return {
    id,
    channel: tokenOrNull(conversation.channel, 100),
    status: readStatus(conversation.status),
    priority: PRIORITIES.find((priority) => priority === conversation.priority) ?? null,
    labels: readLabels(conversation.labels),
    assignee: readAssignee(conversation),
    team: readTeam(objectOrNull(conversation.meta)?.team ?? conversation.team),
    customAttributes: boundedObject(conversation.custom_attributes, MOST_ATTRIBUTE_BYTES),
    language: tokenOrNull(more?.conversation_language, 35) ?? tokenOrNull(more?.browser_language, 35),
    createdAt: instantOrNull(conversation.created_at),
    updatedAt: instantOrNull(conversation.updated_at),
    firstReplyAt: instantOrNull(conversation.first_reply_created_at),
  };
}

/** null for a status that Chatwoot has not. */
export function readStatus(value: unknown): ConversationStatus | null {
  return STATUSES.find((status) => status === value) ?? null;
}

/** Label names, at most 100; one that is no sane name is left out. */
function readLabels(value: unknown): readonly string[] {
  const labels: string[] = [];
  for (const item of firstItems(value, MOST_LABELS)) {
    const label = tokenOrNull(item, 255);
    if (label !== null) labels.push(label);
  }
  return labels;
}

function readTeam(value: unknown): Conversation['team'] {
  const team = objectOrNull(value);
  const id = idOrNull(team?.id);
  return team === null || id === null ? null : { id, name: nameOrNull(team.name) };
}
