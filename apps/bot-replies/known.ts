import { type Change, type ChatwootEvent, changedAt, type Known } from '@switchyard/chatwoot';
import { fieldsOf, isObject, numberOrNull } from './fields.ts';

/**
 * What webhooks told of who has a conversation, by ids. It tells where the texts of Chatwoot's activities, which are
 * in the account's language and come a moment later, do not (packages/chatwoot/hands).
 */
export interface KnownMemory {
  /** The user that `conversation_created` showed as assignee; null for nobody. */
  readonly createdWith?: number | null;
  /** When we heard of it, by our clock. */
  readonly createdHeardAt?: number;
  /** The newest change of the assignee, and whether the team changed with it, or it was opened with it. */
  readonly assigned?: Heard & { readonly withTeam: boolean; readonly withOpening?: true };
  /** The newest change of the team to one that is there. */
  readonly teamed?: Heard;
  /** When it was last resolved or made pending again, as the change itself says it. */
  readonly since?: number;
  /** It was resolved or made pending again at this instant or before: all that a late snapshot tells (contract §1.6). */
  readonly sinceAtMost?: number;
}

/** A change to somebody. */
interface Heard {
  readonly to: number;
  /** When it was made, by Chatwoot's clock; null where that was not said. */
  readonly at: number | null;
  /** When we heard of it, by our clock; missing from before this was kept. */
  readonly heardAt?: number;
}

/** What an event adds; null when nothing. */
export function learn(known: KnownMemory, event: ChatwootEvent): KnownMemory | null {
  if (event.name === 'conversation_created') return learnCreation(known, event);
  if (event.name === 'conversation_updated') return learnChange(known, event);
  return null;
}

/** Notes that it was given back by then at the latest; null when that is nothing new. */
export function learnGivenBack(known: KnownMemory, atMost: number | null): KnownMemory | null {
  const isNews = atMost !== null && atMost > Math.max(known.since ?? 0, known.sinceAtMost ?? 0);
  return isNews ? { ...known, sinceAtMost: atMost } : null;
}

/** Whether it may have been given back after `since`. */
export function mayBeginAnew({ since = 0, sinceAtMost = 0 }: KnownMemory): boolean {
  return sinceAtMost > since;
}

export function knownOf({ createdWith, createdHeardAt, assigned, teamed }: KnownMemory): Known {
  return { createdWith, createdHeardAt, assigned, teamed: teamed?.to };
}

export function isEmptyKnown(known: KnownMemory): boolean {
  return Object.values(known).every((one) => one === undefined);
}

export function readKnown(stored: unknown): KnownMemory {
  const { createdWith, createdHeardAt, assigned, teamed, since, sinceAtMost } = fieldsOf(stored);
  return {
    ...(createdWith === null || typeof createdWith === 'number' ? { createdWith } : {}),
    ...(typeof createdHeardAt === 'number' ? { createdHeardAt } : {}),
    ...(isObject(assigned) ? readAssigned(assigned) : {}),
    ...(isObject(teamed) ? readTeamed(teamed) : {}),
    ...(typeof since === 'number' ? { since } : {}),
    ...(typeof sinceAtMost === 'number' ? { sinceAtMost } : {}),
  };
}

function readAssigned(stored: object): Pick<KnownMemory, 'assigned'> {
  const heard = readHeard(stored);
  if (heard === null) return {};
  const { withTeam, withOpening } = fieldsOf(stored);
  const opened: { withOpening?: true } = withOpening === true ? { withOpening } : {};
  return { assigned: { ...heard, withTeam: withTeam === true, ...opened } };
}

function readTeamed(stored: object): Pick<KnownMemory, 'teamed'> {
  const teamed = readHeard(stored);
  return teamed === null ? {} : { teamed };
}

function readHeard(stored: object): Heard | null {
  const { to, at, heardAt } = fieldsOf(stored);
  if (typeof to !== 'number') return null;
  return { to, at: numberOrNull(at), ...(typeof heardAt === 'number' ? { heardAt } : {}) };
}

function learnCreation(known: KnownMemory, { conversation, delivery }: ChatwootEvent): KnownMemory | null {
  if (conversation === null || known.createdWith !== undefined) return null;
  const { assignee } = conversation;
  return {
    ...known,
    createdWith: assignee?.kind === 'user' ? assignee.id : null,
    createdHeardAt: delivery.receivedAt,
  };
}

/** Two changes may come in either order, so the later one is kept, by the instant that the change itself says. */
function learnChange(
  known: KnownMemory,
  { conversation, changes, delivery }: ChatwootEvent,
): KnownMemory | null {
  const at = changedAt(changes);
  const heardAt = delivery.receivedAt;
  const to = changes?.assignee_id?.to;
  const isNewer = (before: number | null | undefined) => at === null || before == null || at >= before;
  const assigned =
    typeof to === 'number' && isNewer(known.assigned?.at)
      ? { to, withTeam: changes?.team_id !== undefined, ...opening(changes), at, heardAt }
      : null;
  const team = changes?.team_id?.to;
  const teamed = typeof team === 'number' && isNewer(known.teamed?.at) ? { to: team, at, heardAt } : null;
  const learnt = {
    ...known,
    ...(assigned === null ? {} : { assigned }),
    ...(teamed === null ? {} : { teamed }),
  };
  const isNothing = assigned === null && teamed === null;
  if (!givesBack(changes?.status)) return isNothing ? null : learnt;
  if (at === null)
    return learnGivenBack(learnt, conversation?.updatedAt ?? null) ?? (isNothing ? null : learnt);
  const isOld = known.since !== undefined && at <= known.since;
  return isOld && isNothing ? null : { ...learnt, since: Math.max(at, known.since ?? 0) };
}

function opening(changes: ChatwootEvent['changes']): { readonly withOpening?: true } {
  const opens = changes?.status?.to === 'open' && changes.assignee_id?.from === null;
  return opens ? { withOpening: true } : {};
}

/** Resolved, or made pending again. A conversation that begins pending has no earlier status. */
function givesBack(status: Change | undefined): boolean {
  if (status === undefined || status.from === null) return false;
  return status.to === 'resolved' || status.to === 'pending';
}
