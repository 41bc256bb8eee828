import { isHumanReply } from '../authorship.ts';
import type { MessageRecord } from '../records.ts';
import { WRITTEN_WITHIN_MS } from './fresh.ts';
import type { Sight } from './hand.ts';
import { type Reading, readingsOf } from './reading.ts';

/** What was done and said in a conversation, newest first. */
export interface History {
  readonly activities: readonly Activity[];
  /** The newest reply of a person that still counts. */
  readonly reply: MessageRecord | null;
  readonly replyIsFirst: boolean;
  /** What is older than the messages in sight does not count any more. */
  readonly olderIsPast: boolean;
}

export interface Activity {
  readonly text: string;
  /** Epoch milliseconds, of whole seconds. */
  readonly at: number | null;
  readonly readings: readonly Reading[];
  /** Chatwoot 4.16 says in `content_attributes.activity` to which status it was set. */
  readonly status: string | null;
  /** False for what was before the conversation was last given back. */
  readonly counts: boolean;
}

export function historyOf({ messages, reach, since }: Sight): History {
  const newestFirst = [...messages].sort((a, b) => b.id - a.id);
  const read = newestFirst
    .filter(({ type }) => type === 'activity')
    .map((message) => ({ message, readings: readingsOf(message.content) }));
  const givenBack = read.find(({ message, readings }) => givesBack(message, readings))?.message ?? null;
  const counts = (message: MessageRecord) =>
    isAfter(message, since) &&
    (givenBack === null || message.id > givenBack.id || isBeforeItsActivity(message, givenBack, since));
  const reply = newestFirst.find((message) => counts(message) && isHumanReply(message)) ?? null;
  const first = newestFirst.findLast(({ type }) => type !== 'activity');
  return {
    reply,
    olderIsPast: givenBack !== null || messages.some((message) => !isAfter(message, since)),
    replyIsFirst: reach === 'whole' && first !== undefined && isHumanReply(first) && counts(first),
    activities: read.map(({ message, readings }) => ({
      text: message.content ?? '',
      at: message.createdAt,
      readings,
      status: message.setsStatus ?? null,
      counts: counts(message),
    })),
  };
}

/** When the newest activity that tells of a resolving or a give-back was written; null when none tells. */
export function givenBackAt(messages: readonly MessageRecord[]): number | null {
  const instants = messages
    .filter((message) => message.type === 'activity' && givesBack(message, readingsOf(message.content)))
    .map(({ createdAt }) => createdAt ?? 0);
  return instants.length === 0 ? null : Math.max(...instants);
}

/**
 * Whether it came after the instant of the give-back, and before the activity that tells of that: Chatwoot writes
 * activities in a job of its own.
 */
function isBeforeItsActivity(
  { createdAt }: MessageRecord,
  activity: MessageRecord,
  since: number | null,
): boolean {
  if (since === null || createdAt === null || activity.createdAt === null) return false;
  return createdAt > since && activity.createdAt - since < WRITTEN_WITHIN_MS;
}

/** Made pending again, or resolved, by whomever: from there on the bot's turn begins anew. */
function givesBack(message: MessageRecord, readings: readonly Reading[]): boolean {
  const { setsStatus } = message;
  if (setsStatus !== undefined) return setsStatus === 'pending' || setsStatus === 'resolved';
  return readings.some(
    ({ does }) => does === 'pending' || does === 'resolved' || does === 'resolved-by-system',
  );
}

/** Messages have whole seconds; one in the very second of the instant counts, rather than miss a person. */
function isAfter({ createdAt }: MessageRecord, since: number | null): boolean {
  return since === null || createdAt === null || createdAt + 1_000 > since;
}
