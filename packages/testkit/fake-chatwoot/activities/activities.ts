import { z } from 'zod';
import type { Changes } from '../events.ts';
import type { Attributes, ConversationRow, MessageRow } from '../records.ts';
import { type Store, userById } from '../store.ts';
import { changeOf, type Doer, type World } from '../world.ts';
import { filled, words } from './words.ts';

/** The grey lines in a conversation. They are messages, but no webhook ever tells of them (contract §1.7). */
export function createActivities(
  world: World,
  conversation: ConversationRow,
  changes: Changes,
  doer: Doer,
): void {
  const name = doerName(doer);
  if (name === null) return;
  const details =
    world.habits.activityDetails && changeOf(changes, 'status')
      ? { activity: { type: 'conversation_status_changed', status: conversation.status } }
      : {};
  const { status, ...others } = describe(world, conversation, changes, doer, name);
  for (const text of status) createActivity(world, conversation, text, details);
  for (const text of Object.values(others).flat()) createActivity(world, conversation, text);
}

/** What Chatwoot leaves when it takes a conversation from a bot that failed (contract §1.4). */
export function createBotErrorActivity(world: World, conversation: ConversationRow): void {
  createActivity(world, conversation, words[world.store.account.locale].botError);
}

function createActivity(
  world: World,
  conversation: ConversationRow,
  content: string,
  contentAttributes: Attributes = {},
): void {
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
    content_attributes: contentAttributes,
    additional_attributes: {},
    sender: null,
    created_at: now,
    updated_at: now,
  };
  appendMessage(store, message);
  conversation.last_activity_at = now;
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
  { store }: World,
  conversation: ConversationRow,
  changes: Changes,
  doer: Doer,
  user: string,
): { readonly status: readonly string[]; readonly others: readonly string[] } {
  const say = words[store.account.locale];
  const others: string[] = [];
  const priority = changeOf(changes, 'priority');
  if (priority) {
    const [from, to] = [priority.previous_value, priority.current_value];
    const phrase = from === null ? say.prioritySet : to === null ? say.priorityRemoved : say.priorityChanged;
    others.push(filled(phrase, { user, from, to }));
  }
  const labels = changeOf(changes, 'label_list');
  if (labels) {
    const [from, to] = [labelNames(labels.previous_value), labelNames(labels.current_value)];
    const added = to.filter((label) => !from.includes(label));
    const removed = from.filter((label) => !to.includes(label));
    if (added.length > 0) others.push(filled(say.labelsAdded, { user, labels: added.join(', ') }));
    if (removed.length > 0) others.push(filled(say.labelsRemoved, { user, labels: removed.join(', ') }));
  }
  others.push(...handed(store, conversation, changes, doer, user));
  const status = changeOf(changes, 'status') ? [filled(say[conversation.status], { user })] : [];
  return { status, others };
}

/** One line for team and assignee together (contract [R] 4). */
function handed(
  store: Store,
  conversation: ConversationRow,
  changes: Changes,
  doer: Doer,
  user: string,
): readonly string[] {
  const say = words[store.account.locale];
  const team = changeOf(changes, 'team_id');
  const assignee = changeOf(changes, 'assignee_id');
  const agent = userById(store, conversation.assignee_id);
  const teamName = (id: unknown) => (typeof id === 'number' ? store.teams.get(id)?.name : undefined);
  if (team) {
    const now = teamName(team.current_value);
    if (now === undefined) return [filled(say.teamRemoved, { user, team: teamName(team.previous_value) })];
    const phrase = assignee && agent !== null ? say.assignedVia : say.teamAssigned;
    return [filled(phrase, { user, team: now, assignee: agent?.name })];
  }
  if (!assignee) return [];
  if (agent === null) return [filled(say.unassigned, { user })];
  const self = doer.kind === 'user' && doer.user.id === agent.id;
  return [filled(self ? say.selfAssigned : say.assigned, { user, assignee: agent.name })];
}

function doerName(doer: Doer): string | null {
  switch (doer.kind) {
    case 'user':
      return doer.user.name;
    case 'bot':
      return doer.bot.name;
    case 'automation':
      return 'Automation System';
    case 'policy':
      return 'Default Policy';
    default:
      return null;
  }
}
