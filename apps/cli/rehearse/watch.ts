import { setTimeout as sleep } from 'node:timers/promises';
import type { ChatwootClient, ConversationState, MessageRecord } from '@switchyard/chatwoot';
import type { Stories, StoryJob } from '@switchyard/jobs';
import type { Played } from './stage.ts';

/** What a rehearsal looks at while it waits. */
export interface Watch {
  /** The job that this event of a conversation became on a queue; of messages, of this one. */
  job(queue: string, event: string, played: Played, message?: number): Promise<Seen<StoryJob>>;
  /** Any job of the conversation on any queue. */
  anyJob(played: Played): Promise<Seen<StoryJob>>;
  /** The conversation, as soon as it is as it should be, or as it is when the time is over. */
  conversation(
    played: Played,
    isRight: (now: ConversationState) => boolean,
  ): Promise<Seen<ConversationState> & { readonly last: ConversationState | null }>;
  /** Our public messages after a message of the customer's. */
  answers(played: Played, after: number): Promise<readonly MessageRecord[]>;
}

/** null when the time was over first. */
export interface Seen<T> {
  readonly found: T | null;
  readonly ms: number;
}

export interface WatchParts {
  readonly account: number;
  readonly client: Pick<ChatwootClient, 'conversations' | 'messages'>;
  readonly stories: Pick<Stories, 'ofConversation'>;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

const LOOK_MS = 250;

export function createWatch({ account, client, stories, waitMs, signal }: WatchParts): Watch {
  async function until<T>(look: () => Promise<T | null>): Promise<Seen<T>> {
    const begun = performance.now();
    for (;;) {
      const found = await look();
      const ms = performance.now() - begun;
      if (found !== null || ms >= waitMs || signal.aborted) return { found, ms };
      await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  }
  return {
    async job(queue, event, { conversation }, message) {
      const isIt = (job: StoryJob) =>
        job.queue === queue && job.event === event && (message === undefined || job.message === message);
      let latest: StoryJob | null = null;
      const { found, ms } = await until(async () => {
        latest = (await stories.ofConversation(account, conversation)).findLast(isIt) ?? latest;
        return latest !== null && hasEnded(latest) ? latest : null;
      });
      return { found: found ?? latest, ms };
    },
    anyJob: ({ conversation }) =>
      until(async () => (await stories.ofConversation(account, conversation))[0] ?? null),
    async conversation({ conversation }, isRight) {
      let last: ConversationState | null = null;
      const seen = await until(async () => {
        last = await client.conversations.get(account, conversation);
        return isRight(last) ? last : null;
      });
      return { ...seen, last };
    },
    async answers({ conversation }, after) {
      const newer = await client.messages.list(account, conversation, { after });
      return newer.filter(
        ({ type, private: note, marker }) => type === 'outgoing' && !note && marker !== null,
      );
    },
  };
}

/** A job seen in the moment of its end has no decision yet: the next look has it. */
export function hasEnded({ state, decision }: StoryJob): boolean {
  return (state === 'done' && decision !== null) || state === 'dead';
}
