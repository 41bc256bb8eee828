import { z } from 'zod';

const recordSchema = z.object({
  leads: z.array(z.object({ conversation: z.int(), id: z.string().nullable() })),
  contactUpdatedAt: z.number().nullable(),
});

/** What this app remembers of a contact. Ids and one instant: nothing personal. */
export type ContactRecord = z.output<typeof recordSchema>;
export type KnownLead = ContactRecord['leads'][number];

/** A conversation that is silent for longer than this is as good as new. */
export const REMEMBERED_MS = 400 * 24 * 60 * 60_000;
const MOST_LEADS = 20;

export const nothingKnown: ContactRecord = { leads: [], contactUpdatedAt: null };

/**
 * Where it is remembered. A conversation whose contact the event does not name has a record of its own, so that
 * the same conversation announced twice is still one lead.
 */
export function recordKey(account: number, contact: number | null, conversation: number | null): string {
  return contact === null ? `conversation:${account}:${conversation}` : `contact:${account}:${contact}`;
}

/** A value from the state; what an older version wrote and this one can't read counts as nothing. */
export function readRecord(stored: unknown): ContactRecord {
  const parsed = recordSchema.safeParse(stored);
  return parsed.success ? parsed.data : nothingKnown;
}

/** The record with one more lead; the latest twenty are kept. */
export function withLead(record: ContactRecord, lead: KnownLead): ContactRecord {
  const others = record.leads.filter((known) => known.conversation !== lead.conversation);
  return { ...record, leads: [...others, lead].slice(-MOST_LEADS) };
}
