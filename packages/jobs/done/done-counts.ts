import { z } from 'zod';
import { doneKey } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';

/** The last minute is counted in slots of so many ms. */
const SLOT_MS = 5_000;
const MINUTE_MS = 60_000;
const ALL = 'all';
const MOST_ACCOUNTS = 50;

/**
 * In Lua, for the script that ends a job that is done: of such a job BullMQ keeps nothing, so they are counted, all of
 * a queue and by slots of five seconds, and the accounts that they were of are kept, the newest fifty.
 */
export const COUNT_DONE = `
local function countDone(prefix, queue, account, now)
  local counts = prefix .. ':done:' .. queue
  redis.call('HINCRBY', counts, '${ALL}', 1)
  if redis.call('HINCRBY', counts, math.floor(now / ${SLOT_MS}), 1) == 1 then
    for _, slot in ipairs(redis.call('HKEYS', counts)) do
      if tonumber(slot) and math.abs(now - tonumber(slot) * ${SLOT_MS}) > ${2 * MINUTE_MS} then redis.call('HDEL', counts, slot) end
    end
  end
  if account ~= '0' and redis.call('ZADD', prefix .. ':accounts', now, account) == 1 then
    redis.call('ZREMRANGEBYRANK', prefix .. ':accounts', 0, -${MOST_ACCOUNTS + 1})
  end
end
`;

/** How many jobs of a queue are done: of all time, and within the last minute, to five seconds. */
export interface DoneCounts {
  readonly done: number;
  readonly doneLastMinute: number;
}

const countsSchema = z.record(z.string(), z.coerce.number());

/** @throws when Redis is away. */
export async function readDoneCounts(
  client: RedisClient,
  prefix: string,
  queue: string,
  now: number,
): Promise<DoneCounts> {
  const { [ALL]: done = 0, ...slots } = countsSchema.parse(await client.hgetall(doneKey(prefix, queue)));
  const since = now - MINUTE_MS;
  const recent = Object.entries(slots).filter(([slot]) => Number(slot) * SLOT_MS >= since);
  return { done, doneLastMinute: recent.reduce((sum, [, count]) => sum + count, 0) };
}
