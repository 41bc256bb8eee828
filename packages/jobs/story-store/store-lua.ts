import { ORIGIN, SINCE } from './origin.ts';

/** 2026-01-01: hours since then have two bytes until 2029, and three after that. */
export const CONTACTS_SINCE = 1_767_225_600_000;

/** What is too old goes, a few records at a time, as new ones come; the upkeep (trim.ts) looks after the rest. */
const DROPPED_AT_ONCE = 10;
/** Of a bucket, should one conversation fill it. */
const MOST_RECORDS = 50_000;

/**
 * What tells how a job ended needs the delivery's record, and a record is as old as its delivery. So records are kept by
 * this part longer than asked for, and the end of a job that took longer than that tells all by itself.
 */
const MARGIN = 1 / 24;

/** How long the end of a job may refer to its delivery's record, from when the delivery was accepted; ms. */
export function referableMs(keepMs: number): number {
  return keepMs * MARGIN;
}

/** In Lua, for the scripts that accept a delivery, that end a job and that trim. */
export const KEEP_RECORDS = `
local function timeOf(record)
  local kind = string.byte(record)
  if kind == ${'['.charCodeAt(0)} then return tonumber(string.match(record, '%d+') or 0) end
  if kind ~= ${ORIGIN} then return 0 end
  local a, b, c, d, e = string.byte(record, 2, 6)
  return ${SINCE} + (((a * 256 + b) * 256 + c) * 256 + d) * 256 + e
end

local function isOld(record, keepMs, now)
  return timeOf(record) < now - keepMs * ${1 + MARGIN}
end

local function keepRecord(bucket, record, keepMs, now)
  local length = redis.call('RPUSH', bucket, record)
  for _ = 2, math.min(length, ${DROPPED_AT_ONCE}) do
    if length <= ${MOST_RECORDS} and not isOld(redis.call('LINDEX', bucket, 0), keepMs, now) then break end
    redis.call('LPOP', bucket)
  end
end

-- To the hour, in few bytes.
local function keepContact(bucket, field, now)
  redis.call('HSET', bucket, field, math.floor((now - ${CONTACTS_SINCE}) / 3600000))
end
`;
