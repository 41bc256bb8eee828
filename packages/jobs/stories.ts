import { queues as catalogue } from './catalogue.ts';
import { createRecall } from './dedupe/recall.ts';
import { seenDelivery } from './dedupe/seen-name.ts';
import { formerJobIdOf, jobIdOf } from './job-id.ts';
import { conversationsKey, lanesKey, shardPrefixes } from './keys.ts';
import type { RedisConnection } from './redis.ts';
import {
  contactSubject,
  conversationSubject,
  type StoryJob,
  type StoryPlace,
  unpackPlace,
} from './story-job.ts';
import { holdersOf, readBullMqJob, readLane, type StorySource } from './story-live.ts';
import { unpackStoryBucket } from './story-store/bucket.ts';
import { readConversations, readEnded, readOrigin } from './story-store/read.ts';

export interface StoriesSettings {
  readonly redis: RedisConnection;
  /** How many shards the installation has; 1 by default. */
  readonly shards?: number;
  /** All its queues, the user's own too; the catalogue's otherwise. */
  readonly queues?: readonly string[];
}

/**
 * What became of deliveries. Jobs that have ended are known for `stories.keepHours`, the newest 300 of a conversation;
 * those that have not, as long as they are there. Holds nothing a customer wrote. All of it throws when Redis is away.
 */
export interface Stories {
  /** Oldest first; [] when nothing is known. Accounts and conversations by Chatwoot's ids. */
  ofConversation(account: number, conversation: number): Promise<readonly StoryJob[]>;
  /** The jobs of the contact's own lane, and the conversations we know of, the latest first. */
  ofContact(
    account: number,
    contact: number,
  ): Promise<{ readonly jobs: readonly StoryJob[]; readonly conversations: readonly number[] }>;
  /**
   * Its jobs on all queues; [] when it is known and nothing is left of its jobs, or no queue wanted it; null when it
   * was never seen, or longer ago than deliveries are remembered.
   */
  ofDelivery(delivery: string): Promise<readonly StoryJob[] | null>;
}

/** Lanes whose names do not follow from what is asked are looked through, so many of a queue on a shard. */
const LANES_LOOKED_THROUGH = 2_000;

export function createStories(settings: StoriesSettings): Stories {
  const { shards = 1, queues = catalogue.map(({ name }) => name) } = settings;
  const { redis } = settings;
  const { client } = redis;
  const recall = createRecall(redis);
  const prefixes = shardPrefixes(shards);
  const sources = prefixes.flatMap((prefix) => queues.map((queue): StorySource => ({ prefix, queue })));

  /** The jobs that have ended, of all shards: where a conversation lies follows from its contact (shard.ts). */
  async function ended(subject: string): Promise<StoryJob[]> {
    return (await Promise.all(prefixes.map((prefix) => readEnded(redis, prefix, subject)))).flat();
  }

  async function unfinished(lanes: readonly string[], alsoLanes: RegExp): Promise<StoryJob[]> {
    const found = await Promise.all(
      sources.map(async (source) => {
        const holders = await holdersOf(client, source, lanes);
        for (const [lane, holder] of await lanesLike(source, alsoLanes)) holders.set(lane, holder);
        return Promise.all([...holders].map(([lane, holder]) => readLane(client, source, lane, holder)));
      }),
    );
    return found.flat(2);
  }

  async function lanesLike({ prefix, queue }: StorySource, pattern: RegExp): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    let cursor = '0';
    let seen = 0;
    do {
      const [next, pairs] = await client.hscan(lanesKey(prefix, queue), cursor, 'COUNT', 500);
      cursor = next;
      seen += pairs.length / 2;
      for (let at = 0; at < pairs.length; at += 2) {
        const lane = pairs[at] ?? '';
        if (pattern.test(lane)) found.set(lane, pairs[at + 1] ?? '');
      }
    } while (cursor !== '0' && seen < LANES_LOOKED_THROUGH);
    return found;
  }

  async function ofConversation(account: number, conversation: number, contact: number | null = null) {
    const subject = conversationSubject(account, conversation);
    const before = await ended(subject);
    const contacts = new Set([contact, ...before.map((job) => job.contact)].filter((id) => id !== null));
    const lanes = [subject, ...[...contacts].map((id) => contactSubject(account, id))];
    // Lanes named by a function of the user's, and the contact's as long as nobody knows which contact that is.
    const also = new RegExp(`^[${contacts.size === 0 ? 'uc' : 'u'}]${account}-`);
    const now = await unfinished(lanes, also);
    const its = now.filter((job) => (job.account ?? 0) === account && job.conversation === conversation);
    return inOrder(before, its);
  }

  async function ofContact(account: number, contact: number) {
    const subject = contactSubject(account, contact);
    const [alone, now, known] = await Promise.all([
      ended(subject),
      unfinished([subject], new RegExp(`^u${account}-`)),
      Promise.all(
        prefixes.flatMap((prefix) => [
          readConversations(redis, prefix, account, contact),
          // As versions before kept them.
          client.zrevrange(conversationsKey(prefix, subject), 0, -1),
        ]),
      ),
    ]);
    const conversations = new Set(known.flat().map(Number));
    for (const job of now)
      if (isOf(job, account, contact) && job.conversation !== null) conversations.add(job.conversation);
    const within = await Promise.all([...conversations].map((id) => ended(conversationSubject(account, id))));
    const mine = (job: StoryJob) =>
      job.lane === subject || (job.conversation === null && isOf(job, account, contact));
    return {
      jobs: inOrder([...alone, ...within.flat().filter(mine)], now.filter(mine)),
      conversations: [...conversations],
    };
  }

  async function ofDelivery(delivery: string): Promise<readonly StoryJob[] | null> {
    const jobIds = [jobIdOf(delivery), formerJobIdOf(delivery)].filter((id) => id !== null);
    const [seen, held] = await Promise.all([
      Promise.all(prefixes.map((prefix) => recall(prefix, seenDelivery(delivery)))),
      Promise.all(jobIds.flatMap((jobId) => sources.map((source) => readBullMqJob(client, source, jobId)))),
    ]);
    const inBullMq = held.filter((job) => job?.delivery === delivery).filter((job) => job !== null);
    const at = seen.findIndex((one) => one !== null);
    const value = seen[at] ?? null;
    const place = inBullMq[0] ?? (value === null ? null : await placeIn(value, prefixes[at] ?? '', delivery));
    const all = place === null ? [] : await ofPlace(place);
    const its = all.filter((job) => job.delivery === delivery);
    const missing = inBullMq.filter((job) => !its.some(({ queue }) => queue === job.queue));
    if (its.length === 0 && missing.length === 0 && value === null) return null;
    return inOrder(its, missing);
  }

  /** By what is recorded of a delivery with what was seen. */
  async function placeIn(found: string, prefix: string, delivery: string): Promise<StoryPlace | null> {
    const bucket = unpackStoryBucket(found);
    return bucket === null ? unpackPlace(found) : readOrigin(redis, prefix, bucket, delivery);
  }

  async function ofPlace({ account, conversation, contact }: StoryPlace): Promise<readonly StoryJob[]> {
    if (conversation !== null) return ofConversation(account ?? 0, conversation, contact);
    return contact === null ? [] : (await ofContact(account ?? 0, contact)).jobs;
  }

  return {
    ofConversation: (account, conversation) => ofConversation(account, conversation),
    ofContact,
    ofDelivery,
  };
}

function isOf(job: StoryJob, account: number, contact: number): boolean {
  return (job.account ?? 0) === account && job.contact === contact;
}

/** By acceptance. A job that goes on was redriven since it died, so that it goes on is the newer truth. */
function inOrder(ended: readonly StoryJob[], now: readonly StoryJob[]): StoryJob[] {
  const jobs = new Map<string, StoryJob>();
  for (const job of [...ended, ...now]) jobs.set(`${job.queue} ${job.jobId}`, job);
  const endOf = ({ endedAt }: StoryJob) => endedAt ?? Number.MAX_SAFE_INTEGER;
  return [...jobs.values()].toSorted((a, b) => a.receivedAt - b.receivedAt || endOf(a) - endOf(b));
}
