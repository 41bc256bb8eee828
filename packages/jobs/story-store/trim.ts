import { WRITES_WHEN_FULL } from '../full-redis/first-write.ts';
import { storiesKey, storyContactsKey } from '../keys.ts';
import type { RedisConnection } from '../redis.ts';
import { STORY_BUCKETS } from './bucket.ts';
import { CONTACTS_SINCE, KEEP_RECORDS } from './store-lua.ts';

/** Looked at in a call; a worker calls every five seconds, so it comes round within three minutes. */
const AT_ONCE = 32;

const TRIM = `
${WRITES_WHEN_FULL}
${KEEP_RECORDS}
-- KEYS[1]: prefix. ARGV: keep ms, now ms, most bytes of a bucket or '', then bucket and bucket of contacts, in pairs.
-- Answers how many bytes the first ones take.
local keepMs, now, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local bytes = 0

local function sizeOf(key) return redis.call('MEMORY', 'USAGE', key) or 0 end

local function dropOld(bucket)
  while true do
    local records = redis.call('LRANGE', bucket, 0, 99)
    local old = 0
    while old < #records and isOld(records[old + 1], keepMs, now) do old = old + 1 end
    if old > 0 then redis.call('LTRIM', bucket, old, -1) end
    if old < 100 then return end
  end
end

local function forgetOld(contacts)
  local pairs = redis.call('HGETALL', contacts)
  for at = 1, #pairs, 2 do
    if tonumber(pairs[at + 1]) < (now - keepMs - ${CONTACTS_SINCE}) / 3600000 - 1 then redis.call('HDEL', contacts, pairs[at]) end
  end
end

for at = 4, #ARGV, 2 do
  local bucket = ARGV[at]
  dropOld(bucket)
  forgetOld(ARGV[at + 1])
  local size = sizeOf(bucket)
  if most and size > most then
    redis.call('LTRIM', bucket, math.ceil(redis.call('LLEN', bucket) * (1 - 0.9 * most / size)), -1)
    size = sizeOf(bucket)
  end
  bytes = bytes + size
end
return bytes
`;

/**
 * Drops what is older than it is to be kept, some buckets a call, round and round; and where all stories of the shard
 * together take more than they may, the oldest of the buckets that have more than their share. By commands that a full
 * Redis takes.
 *
 * @param mostBytes of this shard.
 */
export function createStoryTrim(
  redis: RedisConnection,
  prefix: string,
  { keepMs, mostBytes }: { readonly keepMs: number; readonly mostBytes: number },
): () => Promise<void> {
  const run = redis.script('switchyardTrimStories', TRIM);
  const sizes = new Array<number>(STORY_BUCKETS / AT_ONCE).fill(0);
  let next = 0;
  return async () => {
    const isTooMuch = sizes.reduce((sum, size) => sum + size, 0) > mostBytes;
    const first = next * AT_ONCE;
    const keys = Array.from({ length: AT_ONCE }, (_, index) => [
      storiesKey(prefix, first + index),
      storyContactsKey(prefix, first + index),
    ]).flat();
    const most = isTooMuch ? String(Math.floor(mostBytes / STORY_BUCKETS)) : '';
    sizes[next] = Number(await run(prefix, [String(keepMs), String(Date.now()), most, ...keys]));
    next = (next + 1) % sizes.length;
  };
}
