import { storiesKey, storyKey } from '../keys.ts';
import type { RedisConnection } from '../redis.ts';
import { contactSubject, type StoryJob, subjectOf } from '../story-job.ts';
import { mergeRecords, readRecord, type StoryRecord } from '../story-record.ts';
import { contactBucket, storyBucket, unpackContact } from './bucket.ts';
import { isEnded, referenceIn, shapeIn, unpackEnded } from './ended.ts';
import { ORIGIN, type Origin, referenceTo, unpackOrigin } from './origin.ts';
import { readShapes } from './shapes.ts';

/** How many jobs of a conversation are told at most, the newest. */
const LONGEST_STORY = 300;

/** The jobs of a subject that have ended, in this shard. @throws when Redis is away. */
export async function readEnded(
  redis: Pick<RedisConnection, 'client'>,
  prefix: string,
  subject: string,
): Promise<StoryJob[]> {
  const { client } = redis;
  const [former, records] = await Promise.all([
    // As versions before kept it, until it has run out.
    client.lrange(storyKey(prefix, subject), 0, -1),
    client.lrangeBuffer(storyBucket(prefix, subject), 0, -1),
  ]);
  const shapes = await readShapes(redis, prefix, new Set(records.filter(isEnded).map(shapeIn)));
  const all = [...former.map(readRecord), ...unpackBucket(records, shapes)];
  const its = all
    .filter((record) => record !== null)
    .filter((one) => !('state' in one) || isOf(one, subject));
  return mergeRecords(its).slice(-LONGEST_STORY);
}

function isOf(record: StoryRecord, subject: string): boolean {
  return 'state' in record && subjectOf(record) === subject;
}

/** What all records of a bucket say, in order; one that can't be read says nothing. */
function unpackBucket(
  records: readonly Buffer[],
  shapes: ReadonlyMap<number, string>,
): (StoryRecord | null)[] {
  const origins = new Map<number, Origin>();
  return records.map((record) => {
    try {
      if (record[0] === ORIGIN) {
        const origin = unpackOrigin(record);
        origins.set(referenceTo(origin.delivery), origin);
        return null;
      }
      if (!isEnded(record)) return readRecord(record.toString());
      const origin = origins.get(referenceIn(record));
      const shape = shapes.get(shapeIn(record));
      return origin === undefined || shape === undefined ? null : unpackEnded(record, shape, origin);
    } catch {
      return null;
    }
  });
}

/** The conversations of a contact that have had a job in this shard, the latest first. @throws when Redis is away. */
export async function readConversations(
  { client }: Pick<RedisConnection, 'client'>,
  prefix: string,
  account: number,
  contact: number,
): Promise<number[]> {
  const key = contactBucket(prefix, contactSubject(account, contact));
  const found: { readonly conversation: number; readonly hour: number }[] = [];
  let cursor = '0';
  do {
    const [next, pairs] = await client.hscanBuffer(key, cursor, 'COUNT', 1_000);
    cursor = next.toString();
    for (let at = 0; at < pairs.length; at += 2) {
      const pair = unpackContact(pairs[at] ?? Buffer.alloc(0));
      if (pair.account !== account || pair.contact !== contact) continue;
      found.push({ conversation: pair.conversation, hour: Number(pairs[at + 1]) });
    }
  } while (cursor !== '0');
  return found
    .toSorted((a, b) => b.hour - a.hour || b.conversation - a.conversation)
    .map(({ conversation }) => conversation);
}

/** What is known of a delivery from the bucket it is in; null when it is there no more. @throws when Redis is away. */
export async function readOrigin(
  { client }: Pick<RedisConnection, 'client'>,
  prefix: string,
  bucket: number,
  delivery: string,
): Promise<Origin | null> {
  const records = await client.lrangeBuffer(storiesKey(prefix, bucket), 0, -1);
  const origins = records.filter((record) => record[0] === ORIGIN).map(unpackOrigin);
  return origins.findLast((origin) => origin.delivery === delivery) ?? null;
}
