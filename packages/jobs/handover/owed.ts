import type { ChatwootEvent } from '@switchyard/chatwoot';
import { Unpackr } from 'msgpackr';
import { z } from 'zod';
import { parsed } from '../dead-job.ts';
import { readJobData } from '../job-data.ts';
import { jobKey, laneKey, lanesKey, lineKey, shardPrefixes, unsettledKey } from '../keys.ts';
import type { RedisConnection } from '../redis.ts';
import type { RedisClient } from '../redis-client.ts';
import { createLongLook } from './long-look.ts';

/** A job of a queue that has not ended, or has died, with the event it is about. */
export interface OwedJob {
  readonly jobId: string;
  readonly event: ChatwootEvent;
}

/** The line's own records of what a queue owes, read without touching it. All of it throws when Redis is away. */
export interface OwedJobs {
  /**
   * Those accepted before this instant (epoch milliseconds) and not ended, wherever they are: in BullMQ's hands,
   * waiting, delayed, paused or active; behind another of their lane; in their account's line. Without those that
   * `known` has, the oldest first, about 5 000 a shard. What one look does not come to, the next ones do.
   */
  overdue(queue: string, before: number, known: ReadonlySet<string>): Promise<OwedJob[]>;
  /** Those that died after this instant and are dead still, without those that `known` has; looked at as above. */
  dead(queue: string, after: number, known: ReadonlySet<string>): Promise<OwedJob[]>;
  /** What became of a job: `gone` when it is done, or nobody knows it any more. */
  fate(queue: string, jobId: string): Promise<'unsettled' | 'dead' | 'gone'>;
}

const TOGETHER = 200;
/** Of the jobs behind another of their lane. */
const LANE_PAGE = 5_000;

export function createOwedJobs({ client }: Pick<RedisConnection, 'client'>, shards: number): OwedJobs {
  const prefixes = shardPrefixes(shards);
  const unknownIn = createLongLook(client);

  async function onAllShards(look: (prefix: string) => Promise<OwedJob[]>): Promise<OwedJob[]> {
    return (await Promise.all(prefixes.map(look))).flat();
  }

  return {
    overdue: (queue, before, known) =>
      onAllShards(async (prefix) => {
        const key = unsettledKey(prefix, queue);
        const ids = await unknownIn(key, ['-inf', before], known);
        if (ids.length === 0) return [];
        const inBullMq = await readBullMqJobs(client, prefix, queue, ids);
        const found = new Map(inBullMq.map((job) => [job.jobId, job]));
        const missing = new Set(ids.filter((id) => !found.has(id)));
        if (missing.size > 0) {
          for await (const job of walkLanes(client, prefix, queue)) {
            if (missing.delete(job.jobId)) found.set(job.jobId, job);
            if (missing.size === 0) break;
          }
        }
        return ids.flatMap((id) => found.get(id) ?? []);
      }),
    dead: (queue, after, known) =>
      onAllShards(async (prefix) => {
        const ids = await unknownIn(`${prefix}:${queue}:failed`, [after, '+inf'], known);
        return readBullMqJobs(client, prefix, queue, ids);
      }),
    async fate(queue, jobId) {
      const scores = await Promise.all(
        prefixes.map((prefix) =>
          Promise.all([
            client.zscore(unsettledKey(prefix, queue), jobId),
            client.zscore(`${prefix}:${queue}:failed`, jobId),
          ]),
        ),
      );
      if (scores.some(([unsettled]) => unsettled !== null)) return 'unsettled';
      return scores.some(([, dead]) => dead !== null) ? 'dead' : 'gone';
    },
  };
}

/** Those of them that BullMQ has and whose data can be read. */
async function readBullMqJobs(
  client: RedisClient,
  prefix: string,
  queue: string,
  ids: readonly string[],
): Promise<OwedJob[]> {
  const jobs: OwedJob[] = [];
  for (let from = 0; from < ids.length; from += TOGETHER) {
    const chunk = ids.slice(from, from + TOGETHER);
    const stored = await Promise.all(chunk.map((id) => client.hget(jobKey(prefix, queue, id), 'data')));
    for (const [index, jobId] of chunk.entries()) {
      const data = readJobData(parsed(stored[index] ?? null));
      if (data !== null) jobs.push({ jobId, event: data.event });
    }
  }
  return jobs;
}

/** All jobs that wait behind another of their lane, and those whose lane waits in its account's line. */
async function* walkLanes(client: RedisClient, prefix: string, queue: string): AsyncGenerator<OwedJob, void> {
  const accounts = new Set<string>();
  let cursor = '0';
  do {
    const [next, pairs] = await client.hscan(lanesKey(prefix, queue), cursor, 'COUNT', TOGETHER);
    cursor = next;
    const lanes = pairs.filter((_part, index) => index % 2 === 0);
    for (const lane of lanes) accounts.add(accountOf(lane));
    const behind = await Promise.all(
      lanes.map((lane) => client.lrangeBuffer(laneKey(prefix, queue, lane), 0, LANE_PAGE - 1)),
    );
    for (const [index, lane] of lanes.entries()) {
      let page = behind[index] ?? [];
      for (let from = LANE_PAGE; ; from += LANE_PAGE) {
        yield* page.flatMap((packed) => readLaneJob(unpackr.unpack(packed)));
        if (page.length < LANE_PAGE) break;
        page = await client.lrangeBuffer(laneKey(prefix, queue, lane), from, from + LANE_PAGE - 1);
      }
    }
  } while (cursor !== '0');
  for (const account of accounts) {
    const key = lineKey(prefix, queue, account);
    for (let from = 0; ; from += TOGETHER) {
      const packed = await client.lrangeBuffer(key, from, from + TOGETHER - 1);
      yield* packed.flatMap((one) => readLaneJob(lineEntrySchema.safeParse(unpackr.unpack(one)).data?.[1]));
      if (packed.length < TOGETHER) break;
    }
  }
}

const unpackr = new Unpackr({ useRecords: false });

/** A job as the lanes keep it (lanes-lua.ts): id, name, timestamp, data, … */
const laneJobSchema = z.tuple([z.string(), z.string(), z.unknown(), z.string()]).rest(z.unknown());
const lineEntrySchema = z.tuple([z.string(), z.unknown()]);

function readLaneJob(packed: unknown): OwedJob[] {
  const job = laneJobSchema.safeParse(packed).data;
  if (job === undefined) return [];
  const data = readJobData(parsed(job[3]));
  return data === null ? [] : [{ jobId: job[0], event: data.event }];
}

/** As lanes-lua.ts reads it off a lane. */
function accountOf(lane: string): string {
  return /^[A-Za-z](\d+)-/.exec(lane)?.[1] ?? '0';
}
