import type { JobState } from '@switchyard/jobs';
import { type Fields, fieldsOf, isObject, numberOrNull } from './fields.ts';
import { isEmptyKnown, type KnownMemory, readKnown } from './known.ts';

/** What the bot remembers of a conversation until it is resolved or given back: ids, labels and instants. */
export interface Memory {
  /** When a person of the team last replied, by Chatwoot's clock; null when none has. */
  readonly human: { readonly at: number | null } | null;
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
  /** Epoch milliseconds; null from before this was kept. */
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
 * The conversation begins anew: what was before `since` (epoch milliseconds) does not count any more. What came after
 * is kept, for the bot may hear late of it.
 */
export async function forget(
  state: JobState,
  account: number,
  conversation: number,
  since: number | null,
): Promise<void> {
  const { known, human, offer, handoff } = await recall(state, account, conversation);
  if (since === null) {
    if (isEmptyKnown(known)) return state.delete(key(account, conversation));
    return state.set(key(account, conversation), { ...emptyMemory, known }, KNOWN_MS);
  }
  const later = <T extends { readonly at: number | null }>(one: T | null) =>
    one !== null && one.at !== null && one.at > since ? one : null;
  const kept = { human: later(human), offer: later(offer), handoff: later(handoff) };
  const memory = { ...emptyMemory, ...kept, known: { ...known, since: Math.max(since, known.since ?? 0) } };
  await state.set(key(account, conversation), memory, isEmpty(memory) ? KNOWN_MS : REMEMBERED_MS);
}

/** Whether a person has replied since the conversation last began anew. The reply may be heard of after that. */
export function isHumans({ human, known }: Memory): boolean {
  return human !== null && isLater(human.at, known);
}

/** Whether it was handed over since it last began anew. */
export function isHandedOver({ handoff, known }: Memory): boolean {
  return handoff?.done === true && isLater(handoff.at, known);
}

function isLater(at: number | null, { since }: KnownMemory): boolean {
  return at === null || since === undefined || at > since;
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
