import { addStandardJob } from 'bullmq/dist/esm/scripts/addStandardJob-9.js';

/**
 * BullMQ's own script for adding a job, as a function inside a script of ours. So a delivery's dedupe keys, its
 * lanes and its BullMQ jobs change in one atomic step, which no sequence of BullMQ's commands can give: a
 * MULTI can't make one command depend on another's answer.
 *
 * The script is taken from the installed BullMQ as it is. `bullmq-lua.test.ts` compares, key by key, what this
 * writes with what `Queue.add` of the same version writes.
 */
export const ADD_TO_BULLMQ = `
local function bullmqAddStandardJob(KEYS, ARGV)
${addStandardJob.content}
end

-- job: { id, name, timestamp, data, opts (msgpack) }
local function addToBullMq(prefix, queue, job)
  local base = prefix .. ':' .. queue .. ':'
  local result = bullmqAddStandardJob(
    { base .. 'wait', base .. 'paused', base .. 'meta', base .. 'id', base .. 'completed',
      base .. 'delayed', base .. 'active', base .. 'events', base .. 'marker' },
    { cmsgpack.pack({ base, job[1], job[2], job[3] }), job[4], job[5] })
  return result
end
`;

/**
 * Our part: a lane's holder is in BullMQ, all others wait in the lane's list. `enterLane` puts a job into the
 * one or the other; `leaveLane` hands the lane to the next. Both are atomic with whatever script uses them, so
 * no crash can leave a lane without a holder while jobs wait in it.
 */
export const LANES = `
local function enterLane(prefix, queue, lane, job)
  redis.call('ZADD', prefix .. ':unsettled:' .. queue, job[3], job[1])
  if redis.call('HSETNX', prefix .. ':lanes:' .. queue, lane, job[1]) == 1 then
    addToBullMq(prefix, queue, job)
  else
    redis.call('RPUSH', prefix .. ':lane:' .. queue .. ':' .. lane, cmsgpack.pack(job))
  end
end

local function leaveLane(prefix, queue, lane, jobId)
  redis.call('ZREM', prefix .. ':unsettled:' .. queue, jobId)
  local lanes = prefix .. ':lanes:' .. queue
  if redis.call('HGET', lanes, lane) ~= jobId then return 0 end
  local following = redis.call('LPOP', prefix .. ':lane:' .. queue .. ':' .. lane)
  if not following then
    redis.call('HDEL', lanes, lane)
    return 1
  end
  local job = cmsgpack.unpack(following)
  redis.call('HSET', lanes, lane, job[1])
  addToBullMq(prefix, queue, job)
  return 2
end
`;
