import type { ChatwootEvent } from '@switchyard/chatwoot';
import { findKeptJob, type RedisConnection, type StoryJob } from '@switchyard/jobs';

/** What a delivery says of a person, and what that person wrote. */
export interface PersonalData {
  /** Whose message it is, or whose conversation. */
  readonly who: string | null;
  /** E-mail, phone, place. */
  readonly contact: readonly string[];
  readonly text: string | null;
}

const LONGEST_TEXT = 2_000;
const LONGEST_FIELD = 200;

/** By delivery; those whose jobs BullMQ no longer has are left out. Read only when an operator asks to see it. */
export async function readPersonalData(
  redis: RedisConnection,
  { jobs, shards }: { readonly jobs: readonly StoryJob[]; readonly shards: number },
): Promise<Map<string, PersonalData>> {
  const found = new Map<string, PersonalData>();
  for (const { delivery, queue, jobId } of jobs) {
    if (found.has(delivery)) continue;
    const kept = await findKeptJob(redis, { queue, jobId, shards });
    if (kept?.event != null) found.set(delivery, personalDataOf(kept.event));
  }
  return found;
}

/** Cut where it is long: a message may have 150 000 characters. An event in Redis may be of another version. */
function personalDataOf({ contact, message }: ChatwootEvent): PersonalData {
  const who = message?.sender?.name ?? contact?.name ?? null;
  // Of an agent's or a bot's message, the contact is whom it is written to.
  const isTheirs = message === null || message?.sender?.kind === 'contact';
  const fields = isTheirs ? [contact?.email, contact?.phone, contact?.city, contact?.country] : [];
  return {
    who: cut(who, LONGEST_FIELD),
    contact: fields.map((field) => cut(field, LONGEST_FIELD)).filter((field) => field !== null),
    text: cut(message?.content, LONGEST_TEXT),
  };
}

function cut(value: unknown, longest: number): string | null {
  if (typeof value !== 'string' || value === '') return null;
  return value.length <= longest ? value : `${value.slice(0, longest)}…`;
}
