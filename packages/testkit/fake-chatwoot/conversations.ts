import { randomUUID } from 'node:crypto';
import { createActivities, labelNames } from './activities/activities.ts';
import { runAutomation } from './assignment/automation.ts';
import { onlineAgent } from './assignment/online-agent.ts';
import { schedulePolicy } from './assignment/policy.ts';
import type { Changes } from './events.ts';
import type { ContactInboxRow, ConversationRow, InboxRow, Status, UserRow } from './records.ts';
import { activeBot, row } from './store.ts';
import { change, changedNames, type Doer, type World } from './world.ts';

/** What makes a `conversation_updated` (contract §1.6). */
const tellable = new Set([
  'team_id',
  'assignee_id',
  'assignee_agent_bot_id',
  'status',
  'snoozed_until',
  'custom_attributes',
  'label_list',
  'waiting_since',
  'first_reply_created_at',
  'priority',
]);

/** Opens a conversation; `pending` when the inbox has an active bot (contract §4). */
export function createConversation(
  world: World,
  contactInbox: ContactInboxRow,
  given: Partial<ConversationRow> = {},
): ConversationRow {
  const { store } = world;
  const inbox = row(store.inboxes, contactInbox.inbox_id);
  const bot = activeBot(store, inbox);
  const now = world.now();
  const conversation: ConversationRow = {
    id: store.nextId('conversation'),
    uuid: randomUUID(),
    inbox_id: inbox.id,
    contact_id: contactInbox.contact_id,
    contact_inbox_id: contactInbox.id,
    priority: null,
    label_list: [],
    custom_attributes: {},
    additional_attributes: {},
    assignee_id: null,
    team_id: null,
    snoozed_until: null,
    first_reply_created_at: null,
    waiting_since: now,
    agent_last_seen_at: null,
    assignee_last_seen_at: null,
    contact_last_seen_at: null,
    last_activity_at: now,
    created_at: now,
    updated_at: now,
    ...given,
    status: bot === null ? (given.status ?? 'open') : 'pending',
    assignee_agent_bot_id: bot !== null && world.habits.botOwnership ? bot.id : null,
  };
  const waits = isForInboxToAssign(conversation, inbox);
  if (waits && world.habits.inboxAssigns === 'at-creation') {
    conversation.assignee_id = onlineAgent(store, inbox)?.id ?? null;
  }
  store.conversations.set(conversation.id, conversation);
  runAutomation(world, conversation, true);
  world.emit({ name: 'conversation_created', conversation });
  if (store.automationRules.size > 0) world.later(0, () => runAutomation(world, conversation, false));
  if (waits && world.habits.inboxAssigns === 'by-policy') schedulePolicy(world, inbox);
  return conversation;
}

/**
 * Saves a change the way Chatwoot's model does, with everything that hangs on it: the side effects of a team
 * or a status, activity messages, and the events (contract §1.6, §3.3). False when nothing changed.
 */
export function updateConversation(
  world: World,
  conversation: ConversationRow,
  patch: Partial<ConversationRow>,
  doer: Doer,
): boolean {
  const whole = withSideEffects(world, conversation, patch);
  const changes = change(conversation, whole, world.now);
  if (changes === null) return false;
  const names = changedNames(changes);
  if (names.includes('status')) {
    // Written past the model in Chatwoot, so it is in no change list.
    if (conversation.status === 'resolved') conversation.waiting_since = null;
    if (conversation.status === 'open') world.emit({ name: 'conversation_opened', conversation });
    if (conversation.status === 'resolved') world.emit({ name: 'conversation_resolved', conversation });
    world.emit({ name: 'conversation_status_changed', conversation });
  }
  createActivities(world, conversation, changes, doer);
  if (names.some((name) => tellable.has(name))) tell(world, conversation, changes);
  const inbox = row(world.store.inboxes, conversation.inbox_id);
  const opened = names.includes('status') && isForInboxToAssign(conversation, inbox);
  if (opened && world.habits.inboxAssigns === 'by-policy') schedulePolicy(world, inbox);
  return true;
}

/** Hands a pending conversation to the humans, as a bot does it, and lets go of it (contract [R] 3). */
export function handOff(world: World, conversation: ConversationRow, doer: Doer): void {
  const waiting = conversation.waiting_since ?? world.now();
  const patch = { status: 'open', waiting_since: waiting, assignee_agent_bot_id: null } as const;
  updateConversation(world, conversation, patch, doer);
}

/** What `toggle_status` without a status does (contract §3.3). */
export function flipped(status: Status): Status {
  return status === 'open' ? 'resolved' : 'open';
}

/** Opens a conversation for a person, who takes it over; one of the agent role becomes its assignee (contract §3.3). */
export function setStatusByPerson(
  world: World,
  conversation: ConversationRow,
  patch: Partial<ConversationRow>,
  user: UserRow,
): void {
  const doer: Doer = { kind: 'user', user };
  updateConversation(world, conversation, patch, doer);
  if (conversation.status !== 'open') return;
  const own = user.role === 'agent' ? { assignee_id: user.id } : {};
  updateConversation(world, conversation, { assignee_agent_bot_id: null, ...own }, doer);
}

function isForInboxToAssign({ status, assignee_id }: ConversationRow, inbox: InboxRow): boolean {
  return inbox.enable_auto_assignment && status === 'open' && assignee_id === null;
}

function withSideEffects(
  world: World,
  conversation: ConversationRow,
  patch: Partial<ConversationRow>,
): Partial<ConversationRow> {
  const { store, habits } = world;
  const inbox = row(store.inboxes, conversation.inbox_id);
  const whole: Partial<ConversationRow> = { ...patch };
  const status = whole.status ?? conversation.status;
  if (status !== 'snoozed' && conversation.snoozed_until !== null) whole.snoozed_until = null;
  // Left over when a team brought an agent into a bot's conversation: gone with the next save.
  if (conversation.assignee_id !== null && conversation.assignee_agent_bot_id !== null) {
    whole.assignee_agent_bot_id = null;
  }
  if (whole.assignee_id) {
    whole.assignee_agent_bot_id = null;
    const botOwned = conversation.assignee_agent_bot_id !== null && conversation.status === 'pending';
    if (habits.botOwnership && botOwned) whole.status = 'open';
  }
  if (whole.assignee_agent_bot_id) {
    whole.assignee_id = null;
    if (habits.botOwnership) whole.status = 'pending';
  }
  const current = () => (whole.assignee_id === undefined ? conversation.assignee_id : whole.assignee_id);
  if (whole.team_id && whole.team_id !== conversation.team_id) {
    const team = row(store.teams, whole.team_id);
    const assignee = current();
    if (assignee !== null && !team.member_ids.includes(assignee)) whole.assignee_id = null;
    if (current() === null && team.allow_auto_assign) {
      const agent = onlineAgent(store, inbox, team);
      if (agent !== null) whole.assignee_id = agent.id;
    }
  }
  const opens = whole.status === 'open' && conversation.status !== 'open';
  const assignsNow = inbox.enable_auto_assignment && habits.inboxAssigns === 'at-creation';
  if (opens && current() === null && assignsNow) {
    const agent = onlineAgent(store, inbox);
    if (agent !== null) whole.assignee_id = agent.id;
  }
  return whole;
}

function tell(world: World, conversation: ConversationRow, changes: Changes): void {
  const labels = changes.find((each) => 'label_list' in each)?.label_list;
  if (labels === undefined) {
    world.emit({ name: 'conversation_updated', conversation, changes });
    return;
  }
  const cached = {
    previous_value: labelNames(labels.previous_value).join(', '),
    current_value: labelNames(labels.current_value).join(', '),
  };
  const others = changes.filter((each) => !('label_list' in each));
  const told = [{ cached_label_list: cached }, ...others, { label_list: labels }];
  world.emit({ name: 'conversation_updated', conversation, changes: told });
}
