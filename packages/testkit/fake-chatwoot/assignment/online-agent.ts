import type { InboxRow, TeamRow, UserRow } from '../records.ts';
import type { Store } from '../store.ts';

/**
 * The online agent of the inbox (and of the team, when one is given) whose turn it is: the one with the fewest
 * conversations, which over time is Chatwoot's round robin (contract §3.3). Null when nobody is online.
 */
export function onlineAgent(
  store: Store,
  inbox: InboxRow,
  team?: TeamRow,
  mayTake: (user: UserRow) => boolean = () => true,
): UserRow | null {
  const candidates = store.users.filter(
    (user) =>
      mayTake(user) &&
      user.availability_status === 'online' &&
      inbox.member_ids.includes(user.id) &&
      (team === undefined || team.member_ids.includes(user.id)),
  );
  const load = (user: UserRow) =>
    [...store.conversations.values()].filter((conversation) => conversation.assignee_id === user.id).length;
  return candidates.toSorted((one, other) => load(one) - load(other))[0] ?? null;
}
