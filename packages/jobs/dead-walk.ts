import type { DeadPlace } from './dead-job.ts';
import { shardPrefix } from './keys.ts';
import type { RedisClient } from './redis-client.ts';

/** One of BullMQ's failed sets. */
export interface DeadSource {
  readonly queue: string;
  readonly shard: number;
}

export interface Walk {
  readonly order: 'newest-first' | 'oldest-first';
  /** Where the walk before ended. */
  readonly after?: DeadPlace | null;
  /** Only what died at or before then, epoch milliseconds. */
  readonly until?: number | null;
}

/** How many are looked at together: what is in memory at once, whatever the number of dead jobs. */
const CHUNK = 200;

export function failedKey({ queue, shard }: DeadSource): string {
  return `${shardPrefix(shard)}:${queue}:failed`;
}

/**
 * Goes through the dead jobs of all sources in the order of their deaths, a chunk at a time. What is removed or
 * dies meanwhile moves nothing: the walk goes by where it is, not by how many it has seen.
 */
export async function* walkDead(
  client: RedisClient,
  sources: readonly DeadSource[],
  walk: Walk,
): AsyncGenerator<DeadPlace[], void> {
  let after = walk.after ?? null;
  for (;;) {
    const step = { ...walk, after };
    const next = await Promise.all(sources.map((source) => nextOf(client, source, step)));
    const inOrder = (a: DeadPlace, b: DeadPlace) => compare(a, b, walk.order);
    // A source that has more must not be overtaken: the walk goes no further than what it has told.
    const [edge] = next.flatMap(({ found, isAll }) => (isAll ? [] : found.slice(-1))).toSorted(inOrder);
    const chunk = next
      .flatMap(({ found }) => found)
      .filter((place) => edge === undefined || inOrder(place, edge) <= 0)
      .toSorted(inOrder)
      .slice(0, CHUNK);
    after = chunk.at(-1) ?? null;
    if (after === null) return;
    yield chunk;
  }
}

interface Next {
  readonly found: readonly DeadPlace[];
  /** Nothing comes after these. */
  readonly isAll: boolean;
}

async function nextOf(client: RedisClient, source: DeadSource, walk: Walk): Promise<Next> {
  const { after, order } = walk;
  const key = failedKey(source);
  const until = walk.until ?? '+inf';
  for (let offset = 0; ; offset += CHUNK) {
    const flat =
      order === 'newest-first'
        ? await client.zrevrangebyscore(
            key,
            after?.diedAt ?? until,
            '-inf',
            'WITHSCORES',
            'LIMIT',
            offset,
            CHUNK,
          )
        : await client.zrangebyscore(
            key,
            after?.diedAt ?? '-inf',
            until,
            'WITHSCORES',
            'LIMIT',
            offset,
            CHUNK,
          );
    const found = places(source, flat).filter((place) => !after || compare(place, after, order) > 0);
    // Nothing new in a full answer: more than a chunk of them died in the very millisecond of the cursor.
    const isAll = flat.length < 2 * CHUNK;
    if (found.length > 0 || isAll) return { found, isAll };
  }
}

function places(source: DeadSource, flat: readonly string[]): DeadPlace[] {
  const found: DeadPlace[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    found.push({ ...source, jobId: flat[at] ?? '', diedAt: Number(flat[at + 1]) });
  }
  return found;
}

/** By time of death, then as Redis orders the members of a set, so that no two places are equal. */
function compare(a: DeadPlace, b: DeadPlace, order: Walk['order']): number {
  const forward =
    a.diedAt - b.diedAt || text(a.queue, b.queue) || a.shard - b.shard || text(a.jobId, b.jobId);
  return order === 'newest-first' ? -forward : forward;
}

function text(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** A place as the cursor of a page. */
export function cursorOf({ queue, shard, jobId, diedAt }: DeadPlace): string {
  return [diedAt, shard, queue, jobId].join('/');
}

/** @throws {RangeError} for what `cursorOf` did not write. */
export function placeOf(cursor: string): DeadPlace {
  const [, diedAt, shard, queue, jobId] = /^(\d+)\/(\d+)\/([^/]+)\/(.+)$/.exec(cursor) ?? [];
  if (queue === undefined || jobId === undefined) throw new RangeError('not a cursor of a list of dead jobs');
  return { diedAt: Number(diedAt), shard: Number(shard), queue, jobId };
}
