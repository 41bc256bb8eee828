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
const people: People = {
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
