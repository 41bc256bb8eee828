import { z } from 'zod';
import type { Changes } from './events.ts';
import type { ConversationRow, MessageRow } from './records.ts';
import { type Store, userById } from './store.ts';
import { changeOf, type Doer, type World } from './world.ts';

const statusWords = {
  open: 'reopened by',
  resolved: 'marked resolved by',
  pending: 'marked as pending by',
  snoozed: 'snoozed by',
} as const;

export const botErrorActivity = 'Conversation was marked open by system due to an error with the agent bot.';

/** The grey lines in a conversation. They are messages, but no webhook ever tells of them (contract §1.7). */
export function createActivities(
  world: World,
  conversation: ConversationRow,
  changes: Changes,
  doer: Doer,
): void {
  const name = doerName(doer);
  if (name === null) return;
  for (const text of describe(world.store, conversation, changes, name)) {
    createActivity(world, conversation, text);
  }
}

export function createActivity(world: World, conversation: ConversationRow, content: string): MessageRow {
  const { store } = world;
  const now = world.now();
  const message: MessageRow = {
    id: store.nextId('message'),
    conversation_id: conversation.id,
    inbox_id: conversation.inbox_id,
    content,
    message_type: 'activity',
    private: false,
    status: 'sent',
    source_id: null,
    content_type: 'text',
    content_attributes: {},
    additional_attributes: {},
    sender: null,
    created_at: now,
    updated_at: now,
  };
  appendMessage(store, message);
  conversation.last_activity_at = now;
  return message;
}

export function appendMessage(store: Store, message: MessageRow): void {
  const messages = store.messages.get(message.conversation_id);
  if (messages === undefined) store.messages.set(message.conversation_id, [message]);
  else messages.push(message);
}

export function labelNames(value: unknown): readonly string[] {
  return z.array(z.string()).parse(value);
}

function describe(
  store: Store,
  conversation: ConversationRow,
  changes: Changes,
  name: string,
): readonly string[] {
  const lines: string[] = [];
  const team = changeOf(changes, 'team_id');
  const assignee = changeOf(changes, 'assignee_id');
  const priority = changeOf(changes, 'priority');
  const labels = changeOf(changes, 'label_list');
  if (changeOf(changes, 'status')) lines.push(`Conversation was ${statusWords[conversation.status]} ${name}`);
  if (priority) {
    const [from, to] = [priority.previous_value, priority.current_value];
    if (from === null) lines.push(`${name} set the priority to ${to}`);
    else if (to === null) lines.push(`${name} removed the priority`);
    else lines.push(`${name} changed the priority from ${from} to ${to}`);
  }
  if (labels) {
    const [from, to] = [labelNames(labels.previous_value), labelNames(labels.current_value)];
    const added = to.filter((label) => !from.includes(label));
    const removed = from.filter((label) => !to.includes(label));
    if (added.length > 0) lines.push(`${name} added ${added.join(', ')}`);
    if (removed.length > 0) lines.push(`${name} removed ${removed.join(', ')}`);
  }
  if (team) {
    const now = conversation.team_id === null ? null : store.teams.get(conversation.team_id);
    lines.push(now ? `Assigned to ${now.name} by ${name}` : `Unassigned from team by ${name}`);
  } else if (assignee) {
    const user = userById(store, conversation.assignee_id);
    lines.push(user ? `Assigned to ${user.name} by ${name}` : `Conversation unassigned by ${name}`);
  }
  return lines;
}

function doerName(doer: Doer): string | null {
  switch (doer.kind) {
    case 'user':
      return doer.user.name;
    case 'bot':
      return doer.bot.name;
    default:
      return null;
  }
}
