import { WRITES_WHEN_FULL } from './full-redis/first-write.ts';
import type { RedisConnection } from './redis.ts';

const BRING_FORWARD = `
${WRITES_WHEN_FULL}
-- KEYS[1]: prefix. ARGV: queue, the caller's now in ms, slack ms. Answers how many were brought forward.
local base = KEYS[1] .. ':' .. ARGV[1] .. ':'
local delayed = base .. 'delayed'
local time = redis.call('TIME')
local now = math.max(tonumber(ARGV[2]), time[1] * 1000 + math.floor(time[2] / 1000))
local slack = tonumber(ARGV[3])
local moved = 0
-- BullMQ's score: the instant in ms, times 4096, and a number within it.
local function scoreOf(ms) return string.format('%.0f', ms * 4096) end
for _, job in ipairs(redis.call('ZREVRANGEBYSCORE', delayed, '+inf', scoreOf(now + slack), 'LIMIT', 0, 1000)) do
  local due = tonumber(redis.call('ZSCORE', delayed, job)) / 4096
  local delay = tonumber(redis.call('HGET', base .. job, 'delay') or 0)
  if due > now + delay + slack then
    redis.call('ZADD', delayed, scoreOf(now + delay), job)
    moved = moved + 1
  end
end
return moved
`;

/** Clocks of machines that are looked after differ by less. */
const SLACK_MS = 30_000;

/**
 * Brings forward jobs of a queue that are due later than their delay can explain: the worker that put them off had
 * a clock that was ahead, by a month perhaps, and with each of them waits its lane. Such a job waits its whole delay
 * once more, by the later of Redis's clock and ours, so that it never comes before its time.
 */
export function createBringForward(
  redis: RedisConnection,
  prefix: string,
  queue: string,
): () => Promise<number> {
  const run = redis.script('switchyardBringForward', BRING_FORWARD);
  return async () => Number(await run(prefix, [queue, String(Date.now()), String(SLACK_MS)]));
}
