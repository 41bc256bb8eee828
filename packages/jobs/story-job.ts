import type { ChatwootEvent } from '@switchyard/chatwoot';
import type { DecisionSummary } from './define.ts';
import type { JobData } from './job-data.ts';

/** One failed attempt of a job. Instants are epoch milliseconds, here and below. */
export interface StoryAttempt {
  readonly at: number;
  readonly code: string;
  readonly message: string;
  readonly step: string | null;
  readonly next: 'retry' | 'hold' | 'dead' | 'handed-back';
  readonly nextAt: number | null;
}

export interface StoryStep {
  readonly name: string;
  readonly state: 'done' | 'begun';
  /** JSON, cut where it is long; null while the step is begun. */
  readonly result: unknown;
  /** When it ended, or began; null where that was not written down. */
  readonly at: number | null;
}

export interface StoryDecision {
  readonly action: string;
  readonly reason: string;
  readonly about: Readonly<Record<string, string | number | boolean | null>>;
}

/** What became of one event on one queue. Holds nothing a customer wrote. */
export interface StoryJob {
  readonly delivery: string;
  readonly jobId: string;
  readonly queue: string;
  readonly lane: string;
  readonly event: string;
  readonly source: string;
  readonly account: number | null;
  readonly conversation: number | null;
  readonly contact: number | null;
  readonly message: number | null;
  readonly receivedAt: number;
  /** Of its last attempt. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** `behind`: another job of its lane goes first. */
  readonly state: 'waiting' | 'behind' | 'active' | 'delayed' | 'dead' | 'done';
  /** Those that failed, the newest twenty, oldest first. */
  readonly attempts: readonly StoryAttempt[];
  readonly decision: StoryDecision | null;
  readonly steps: readonly StoryStep[];
  readonly error: { readonly code: string; readonly message: string; readonly step: string | null } | null;
  /** There only when the job died and somebody discarded it since. */
  readonly discardedAt?: number;
}

/** What a job's story is known by before anything has come of it. */
export type StoryOrigin = Pick<
  StoryJob,
  | 'delivery'
  | 'jobId'
  | 'queue'
  | 'lane'
  | 'event'
  | 'source'
  | 'account'
  | 'conversation'
  | 'contact'
  | 'message'
  | 'receivedAt'
>;

export function originOf(queue: string, jobId: string, { lane, event }: JobData): StoryOrigin {
  return {
    delivery: event.delivery.id,
    jobId,
    queue,
    lane,
    event: event.name,
    source: event.delivery.source,
    ...placeOf(event),
    message: event.message?.id ?? null,
    receivedAt: event.delivery.receivedAt,
  };
}

/** Where in Chatwoot an event belongs. */
export interface StoryPlace {
  readonly account: number | null;
  readonly conversation: number | null;
  readonly contact: number | null;
}

export function placeOf({ account, conversation, contact }: ChatwootEvent): StoryPlace {
  // An event that an older version wrote may lack what this one has.
  return {
    account: account ?? null,
    conversation: conversation?.id ?? null,
    contact: contact?.id ?? null,
  };
}

/** A place in a few bytes, `3/17/5`; there is one for each delivery that is remembered. */
export function packPlace({ account, conversation, contact }: StoryPlace): string {
  return [account, conversation, contact].map((id) => id ?? '').join('/');
}

/** null for what `packPlace` did not write. */
export function unpackPlace(packed: string): StoryPlace | null {
  const [, account, conversation, contact] = /^(\d*)\/(\d*)\/(\d*)$/.exec(packed) ?? [];
  if (account === undefined) return null;
  const id = (text = '') => (text === '' ? null : Number(text));
  return { account: id(account), conversation: id(conversation), contact: id(contact) };
}

/** A job's story stands with its conversation, or with its contact where it has none; null where it has neither. */
export function subjectOf({ account, conversation, contact }: StoryPlace): string | null {
  if (conversation !== null) return conversationSubject(account, conversation);
  return contact === null ? null : contactSubject(account, contact);
}

export function conversationSubject(account: number | null, conversation: number): string {
  return `v${account ?? 0}-${conversation}`;
}

export function contactSubject(account: number | null, contact: number): string {
  return `c${account ?? 0}-${contact}`;
}

const LONGEST_TEXT = 200;
const LONGEST_MESSAGE = 500;
const MOST_FIELDS = 12;
const LARGEST_RESULT = 1_000;

/** What a decision says of itself, small enough to be kept for each job; a custom worker's may say anything. */
export function boundedDecision({ action, reason, about }: DecisionSummary): StoryDecision {
  const said: unknown = about;
  const entries = typeof said === 'object' && said !== null ? Object.entries(said) : [];
  return {
    action: cut(action, LONGEST_TEXT),
    reason: cut(reason, LONGEST_TEXT),
    about: Object.fromEntries(entries.filter(isKept).slice(0, MOST_FIELDS).map(cutField)),
  };
}

type About = string | number | boolean | null;

function isKept(entry: [string, unknown]): entry is [string, About] {
  const [, value] = entry;
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

function cutField([name, value]: [string, About]): [string, About] {
  return [cut(name, LONGEST_TEXT), typeof value === 'string' ? cut(value, LONGEST_TEXT) : value];
}

export function boundedMessage(message: string): string {
  return cut(message, LONGEST_MESSAGE);
}

/** A step's result, or the beginning of its JSON where it is larger than a page would show. */
export function boundedResult(result: unknown, json = JSON.stringify(result)): unknown {
  if (json === undefined) return null;
  return json.length <= LARGEST_RESULT ? result : cut(json, LARGEST_RESULT);
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
