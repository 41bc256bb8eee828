import type { JobState } from '@switchyard/jobs';

/** What the bot remembers of a conversation until it is resolved or given back: ids, labels and instants. */
export interface Memory {
  /** When a person of the team last replied, by Chatwoot's clock; null when none has. */
  readonly human: { readonly at: number | null } | null;
  readonly offer: { readonly rule: string; readonly at: number } | null;
  readonly handoff: HandoffMemory | null;
  /** The last message that was answered, and by which job. */
  readonly answered: { readonly message: number; readonly job: string } | null;
}

/** `late`: it was too late for a reply, and there is no handoff in the rule itself. */
export type HandoffCause = 'offer' | 'rule' | 'late';

/** Written when a handoff begins, so that a retry goes on with it although the conversation has changed by then. */
interface HandoffMemory {
  readonly job: string;
  readonly rule: string;
  readonly because: HandoffCause;
  readonly done: boolean;
}

export const emptyMemory: Memory = { human: null, offer: null, handoff: null, answered: null };

/** Longer than conversations last; one that is resolved forgets at once. */
const REMEMBERED_MS = 180 * 24 * 60 * 60_000;

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
  const memory = await recall(state, account, conversation);
  await state.set(key(account, conversation), { ...memory, ...change }, REMEMBERED_MS);
}

export function forget(state: JobState, account: number, conversation: number): Promise<void> {
  return state.delete(key(account, conversation));
}

/** A value from the state; a part that this version can't read counts as nothing. */
function readMemory(stored: unknown): Memory {
  const { human, offer, handoff, answered } = fieldsOf(stored);
  return {
    human: isObject(human) ? { at: numberOrNull(fieldsOf(human).at) } : null,
    offer: readOffer(fieldsOf(offer)),
    handoff: readHandoff(fieldsOf(handoff)),
    answered: readAnswered(fieldsOf(answered)),
  };
}

function readOffer({ rule, at }: Fields): Memory['offer'] {
  return typeof rule === 'string' && typeof at === 'number' ? { rule, at } : null;
}

function readHandoff({ job, rule, because, done }: Fields): HandoffMemory | null {
  if (typeof job !== 'string' || typeof rule !== 'string') return null;
  return {
    job,
    rule,
    because: because === 'offer' || because === 'late' ? because : 'rule',
    done: done === true,
  };
}

function readAnswered({ message, job }: Fields): Memory['answered'] {
  return typeof message === 'number' && typeof job === 'string' ? { message, job } : null;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? { ...value } : {};
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function key(account: number, conversation: number): string {
  return `conversation:${account}:${conversation}`;
}
