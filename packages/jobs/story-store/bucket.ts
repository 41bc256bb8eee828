import { crc32 } from 'node:zlib';
import { storiesKey, storyContactsKey } from '../keys.ts';
import { pushNumber, readBytes } from './bytes.ts';

/**
 * The stories of many conversations lie in one list, and what is asked for is picked out of it: a key for each would
 * take more memory than the story of most.
 */
export const STORY_BUCKETS = 1024;

/** The number of the list in which a subject's story is. */
export function bucketOf(subject: string): number {
  return crc32(subject) % STORY_BUCKETS;
}

/** Where the story of a conversation, or of a contact alone, is kept. */
export function storyBucket(prefix: string, subject: string): string {
  return storiesKey(prefix, bucketOf(subject));
}

/** Where a contact's conversations are kept, those of others among them. */
export function contactBucket(prefix: string, contact: string): string {
  return storyContactsKey(prefix, bucketOf(contact));
}

/** A contact's conversation, as a field of its bucket. */
export function packContact(account: number | null, contact: number, conversation: number): Buffer {
  const bytes: number[] = [];
  for (const id of [account ?? 0, contact, conversation]) pushNumber(bytes, id);
  return Buffer.from(bytes);
}

export function unpackContact(field: Buffer): {
  readonly account: number;
  readonly contact: number;
  readonly conversation: number;
} {
  const { number } = readBytes(field);
  return { account: number(), contact: number(), conversation: number() };
}

/** Where a delivery is found, in two bytes of Redis. 1 is what versions before wrote, and says nothing. */
export function packStoryBucket(bucket: number): string {
  return String(bucket + 2);
}

/** null for what `packStoryBucket` did not write. */
export function unpackStoryBucket(packed: string): number | null {
  const bucket = /^\d{1,4}$/.test(packed) ? Number(packed) - 2 : -1;
  return bucket >= 0 && bucket < STORY_BUCKETS ? bucket : null;
}
