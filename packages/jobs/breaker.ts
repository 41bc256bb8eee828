import { isTold } from './attempt-scope/current.ts';
import { WRITES_WHEN_FULL } from './full-redis/first-write.ts';
import { HELD_TIME } from './held-time.ts';
import { breakerKey, shardPrefixes } from './keys.ts';
import type { RedisConnection } from './redis.ts';
import type { GiveUpPolicy } from './retry.ts';

/**
 * The breaker of a queue, shared by all its workers. Open, it lets nothing start until its wait is over, then one
 * job at a time as a probe; each that called the target which is away after that wait, and was answered by it,
 * doubles how many may run, until it is closed again. A job that was in hand before, that needs nothing of the
 * target, or that dies of something else says nothing of it. So an outage burns no attempts, and what comes back is
 * not run over.
 *
 * It works through what BullMQ has for it, a queue's rate limit and its global concurrency, set in the same
 * script as our own state, so that no crash leaves a queue narrow with nobody to widen it.
 */
export interface Breaker {
  /**
   * The target is away or asked us to wait: `toldMs` as long as it said, or longer each time by backoff. Jobs that
   * fail while a wait runs join it and count as one failure. Returns how long to wait.
   */
  open(reason: string, toldMs: number | null, target?: string | null): Promise<number>;
  /** Ends a wait at the latest when it was meant to: Redis's clock may have been set back since it began. */
  shorten(): Promise<void>;
  /** Why it is open; null when it is closed. */
  reason(): Promise<string | null>;
}

/** Of each queue, whether its breaker is open, on any of its shards. @throws when Redis is away. */
export async function readBreakers(
  redis: Pick<RedisConnection, 'client'>,
  { shards, queues }: { readonly shards: number; readonly queues: readonly string[] },
): Promise<Record<string, boolean>> {
  const read = queues.map(async (queue): Promise<[string, boolean]> => {
    const keys = shardPrefixes(shards).map((prefix) => breakerKey(prefix, queue));
    const open = await Promise.all(keys.map((key) => redis.client.exists(key)));
    return [queue, open.includes(1)];
  });
  return Object.fromEntries(await Promise.all(read));
}

/** From this many jobs at once on, the breaker is closed. */
const WIDE_ENOUGH = 32;

/**
 * In `settle`, after a job: where it has reached the target of the breaker, twice as many may run, or the breaker
 * closes. Answers nothing; free of cost while the breaker is closed but for one EXISTS.
 *
 * `reached` says how long ago the job began a call that was answered, by target: `crm=120 chatwoot=15`, in ms, which
 * clocks that differ do not falsify. A breaker without a target was opened by something that nobody tells of
 * (attempt-scope/current.ts); there a job counts that began after the wait and is done, whose age is under `*`.
 */
export const WIDEN_BREAKER = `
${HELD_TIME}
local function hasReached(prefix, queue, breaker, reached)
  local target, ends = unpack(redis.call('HMGET', breaker, 'target', 'until'))
  if not target or target == '' then target = '*' end
  local age = string.match(' ' .. reached, ' ' .. string.gsub(target, '%W', '%%%0') .. '=(%d+)')
  local limiter = prefix .. ':' .. queue .. ':limiter'
  -- BullMQ counts in the same key while a limit is set, so that it is there says nothing.
  if not age or tonumber(redis.call('GET', limiter) or 0) > 1000000000 then return false end
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  -- Past its wait by the key that holds the queue, so that a clock which was set back keeps no breaker open.
  return now - tonumber(age) >= math.min(tonumber(ends or 0), now)
    or tonumber(ends or 0) > now
end

local function widenBreaker(prefix, queue, reached)
  local breaker = prefix .. ':breaker:' .. queue
  if redis.call('EXISTS', breaker) == 0 or not hasReached(prefix, queue, breaker, reached) then return end
  local meta = prefix .. ':' .. queue .. ':meta'
  local width = tonumber(redis.call('HGET', breaker, 'width') or 1) * 2
  -- Nobody waits: there is no crowd to be gentle with.
  local crowd = redis.call('LLEN', prefix .. ':' .. queue .. ':wait') > 0
  if width >= ${WIDE_ENOUGH} or not crowd then
    endHold(prefix, queue)
    redis.call('DEL', breaker)
    redis.call('HDEL', meta, 'concurrency', 'max', 'duration')
  else
    redis.call('HSET', breaker, 'width', width, 'failures', 0)
    redis.call('HSET', meta, 'concurrency', width)
  end
end
`;

const OPEN = `
${WRITES_WHEN_FULL}
${HELD_TIME}
-- KEYS[1]: prefix. ARGV: queue, reason, told ms or '', base ms, cap ms, random 0..1, target or ''. Answers the wait in ms.
local prefix, queue = KEYS[1], ARGV[1]
-- Redis's clock, one for all: workers' own may differ.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local breaker = prefix .. ':breaker:' .. queue
local limiter = prefix .. ':' .. queue .. ':limiter'
beginHold(prefix, queue, now)
redis.call('HSET', breaker, 'reason', ARGV[2], 'target', ARGV[7])
-- No longer than the queue is really held, should that clock have been set back.
local running = math.min(tonumber(redis.call('HGET', breaker, 'until') or 0) - now, redis.call('PTTL', limiter))
local told = tonumber(ARGV[3])
if running > 0 and (not told or told <= running) then return running end
local wait = told
if not wait then
  local failures = redis.call('HINCRBY', breaker, 'failures', 1)
  local ceiling = math.min(tonumber(ARGV[5]), tonumber(ARGV[4]) * 2 ^ math.min(failures - 1, 30))
  wait = ceiling * (0.1 + 0.9 * tonumber(ARGV[6]))
end
wait = math.max(1, math.ceil(wait))
redis.call('HSET', breaker, 'width', 1, 'until', now + wait, 'wait', wait)
-- Without a limit of its own, never reached, a queue does not heed its limiter.
redis.call('HSET', prefix .. ':' .. queue .. ':meta', 'concurrency', 1, 'max', 1000000000, 'duration', 1000)
redis.call('SET', limiter, 9007199254740991, 'PX', wait)
return wait
`;

const SHORTEN = `
-- KEYS[1]: prefix. ARGV: queue.
local limiter = KEYS[1] .. ':' .. ARGV[1] .. ':limiter'
local wait = tonumber(redis.call('HGET', KEYS[1] .. ':breaker:' .. ARGV[1], 'wait') or 0)
if wait > 0 and redis.call('PTTL', limiter) > wait then redis.call('PEXPIRE', limiter, wait) end
return 0
`;

export function createBreaker(
  redis: RedisConnection,
  prefix: string,
  queue: string,
  policy: Pick<GiveUpPolicy, 'baseMs' | 'probeCapMs'>,
): Breaker {
  const open = redis.script('switchyardOpenBreaker', OPEN);
  const shorten = redis.script('switchyardShortenBreaker', SHORTEN);
  return {
    async open(reason, toldMs, target = null) {
      const { baseMs, probeCapMs } = policy;
      const told = toldMs === null ? '' : String(toldMs);
      const args = [queue, reason, told, String(baseMs), String(probeCapMs), String(Math.random())];
      args.push(target !== null && isTold(target) ? target : '');
      return Number(await open(prefix, args));
    },
    async shorten() {
      await shorten(prefix, [queue]);
    },
    reason: () => redis.client.hget(breakerKey(prefix, queue), 'reason'),
  };
}
