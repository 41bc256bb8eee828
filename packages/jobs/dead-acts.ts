import { z } from 'zod';
import { type DeadRecord, parsed } from './dead-job.ts';
import { DISCARD, FATES, type Fate, REDRIVE } from './dead-lua.ts';
import { readJobData } from './job-data.ts';
import { LATER_OPTIONS } from './job-options.ts';
import { shardPrefix } from './keys.ts';
import { LEDGER_TTL_MS } from './ledger.ts';
import type { RedisConnection } from './redis.ts';
import { placeOf, subjectOf } from './story-job.ts';
import { packDiscard } from './story-record.ts';
import { storyBucket } from './story-store/bucket.ts';

/** How long a dead job is kept, unless told otherwise. */
export const KEEP_DEAD_MS = 30 * 24 * 60 * 60_000;

/** What can be done to dead jobs of one queue on one shard, in one atomic step. Answers a fate for each of them. */
export type Act = (records: readonly DeadRecord[]) => Promise<Fate[]>;

export function createActs(redis: RedisConnection): { readonly redrive: Act; readonly discard: Act } {
  const redrive = redis.script('switchyardRedrive', REDRIVE);
  const discard = redis.script('switchyardDiscard', DISCARD);
  return {
    async redrive(records) {
      const at = placeOfAll(records);
      if (at === null) return [];
      const now = Date.now();
      const fixed = [at.queue, String(now), LATER_OPTIONS, String(LEDGER_TTL_MS), String(now - KEEP_DEAD_MS)];
      const jobs = records.flatMap((record) => [record.place.jobId, laneOf(record), dataSince(record, now)]);
      return fates(await redrive(shardPrefix(at.shard), [...fixed, ...jobs]));
    },
    async discard(records) {
      const at = placeOfAll(records);
      if (at === null) return [];
      const now = Date.now();
      const jobs = records.flatMap((record) => {
        const { queue, jobId } = record.place;
        return [jobId, laneOf(record), storyOf(record), packDiscard(queue, jobId, now)];
      });
      return fates(await discard(shardPrefix(at.shard), [at.queue, ...jobs]));
    },
  };
}

function placeOfAll(records: readonly DeadRecord[]): DeadRecord['place'] | null {
  return records[0]?.place ?? null;
}

function fates(answer: unknown): Fate[] {
  return z
    .array(z.number())
    .parse(answer)
    .map((fate) => FATES[fate] ?? 'unknown');
}

const laneSchema = z.object({ lane: z.string().min(1) });

/** Its lane, also when nothing else of its data can be read; one of its own when not even that. */
function laneOf({ raw, place }: DeadRecord): string {
  const read = laneSchema.safeParse(parsed(raw));
  return read.success ? read.data.lane : `d${place.jobId}`;
}

/** The key of its story; '' where its data does not say. */
function storyOf({ raw, place }: DeadRecord): string {
  const data = readJobData(parsed(raw));
  const subject = data === null ? null : subjectOf(placeOf(data.event));
  return subject === null ? '' : storyBucket(shardPrefix(place.shard), subject);
}

/** Its age counts from now on. '' for data no code can read: that stays as it is, and the job dies of it again. */
function dataSince({ raw }: DeadRecord, since: number): string {
  const data = parsed(raw);
  if (readJobData(data) === null || typeof data !== 'object') return '';
  return JSON.stringify({ ...data, since });
}
