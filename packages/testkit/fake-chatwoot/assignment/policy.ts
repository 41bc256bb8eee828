import { updateConversation } from '../conversations.ts';
import type { ConversationRow, InboxRow } from '../records.ts';
import type { World } from '../world.ts';
import { onlineAgent } from './online-agent.ts';

const perAgent = 5;
const windowMs = 5 * 60_000;

/** When each agent was given conversations by the policy, epoch milliseconds. */
const given = new WeakMap<World['store'], Map<number, number[]>>();

/**
 * Lets the inbox's policy run, a job of its own, later: it hands out all open unassigned conversations of the
 * inbox, the longest waiting first, at most five an agent in five minutes (contract [R] 4).
 */
export function schedulePolicy(world: World, inbox: InboxRow): void {
  world.later(world.policyDelayMs, () => runPolicy(world, inbox));
}

function runPolicy(world: World, inbox: InboxRow): void {
  const { store } = world;
  if (!inbox.enable_auto_assignment || !store.inboxes.has(inbox.id)) return;
  const log = given.get(store) ?? new Map<number, number[]>();
  given.set(store, log);
  const waiting = [...store.conversations.values()]
    .filter((each) => each.inbox_id === inbox.id && each.status === 'open' && each.assignee_id === null)
    .toSorted((one, other) => waitsSince(one) - waitsSince(other));
  for (const conversation of waiting) {
    const recent = (id: number) => (log.get(id) ?? []).filter((at) => at > world.now() - windowMs);
    const agent = onlineAgent(store, inbox, undefined, ({ id }) => recent(id).length < perAgent);
    if (agent === null) return;
    log.set(agent.id, [...recent(agent.id), world.now()]);
    updateConversation(world, conversation, { assignee_id: agent.id }, { kind: 'policy' });
  }
}

function waitsSince(conversation: ConversationRow): number {
  return conversation.waiting_since ?? conversation.created_at;
}
