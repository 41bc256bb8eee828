import { type DeadFilter, meant } from './dead-filter.ts';
import { type DeadJob, type DeadPlace, readDead } from './dead-job.ts';
import { cursorOf, type DeadSource, failedKey, placeOf, walkDead } from './dead-walk.ts';
import type { RedisClient } from './redis-client.ts';

export interface DeadPageRequest extends DeadFilter {
  /** At most so many on this page; at least 1. */
  readonly limit: number;
  /** `next` of the page before. */
  readonly cursor?: string | null | undefined;
}

export interface DeadPage {
  readonly jobs: readonly DeadJob[];
  /** The cursor of the next page; null when this is the last. */
  readonly next: string | null;
}

/** @throws {RangeError} for a cursor or limit that is none. */
export async function listDead(
  client: RedisClient,
  sources: readonly DeadSource[],
  { limit, cursor = null, ...filter }: DeadPageRequest,
): Promise<DeadPage> {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError('the limit of a page is 1 or more');
  const until = filter.olderThanMs === undefined ? null : Date.now() - filter.olderThanMs;
  const after = cursor === null ? null : placeOf(cursor);
  const jobs: DeadJob[] = [];
  let last: DeadPlace | null = null;
  for await (const places of walkDead(client, sources, { order: 'newest-first', after, until })) {
    for (const { job, place, isThere } of await readDead(client, places)) {
      if (!isThere || !meant(job, filter)) continue;
      // One more than fits is there: so there is a next page.
      if (last !== null && jobs.length === limit) return { jobs, next: cursorOf(last) };
      jobs.push(job);
      last = place;
    }
  }
  return { jobs, next: null };
}

export async function findDead(
  client: RedisClient,
  sources: readonly DeadSource[],
  jobId: string,
): Promise<DeadJob | null> {
  const [place] = (await placesOfJob(client, sources, jobId)).filter(({ diedAt }) => diedAt > 0);
  if (place === undefined) return null;
  const [record] = await readDead(client, [place]);
  return record?.isThere === true ? record.job : null;
}

/** Where a job with this id would lie in each source; `diedAt` is 0 where it is not dead. */
export function placesOfJob(
  client: RedisClient,
  sources: readonly DeadSource[],
  jobId: string,
): Promise<DeadPlace[]> {
  return Promise.all(
    sources.map(async (source) => ({
      ...source,
      jobId,
      diedAt: Number((await client.zscore(failedKey(source), jobId)) ?? 0),
    })),
  );
}
