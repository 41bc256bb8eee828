import type { RedisClient } from '../redis-client.ts';

/** The members of a sorted set between two scores, the lowest first, that are not known yet: up to about 5 000. */
export type LongLook = (
  key: string,
  scores: readonly [lowest: number | string, highest: number | string],
  known: ReadonlySet<string>,
) => Promise<string[]>;

const PAGE = 1_000;
const ENOUGH = 5_000;
/** What is known costs a look as well. */
const MOST_LOOKED_AT = 50_000;

/**
 * Looks at a set that may be longer than one look should be: each goes on where the one before it ended, and after the
 * last member begins again. Members that leave the set meanwhile move others past the place where a look goes on;
 * those are found the next time round.
 */
export function createLongLook(client: Pick<RedisClient, 'zrangebyscore'>): LongLook {
  const places = new Map<string, number>();
  return async (key, [lowest, highest], known) => {
    const unknown: string[] = [];
    let place = places.get(key) ?? 0;
    const end = place + MOST_LOOKED_AT;
    while (unknown.length < ENOUGH && place < end) {
      const page = await client.zrangebyscore(key, lowest, highest, 'LIMIT', place, PAGE);
      unknown.push(...page.filter((id) => !known.has(id)));
      place = page.length < PAGE ? 0 : place + PAGE;
      if (place === 0) break;
    }
    places.set(key, place);
    return unknown;
  };
}
