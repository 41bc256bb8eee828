import { isHumanReply } from '../authorship.ts';
import type { MessageRecord } from '../records.ts';
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
  const givenBack = read.find(({ message, readings }) => givesBack(message, readings))?.message.id ?? 0;
  const counts = (message: MessageRecord) => message.id > givenBack && isAfter(message, since);
  const reply = newestFirst.find((message) => counts(message) && isHumanReply(message)) ?? null;
  const first = newestFirst.findLast(({ type }) => type !== 'activity');
  return {
    reply,
    olderIsPast: givenBack > 0 || messages.some((message) => !isAfter(message, since)),
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
