import type { RedisConnection } from './redis.ts';
import { MOST_HELD_MS } from './retry.ts';

/** For how long a queue was held by its breaker, on one shard: that time is not its jobs' own. */
export interface HeldTime {
  /** Milliseconds for which it was held from this instant (epoch ms) until now; of two weeks at most. */
  since(from: number): Promise<number>;
}

/** A hold that follows so soon after another is one with it: what closed the breaker between was no call. */
const ONE_HOLD_MS = 2 * 60_000;
const MOST_HOLDS = 1_000;

/**
 * Kept by the breaker's own scripts: `beginHold` when it opens, `endHold` when it closes. A sorted set by their end,
 * since clocks of workers differ by Redis's own; gone two weeks after the last.
 */
export const HELD_TIME = `
local function beginHold(prefix, queue, now)
  local breaker = prefix .. ':breaker:' .. queue
  if redis.call('HEXISTS', breaker, 'since') == 1 then return end
  local held = prefix .. ':held:' .. queue
  local last = redis.call('ZRANGE', held, -1, -1, 'WITHSCORES')
  local since = now
  if last[1] and now - tonumber(last[2]) <= ${ONE_HOLD_MS} then
    since = math.min(now, tonumber(last[1]))
    redis.call('ZREM', held, last[1])
  end
  redis.call('HSET', breaker, 'since', since)
end

local function endHold(prefix, queue)
  local since = redis.call('HGET', prefix .. ':breaker:' .. queue, 'since')
  if not since then return end
  local held = prefix .. ':held:' .. queue
  local time = redis.call('TIME')
  redis.call('ZADD', held, time[1] * 1000 + math.floor(time[2] / 1000), since)
  redis.call('ZREMRANGEBYRANK', held, 0, -${MOST_HOLDS + 1})
  redis.call('PEXPIRE', held, ${MOST_HELD_MS})
end
`;

const SINCE = `
-- KEYS[1]: prefix. ARGV: queue, from (epoch ms). Answers milliseconds.
local prefix, queue, from = KEYS[1], ARGV[1], tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function overlap(begun, ended) return math.max(0, math.min(ended, now) - math.max(begun, from)) end
local total = 0
local holds = redis.call('ZRANGEBYSCORE', prefix .. ':held:' .. queue, from, '+inf', 'WITHSCORES')
for i = 1, #holds, 2 do total = total + overlap(tonumber(holds[i]), tonumber(holds[i + 1])) end
local open = redis.call('HGET', prefix .. ':breaker:' .. queue, 'since')
if open then total = total + overlap(tonumber(open), now) end
return math.floor(total)
`;

export function createHeldTime(redis: RedisConnection, prefix: string, queue: string): HeldTime {
  const since = redis.script('switchyardHeldSince', SINCE);
  return { since: async (from) => Number(await since(prefix, [queue, String(from)])) };
}
