import { ADD_TO_BULLMQ } from './bullmq-lua.ts';

/**
 * How many lanes of one account BullMQ may have at once. The lanes beyond wait in the account's own line, so that
 * an account with ten thousand conversations is served beside the others and not before them.
 */
const ADMITTED_LANES = 200;

/**
 * The lanes, in Lua, for the scripts that use them; atomic with whatever else such a script does, so no crash can
 * leave a lane without a holder while jobs wait in it.
 *
 * - `lanes:<queue>`: hash, lane → id of its holder, the one job of the lane that is BullMQ's; with a `~` before
 *   it while the lane waits in its account's line; with a `+` before it while a redriven job holds it, which takes
 *   none of the account's places: a redrive of ten thousand jobs must not keep the account's live ones out; with a
 *   `*` before it once it has failed and waits for its next try: it gave its place back then, so that lanes which
 *   can't go on keep out none that could, and takes none again when it is its turn.
 * - `lane:<queue>:<lane>`: list, the followers.
 * - `admitted:<queue>`: hash, account → how many of its lanes BullMQ has.
 * - `line:<queue>:<account>`: list, the lanes of the account that wait to be admitted, with their holders.
 */
export const LANES = `
${ADD_TO_BULLMQ}
local ADMITTED = ${ADMITTED_LANES}

local function accountOf(lane)
  return string.match(lane, '^%a(%d+)%-') or '0'
end

-- A live job waits behind this redriven one, which therefore no longer goes behind the live jobs of other lanes.
local function hasten(prefix, queue, jobId)
  local base = prefix .. ':' .. queue .. ':'
  if redis.call('ZSCORE', base .. 'prioritized', jobId) then
    bullmqChangePriority(
      { base .. 'wait', base .. 'paused', base .. 'meta', base .. 'prioritized', base .. 'active', base .. 'pc',
        base .. 'marker' }, { '0', base, jobId, '0' })
  elseif redis.call('EXISTS', base .. jobId) == 1 then
    redis.call('HSET', base .. jobId, 'priority', 0) -- It runs or waits for its retry; then it comes back as a live one.
  end
end

-- The holder of an idle lane, or of one whose holder has just ended, gets to BullMQ or into its account's line.
local function admit(prefix, queue, lane, job)
  local account = accountOf(lane)
  local lanes = prefix .. ':lanes:' .. queue
  if job[6] == 'later' then
    redis.call('HSET', lanes, lane, '+' .. job[1])
    addToBullMq(prefix, queue, job)
    local last = redis.call('LINDEX', prefix .. ':lane:' .. queue .. ':' .. lane, -1)
    if last and cmsgpack.unpack(last)[6] ~= 'later' then hasten(prefix, queue, job[1]) end
    return
  end
  local admitted = prefix .. ':admitted:' .. queue
  if tonumber(redis.call('HGET', admitted, account) or 0) < ADMITTED then
    redis.call('HINCRBY', admitted, account, 1)
    redis.call('HSET', lanes, lane, job[1])
    addToBullMq(prefix, queue, job)
  else
    redis.call('HSET', lanes, lane, '~' .. job[1])
    redis.call('RPUSH', prefix .. ':line:' .. queue .. ':' .. account, cmsgpack.pack({ lane, job }))
  end
end

-- A lane of this account has left BullMQ: the one that has waited longest in its line comes in.
local function release(prefix, queue, account)
  local admitted = prefix .. ':admitted:' .. queue
  if redis.call('HINCRBY', admitted, account, -1) <= 0 then redis.call('HDEL', admitted, account) end
  local waiting = redis.call('LPOP', prefix .. ':line:' .. queue .. ':' .. account)
  if waiting then
    local entry = cmsgpack.unpack(waiting)
    admit(prefix, queue, entry[1], entry[2])
  end
end

local function enterLane(prefix, queue, lane, job)
  redis.call('ZADD', prefix .. ':unsettled:' .. queue, job[3], job[1])
  local holder = redis.call('HGET', prefix .. ':lanes:' .. queue, lane)
  if not holder then
    admit(prefix, queue, lane, job)
  else
    redis.call('RPUSH', prefix .. ':lane:' .. queue .. ':' .. lane, cmsgpack.pack(job))
    if job[6] ~= 'later' and string.sub(holder, 1, 1) == '+' then hasten(prefix, queue, string.sub(holder, 2)) end
  end
end

-- The holder has failed and waits for its next try: another lane of the account has its place meanwhile.
local function restInLane(prefix, queue, lane, jobId)
  local lanes = prefix .. ':lanes:' .. queue
  if redis.call('HGET', lanes, lane) ~= jobId then return end
  redis.call('HSET', lanes, lane, '*' .. jobId)
  release(prefix, queue, accountOf(lane))
end

-- Hands the lane to its next job. Does nothing unless this job holds it.
local function leaveLane(prefix, queue, lane, jobId)
  redis.call('ZREM', prefix .. ':unsettled:' .. queue, jobId)
  local lanes = prefix .. ':lanes:' .. queue
  local holder = redis.call('HGET', lanes, lane)
  local hasPlace = holder == jobId
  if not hasPlace and holder ~= '+' .. jobId and holder ~= '*' .. jobId then return 0 end
  local account = accountOf(lane)
  local following = redis.call('LPOP', prefix .. ':lane:' .. queue .. ':' .. lane)
  if not following then
    redis.call('HDEL', lanes, lane)
    if hasPlace then release(prefix, queue, account) end
    return 1
  end
  local job = cmsgpack.unpack(following)
  if not hasPlace or job[6] == 'later' then
    if hasPlace then release(prefix, queue, account) end
    admit(prefix, queue, lane, job)
  elseif redis.call('EXISTS', prefix .. ':line:' .. queue .. ':' .. account) == 0 then
    redis.call('HSET', lanes, lane, job[1])
    addToBullMq(prefix, queue, job)
  else
    -- Other lanes of the account wait: this one goes behind them.
    redis.call('HSET', lanes, lane, '~' .. job[1])
    redis.call('RPUSH', prefix .. ':line:' .. queue .. ':' .. account, cmsgpack.pack({ lane, job }))
    release(prefix, queue, account)
  end
  return 2
end
`;
