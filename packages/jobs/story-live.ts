import { Unpackr } from 'msgpackr';
import { z } from 'zod';
import { deathOf, parsed } from './dead-job.ts';
import { type JobData, readJobData } from './job-data.ts';
import { jobKey, laneKey, lanesKey, ledgerKey, lineKey } from './keys.ts';
import { attemptsOf, decisionOf, type LedgerFields, stepsOf } from './ledger-fields.ts';
import type { RedisClient } from './redis-client.ts';
import { originOf, type StoryJob } from './story-job.ts';

/** A queue on a shard. */
export interface StorySource {
  readonly prefix: string;
  readonly queue: string;
}

/** How many followers of a lane are looked at, and how many lanes of an account's line, before it is left at that. */
const FOLLOWERS = 300;
const LINE = { chunk: 100, most: 2_000 };

/** A lane that waits in its account's line, and one whose holder is redriven or waits to be tried again (lanes-lua.ts). */
const IN_LINE = '~';
const WITHOUT_PLACE = /^[+*]/;

/** The jobs of a lane that are not settled: its holder and those behind it, in order. */
export async function readLane(
  client: RedisClient,
  source: StorySource,
  lane: string,
  holder: string | null,
): Promise<StoryJob[]> {
  const { prefix, queue } = source;
  const [first, behind] = await Promise.all([
    holder === null ? null : readHolder(client, source, lane, holder),
    client.lrangeBuffer(laneKey(prefix, queue, lane), 0, FOLLOWERS - 1),
  ]);
  const followers = await Promise.all(
    behind.map((packed) => {
      const job = laneJobSchema.safeParse(unpackr.unpack(packed)).data;
      return job === undefined ? null : readWaiting(client, source, job, 'behind');
    }),
  );
  return [first, ...followers].filter((job) => job !== null);
}

/** The holders of these lanes, by lane; lanes that nobody holds are left out. */
export async function holdersOf(
  client: RedisClient,
  { prefix, queue }: StorySource,
  lanes: readonly string[],
): Promise<Map<string, string>> {
  if (lanes.length === 0) return new Map();
  const holders = await client.hmget(lanesKey(prefix, queue), ...lanes);
  return new Map(
    lanes.flatMap((lane, index): [string, string][] => {
      const holder = holders[index] ?? null;
      return holder === null ? [] : [[lane, holder]];
    }),
  );
}

async function readHolder(
  client: RedisClient,
  source: StorySource,
  lane: string,
  holder: string,
): Promise<StoryJob | null> {
  if (holder.startsWith(IN_LINE)) {
    const job = await findInLine(client, source, lane);
    return job === null ? null : readWaiting(client, source, job, 'waiting');
  }
  return readBullMqJob(client, source, holder.replace(WITHOUT_PLACE, ''));
}

/** A job that BullMQ has, in whatever state; null when it has none of this id, or its data can't be read. */
export async function readBullMqJob(
  client: RedisClient,
  { prefix, queue }: StorySource,
  jobId: string,
): Promise<StoryJob | null> {
  const key = jobKey(prefix, queue, jobId);
  const base = `${prefix}:${queue}`;
  const [[raw = null, processedOn, finishedOn, reason], locked, delayed, died, done, fields] =
    await Promise.all([
      client.hmget(key, 'data', 'processedOn', 'finishedOn', 'failedReason'),
      client.exists(`${key}:lock`),
      client.zscore(`${base}:delayed`, jobId),
      client.zscore(`${base}:failed`, jobId),
      client.zscore(`${base}:completed`, jobId),
      client.hgetall(ledgerKey(prefix, queue, jobId)),
    ]);
  const data = readJobData(parsed(raw));
  if (data === null) return null;
  const ended = died !== null || done !== null;
  return {
    ...originOf(queue, jobId, data),
    startedAt: processedOn ? Number(processedOn) : null,
    endedAt: ended && finishedOn ? Number(finishedOn) : null,
    state: stateOf({ locked: locked === 1, delayed, died, done }),
    ...ledgerPart(fields),
    error: died === null ? null : deathOf(fields, reason ?? ''),
  };
}

function stateOf(found: {
  readonly locked: boolean;
  readonly delayed: string | null;
  readonly died: string | null;
  readonly done: string | null;
}): StoryJob['state'] {
  if (found.died !== null) return 'dead';
  if (found.done !== null) return 'done';
  if (found.delayed !== null) return 'delayed';
  return found.locked ? 'active' : 'waiting';
}

type LaneJob = readonly [jobId: string, data: JobData];

async function readWaiting(
  client: RedisClient,
  { prefix, queue }: StorySource,
  [jobId, data]: LaneJob,
  state: 'waiting' | 'behind',
): Promise<StoryJob> {
  // Only a redriven one has been worked on before.
  const fields = data.since === null ? {} : await client.hgetall(ledgerKey(prefix, queue, jobId));
  return {
    ...originOf(queue, jobId, data),
    startedAt: null,
    endedAt: null,
    state,
    ...ledgerPart(fields),
    error: null,
  };
}

function ledgerPart(fields: LedgerFields): Pick<StoryJob, 'attempts' | 'decision' | 'steps'> {
  return { attempts: attemptsOf(fields), decision: decisionOf(fields), steps: stepsOf(fields) };
}

const unpackr = new Unpackr({ useRecords: false });

/** A job as the lanes keep it: id, name, timestamp, data, options, later or not. */
const laneJobSchema = z
  .tuple([z.string(), z.string(), z.unknown(), z.string()])
  .rest(z.unknown())
  .transform(([jobId, , , data], context): LaneJob => {
    const read = readJobData(parsed(data));
    if (read !== null) return [jobId, read];
    context.addIssue('its data can not be read');
    return z.NEVER;
  });

const lineEntrySchema = z.tuple([z.string(), z.unknown()]);

async function findInLine(
  client: RedisClient,
  { prefix, queue }: StorySource,
  lane: string,
): Promise<LaneJob | null> {
  const key = lineKey(prefix, queue, accountOf(lane));
  for (let from = 0; from < LINE.most; from += LINE.chunk) {
    const packed = await client.lrangeBuffer(key, from, from + LINE.chunk - 1);
    for (const one of packed) {
      const entry = lineEntrySchema.safeParse(unpackr.unpack(one)).data;
      if (entry?.[0] === lane) return laneJobSchema.safeParse(entry[1]).data ?? null;
    }
    if (packed.length < LINE.chunk) return null;
  }
  return null;
}

/** As lanes-lua.ts reads it off a lane. */
function accountOf(lane: string): string {
  return /^[A-Za-z](\d+)-/.exec(lane)?.[1] ?? '0';
}
