import type { Change, ChatwootEvent, Known } from '@switchyard/chatwoot';
import { fieldsOf, isObject, numberOrNull } from './fields.ts';

/**
 * What webhooks told of who has a conversation, by ids. It tells where the texts of Chatwoot's activities, which are
 * in the account's language and come a moment later, do not (packages/chatwoot/hands).
 */
export interface KnownMemory {
  /** The user that `conversation_created` showed as assignee; null for nobody. */
  readonly createdWith?: number | null;
  /** When that was so, by Chatwoot's clock. */
  readonly createdAsOf?: number;
  /** The newest change of the assignee, and whether the team changed with it. */
  readonly assigned?: { readonly to: number; readonly withTeam: boolean; readonly at: number | null };
  /** The newest change of the team to one that is there. */
  readonly teamed?: { readonly to: number; readonly at: number | null };
  /** When it was last resolved or made pending again, epoch milliseconds. */
  readonly since?: number;
}

/** What an event adds; null when nothing. */
export function learn(known: KnownMemory, event: ChatwootEvent): KnownMemory | null {
  if (event.name === 'conversation_created') return learnCreation(known, event);
  if (event.name === 'conversation_updated') return learnChange(known, event);
  return null;
}

export function knownOf({ createdWith, createdAsOf, assigned, teamed }: KnownMemory): Known {
  return { createdWith, createdAsOf, assigned, teamed: teamed?.to };
}

export function isEmptyKnown(known: KnownMemory): boolean {
  return Object.values(known).every((one) => one === undefined);
}

export function readKnown(stored: unknown): KnownMemory {
  const { createdWith, createdAsOf, assigned, teamed, since } = fieldsOf(stored);
  return {
    ...(createdWith === null || typeof createdWith === 'number' ? { createdWith } : {}),
    ...(typeof createdAsOf === 'number' ? { createdAsOf } : {}),
    ...(isObject(assigned) ? readAssigned(assigned) : {}),
    ...(isObject(teamed) ? readTeamed(teamed) : {}),
    ...(typeof since === 'number' ? { since } : {}),
  };
}

function readAssigned(stored: object): Pick<KnownMemory, 'assigned'> {
  const { to, withTeam, at } = fieldsOf(stored);
  return typeof to === 'number'
    ? { assigned: { to, withTeam: withTeam === true, at: numberOrNull(at) } }
    : {};
}

function readTeamed(stored: object): Pick<KnownMemory, 'teamed'> {
  const { to, at } = fieldsOf(stored);
  return typeof to === 'number' ? { teamed: { to, at: numberOrNull(at) } } : {};
}

function learnCreation(known: KnownMemory, { conversation }: ChatwootEvent): KnownMemory | null {
  if (conversation === null || known.createdWith !== undefined) return null;
  const { assignee, updatedAt } = conversation;
  return {
    ...known,
    createdWith: assignee?.kind === 'user' ? assignee.id : null,
    ...(updatedAt === null ? {} : { createdAsOf: updatedAt }),
  };
}

/** Two changes may come in either order, so the later one is kept by Chatwoot's clock. */
function learnChange(known: KnownMemory, { conversation, changes }: ChatwootEvent): KnownMemory | null {
  const at = conversation?.updatedAt ?? null;
  const to = changes?.assignee_id?.to;
  const isNewer = (before: number | null | undefined) => at === null || before == null || at >= before;
  const assigned =
    typeof to === 'number' && isNewer(known.assigned?.at)
      ? { to, withTeam: changes?.team_id !== undefined, at }
      : null;
  const team = changes?.team_id?.to;
  const teamed = typeof team === 'number' && isNewer(known.teamed?.at) ? { to: team, at } : null;
  const since = givesBack(changes?.status) ? at : null;
  if (assigned === null && teamed === null && since === null) return null;
  return {
    ...known,
    ...(assigned === null ? {} : { assigned }),
    ...(teamed === null ? {} : { teamed }),
    ...(since === null ? {} : { since: Math.max(since, known.since ?? 0) }),
  };
}

/** Resolved, or made pending again. A conversation that begins pending has no earlier status. */
function givesBack(status: Change | undefined): boolean {
  if (status === undefined || status.from === null) return false;
  return status.to === 'resolved' || status.to === 'pending';
}
