import { ORIGIN, SINCE } from './origin.ts';

/** 2026-01-01: hours since then have two bytes until 2029, and three after that. */
export const CONTACTS_SINCE = 1_767_225_600_000;

/** What is too old goes, a few records at a time, as new ones come; the upkeep (trim.ts) looks after the rest. */
const DROPPED_AT_ONCE = 10;
/** Of a bucket, should one conversation fill it. */
const MOST_RECORDS = 50_000;

/**
 * In Lua, for the scripts that accept a delivery and that end a job. A record is as old as its delivery; what tells how
 * a job ended goes with the delivery's, so that is kept somewhat longer than asked for.
 */
export const KEEP_RECORDS = `
local function timeOf(record)
  local kind = string.byte(record)
  if kind == ${'['.charCodeAt(0)} then return tonumber(string.match(record, '%d+') or 0) end
  if kind ~= ${ORIGIN} then return 0 end
  local a, b, c, d, e = string.byte(record, 2, 6)
  return ${SINCE} + (((a * 256 + b) * 256 + c) * 256 + d) * 256 + e
end

local function keepRecord(bucket, record, keepMs, now)
  local length = redis.call('RPUSH', bucket, record)
  for _ = 2, math.min(length, ${DROPPED_AT_ONCE}) do
    if length <= ${MOST_RECORDS} and timeOf(redis.call('LINDEX', bucket, 0)) >= now - keepMs * 25 / 24 then break end
    redis.call('LPOP', bucket)
  end
end

-- To the hour, in few bytes.
local function keepContact(bucket, field, now)
  redis.call('HSET', bucket, field, math.floor((now - ${CONTACTS_SINCE}) / 3600000))
end
`;
