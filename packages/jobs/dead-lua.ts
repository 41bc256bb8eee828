import { REMOVE_FROM_BULLMQ } from './bullmq-lua.ts';
import { LANES } from './lanes-lua.ts';
import { OUTCOME_FIELD, TRIES_FIELD } from './ledger-fields.ts';

/** What became of one job that was to be redriven or discarded. */
export type Fate =
  | 'done'
  /** It waits, runs or has been redriven already. */
  | 'not-dead'
  /** There is no job with this id: it is done, or never was. */
  | 'unknown'
  /** Its ledger has run out, so nobody knows which of its steps are finished; it can only be discarded. */
  | 'expired';

export const FATES: readonly Fate[] = ['done', 'not-dead', 'unknown', 'expired'];

const COMMON = `
${LANES}
${REMOVE_FROM_BULLMQ}
local DONE, NOT_DEAD, UNKNOWN, EXPIRED = 0, 1, 2, 3

local function ledgerOf(prefix, queue, jobId)
  return prefix .. ':ledger:' .. queue .. ':' .. jobId
end

local function diedAt(prefix, queue, jobId)
  return redis.call('ZSCORE', prefix .. ':' .. queue .. ':failed', jobId)
end

local function otherThanDead(prefix, queue, jobId)
  if redis.call('EXISTS', prefix .. ':' .. queue .. ':' .. jobId, ledgerOf(prefix, queue, jobId)) > 0
    or redis.call('ZSCORE', prefix .. ':unsettled:' .. queue, jobId) then return NOT_DEAD end
  return UNKNOWN
end
`;

/**
 * From dead to the tail of its lane, behind all live jobs, in one atomic step for each job, so that no crash and no
 * second operator can lose or double it. Finished steps stay in the ledger, and so do begun ones, to be confirmed.
 */
export const REDRIVE = `
${COMMON}
-- KEYS[1]: prefix. ARGV: queue, now ms, job options, ledger ttl ms, oldest death (ms) that may be without a ledger,
-- then for each job: id, lane, and its data with the new since, or '' to leave it as it is.
local prefix, queue = KEYS[1], ARGV[1]

-- A traced job stays in its delivery's trace.
local function optionsOf(stored)
  local read, before = pcall(cjson.decode, stored or '')
  if not read or type(before) ~= 'table' or not before.tm then return ARGV[3] end
  local options = cmsgpack.unpack(ARGV[3])
  options.tm = before.tm
  return cmsgpack.pack(options)
end

local function redrive(jobId, lane, data)
  local died = diedAt(prefix, queue, jobId)
  if not died then return otherThanDead(prefix, queue, jobId) end
  local stored = redis.call('HMGET', prefix .. ':' .. queue .. ':' .. jobId, 'name', 'data', 'opts')
  if not stored[1] or not stored[2] then return UNKNOWN end
  local ledger = ledgerOf(prefix, queue, jobId)
  if data ~= '' and tonumber(died) < tonumber(ARGV[5]) and redis.call('EXISTS', ledger) == 0 then return EXPIRED end
  if data == '' then data = stored[2] end
  if removeFromBullMq(prefix, queue, jobId) ~= 1 then return NOT_DEAD end
  redis.call('HDEL', ledger, '${OUTCOME_FIELD}', '${TRIES_FIELD}')
  redis.call('PEXPIRE', ledger, ARGV[4])
  leaveLane(prefix, queue, lane, jobId) -- One with unreadable data may hold it still.
  enterLane(prefix, queue, lane, { jobId, stored[1], ARGV[2], data, optionsOf(stored[3]), 'later' })
  return DONE
end

local fates = {}
for at = 6, #ARGV, 3 do fates[#fates + 1] = redrive(ARGV[at], ARGV[at + 1], ARGV[at + 2]) end
return fates
`;

/** The job and its ledger go for good; its story, where it is still known, says that. */
export const DISCARD = `
${COMMON}
-- KEYS[1]: prefix. ARGV: queue, then for each job: id, lane, story key or '', what the story says.
local prefix, queue = KEYS[1], ARGV[1]

local function discard(jobId, lane, story, said)
  if not diedAt(prefix, queue, jobId) then return otherThanDead(prefix, queue, jobId) end
  if removeFromBullMq(prefix, queue, jobId) ~= 1 then return NOT_DEAD end
  redis.call('DEL', ledgerOf(prefix, queue, jobId))
  leaveLane(prefix, queue, lane, jobId)
  if story ~= '' then redis.call('RPUSHX', story, said) end
  return DONE
end

local fates = {}
for at = 2, #ARGV, 4 do fates[#fates + 1] = discard(ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]) end
return fates
`;
