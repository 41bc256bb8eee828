import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { conversationSchema, messageSchema } from '../records.ts';
import type { Known, People, Sight } from './hand.ts';

// For tests only: conversations of running Chatwoots, as their API gave them, cut to what hands are told from.
const folder = fileURLToPath(new URL('../../testkit/recordings/hands/', import.meta.url));

export const VERSIONS = ['4.10.1', '4.13.0', '4.16.2'] as const;
export type Version = (typeof VERSIONS)[number];

const recordedSchema = z.array(
  z.object({
    file: z.string(),
    /** What the customer wrote, which names the situation. */
    said: z.string().nullable(),
    /** When the conversation was read, epoch milliseconds. */
    at: z.number(),
    /** The assignee that its `conversation_created` showed. */
    createdWith: z.union([z.number(), z.literal('unknown')]).nullable(),
    conversation: conversationSchema,
    messages: z.array(messageSchema),
  }),
);

/** Who was there in all recordings; our token was Ada's. */
export const people: People = {
  agents: [
    { id: 1, name: 'Ada Admin' },
    { id: 2, name: 'Greta Agent' },
    { id: 3, name: 'Olof Agent' },
  ],
  owner: { id: 1, name: 'Ada Admin' },
  bots: ['Switchyard bot'],
};

/** @throws {Error} there is no such recording. */
export function recorded(
  version: Version,
  file: string,
  said: string | null,
  known?: Known,
  conversationId?: number,
): Sight {
  const all = recordedSchema.parse(JSON.parse(readFileSync(`${folder}${version}.json`, 'utf8')));
  const found = all.find(
    (one) =>
      one.file === file &&
      one.said === said &&
      (conversationId === undefined || one.conversation.id === conversationId),
  );
  if (found === undefined) throw new Error(`no recording ${version} ${file} "${said}"`);
  const { conversation, messages, createdWith, at } = found;
  return {
    conversation,
    messages,
    reach: 'whole',
    people,
    known: known ?? (createdWith === 'unknown' ? {} : { createdWith }),
    since: null,
    // Read by a customer's next question a minute later.
    now: at + 60_000,
  };
}

/** A conversation and its messages, oldest first, as short as a test can say it. */
export interface Told {
  readonly assignee?: { readonly id: number; readonly name: string; readonly type?: string };
  readonly team?: string;
  readonly status?: string;
  readonly firstReplyAt?: number;
  readonly messages?: readonly Saying[];
}

/** A text is an activity. */
export type Saying = string | Readonly<Record<string, unknown>>;

/** When every sight of a test begins, epoch milliseconds. Messages are a second apart. */
export const BEGAN = 1_795_000_000_000;

/** Seen a minute after its last change, all messages read. */
export function sightOf(told: Told, more: Partial<Sight> = {}): Sight {
  const { assignee, team, status = 'open', firstReplyAt, messages = [] } = told;
  const conversation = conversationSchema.parse({
    id: 7,
    inbox_id: 12,
    status,
    created_at: BEGAN / 1_000,
    updated_at: BEGAN / 1_000,
    first_reply_created_at: firstReplyAt === undefined ? 0 : firstReplyAt / 1_000,
    meta: {
      ...(assignee === undefined ? {} : { assignee }),
      ...(team === undefined ? {} : { team: { id: 41, name: team } }),
    },
  });
  return {
    conversation,
    messages: messagesOf(messages),
    reach: 'whole',
    people,
    known: {},
    since: null,
    now: BEGAN + 60_000,
    ...more,
  };
}

export function messagesOf(messages: readonly Saying[], firstId = 101): Sight['messages'] {
  return messages.map((saying, at) =>
    messageSchema.parse({
      id: firstId + at,
      created_at: BEGAN / 1_000 + at,
      ...(typeof saying === 'string' ? { message_type: 2, content: saying } : saying),
    }),
  );
}

export const incoming = { message_type: 0, content: 'hi', sender: { id: 5, type: 'contact', name: 'Mara' } };
export const reply = {
  message_type: 1,
  content: 'Hello',
  sender: { id: 2, type: 'user', name: 'Greta Agent' },
};
