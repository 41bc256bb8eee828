import type { JobState } from '@switchyard/jobs';
import { type Fields, fieldsOf, isObject, numberOrNull } from './fields.ts';
import { isEmptyKnown, type KnownMemory, mayBeginAnew, readKnown } from './known.ts';

/** What the bot remembers of a conversation until it is resolved or given back: ids, labels and instants. */
export interface Memory {
  /** When a person of the team last replied, by Chatwoot's clock; null when none has. */
  readonly human: { readonly at: number | null } | null;
  /** As of when it was made, by Chatwoot's clock. */
  readonly offer: { readonly rule: string; readonly at: number } | null;
  readonly handoff: HandoffMemory | null;
  /** The last message that was answered, and by which job. */
  readonly answered: { readonly message: number; readonly job: string } | null;
  /** The messages that no rule answers and that were let pass; see `bot.unanswered.after`. */
  readonly passed: readonly number[];
  /** The messages of ours that were found undelivered; each is told once. */
  readonly undelivered: readonly number[];
  /** Who was assigned, by ids: kept when the rest is forgotten. */
  readonly known: KnownMemory;
}

/**
 * `late`: it was too late for a reply, and there is no handoff in the rule itself. `unanswered`: nothing of the config
 * answers, or the answer can't be given; `rule` then says why.
 */
export type HandoffCause = 'offer' | 'rule' | 'late' | 'unanswered';

/** Written when a handoff begins, so that a retry goes on with it although the conversation has changed by then. */
interface HandoffMemory {
  readonly job: string;
  readonly rule: string;
  readonly because: HandoffCause;
  readonly done: boolean;
  /** As of when it was decided, by Chatwoot's clock; null from before this was kept. */
  readonly at: number | null;
}

export const emptyMemory: Memory = {
  human: null,
  offer: null,
  handoff: null,
  answered: null,
  passed: [],
  undelivered: [],
  known: {},
};

const DAY_MS = 24 * 60 * 60_000;
/** Longer than conversations last; one that is resolved forgets at once. */
const REMEMBERED_MS = 180 * DAY_MS;
/** Every conversation has it, also those in which the bot says nothing. Older ones are told by their messages. */
const KNOWN_MS = 14 * DAY_MS;
const MOST_MESSAGES = 20;

export async function recall(state: JobState, account: number, conversation: number): Promise<Memory> {
  return readMemory(await state.get(key(account, conversation)));
}

/** Changes what is remembered. A conversation's jobs share a lane, so nobody else writes meanwhile. */
export async function remember(
  state: JobState,
  account: number,
  conversation: number,
  change: Partial<Memory>,
): Promise<void> {
  const memory = { ...(await recall(state, account, conversation)), ...change };
  const keepMs = isEmpty(memory) ? KNOWN_MS : REMEMBERED_MS;
  await state.set(key(account, conversation), memory, keepMs);
}

/**
 * The conversation begins anew: what was before `since` of what is known by now does not count any more. What came
 * after is kept, for the bot may hear late of it.
 *
 * @param known null when it is gone: then everything is forgotten.
 */
export async function forget(
  state: JobState,
  account: number,
  conversation: number,
  known: KnownMemory | null,
): Promise<void> {
  const before = await recall(state, account, conversation);
  if (known === null) {
    if (isEmptyKnown(before.known)) return state.delete(key(account, conversation));
    return state.set(key(account, conversation), { ...emptyMemory, known: before.known }, KNOWN_MS);
  }
  const human = before.human !== null && isLater(before.human, known) ? before.human : null;
  const memory = { ...emptyMemory, human, ...keptSince(before, known), known };
  await state.set(key(account, conversation), memory, isEmpty(memory) ? KNOWN_MS : REMEMBERED_MS);
}

/**
 * The same memory, where only late snapshots told that the conversation was given back: its messages tell how much of
 * it still counts.
 *
 * @param givenBackAt of the newest activity that tells of it; null when none does.
 */
export function settled(memory: Memory, givenBackAt: number | null): Memory {
  const { known } = memory;
  if (!mayBeginAnew(known)) return memory;
  const since = Math.max(known.since ?? 0, givenBackAt ?? 0);
  // Of a person's replies the messages tell by themselves.
  return { ...memory, human: isInDoubt(memory) ? null : memory.human, ...keptSince(memory, { since }) };
}

/** Whether a person has replied since the conversation last began anew. The reply may be heard of after that. */
export function isHumans({ human, known }: Memory): boolean {
  return human !== null && isLater(human, known);
}

/** Whether that reply may be from before it last began anew. */
export function isInDoubt({ human, known }: Memory): boolean {
  return human?.at != null && mayBeginAnew(known) && human.at <= (known.sinceAtMost ?? 0);
}

/** Whether it was handed over since it last began anew. */
export function isHandedOver({ handoff, known }: Memory): boolean {
  return handoff?.done === true && isOfNow(handoff, known);
}

/** What we did ourselves, and has not ended since. */
function keptSince({ offer, handoff }: Memory, known: KnownMemory): Pick<Memory, 'offer' | 'handoff'> {
  const kept = <T extends At>(one: T | null) => (one !== null && isOfNow(one, known) ? one : null);
  return { offer: kept(offer), handoff: kept(handoff) };
}

interface At {
  readonly at: number | null;
}

function isLater({ at }: At, { since }: KnownMemory): boolean {
  return at === null || since === undefined || at > since;
}

/** Ours is as of a state of the conversation, the very one that a change made perhaps. */
function isOfNow({ at }: At, { since }: KnownMemory): boolean {
  return at === null || since === undefined || at >= since;
}

/** Whether the bot has nothing to forget; who was assigned does not count. */
export function isEmpty({ human, offer, handoff, answered, passed, undelivered }: Memory): boolean {
  const nothing = human === null && offer === null && handoff === null && answered === null;
  return nothing && passed.length === 0 && undelivered.length === 0;
}

/** The list with one more message; the oldest go. */
export function withMessage(messages: readonly number[], message: number): readonly number[] {
  return messages.includes(message) ? messages : [...messages, message].slice(-MOST_MESSAGES);
}

/** A value from the state; a part that this version can't read counts as nothing. */
function readMemory(stored: unknown): Memory {
  const { human, offer, handoff, answered, passed, undelivered, known } = fieldsOf(stored);
  return {
    human: isObject(human) ? { at: numberOrNull(fieldsOf(human).at) } : null,
    offer: readOffer(fieldsOf(offer)),
    handoff: readHandoff(fieldsOf(handoff)),
    answered: readAnswered(fieldsOf(answered)),
    passed: readMessages(passed),
    undelivered: readMessages(undelivered),
    known: readKnown(known),
  };
}

function readMessages(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.filter((id) => typeof id === 'number') : [];
}

function readOffer({ rule, at }: Fields): Memory['offer'] {
  return typeof rule === 'string' && typeof at === 'number' ? { rule, at } : null;
}

function readHandoff({ job, rule, because, done, at }: Fields): HandoffMemory | null {
  if (typeof job !== 'string' || typeof rule !== 'string') return null;
  return {
    job,
    rule,
    because: because === 'offer' || because === 'late' || because === 'unanswered' ? because : 'rule',
    done: done === true,
    at: numberOrNull(at),
  };
}

function readAnswered({ message, job }: Fields): Memory['answered'] {
  return typeof message === 'number' && typeof job === 'string' ? { message, job } : null;
}

function key(account: number, conversation: number): string {
  return `conversation:${account}:${conversation}`;
}
