import { addPrioritizedJob } from 'bullmq/dist/esm/scripts/addPrioritizedJob-9.js';
import { addStandardJob } from 'bullmq/dist/esm/scripts/addStandardJob-9.js';
import { changePriority } from 'bullmq/dist/esm/scripts/changePriority-7.js';
import { moveToFinished } from 'bullmq/dist/esm/scripts/moveToFinished-14.js';
import { removeJob } from 'bullmq/dist/esm/scripts/removeJob-2.js';

/**
 * BullMQ's own scripts for adding a job, as functions inside a script of ours. So a delivery's dedupe keys, its
 * lanes and its BullMQ jobs change in one atomic step, which no sequence of BullMQ's commands can give: a
 * MULTI can't make one command depend on another's answer.
 *
 * The scripts are taken from the installed BullMQ as they are. `bullmq-lua.test.ts` compares, key by key, what
 * this writes with what `Queue.add` of the same version writes.
 *
 * A job here is { id, name, timestamp, data, opts (msgpack), 'later' or '' }. `later` goes behind every live job.
 */
export const ADD_TO_BULLMQ = `
local function bullmqAddStandardJob(KEYS, ARGV)
${addStandardJob.content}
end

local function bullmqAddPrioritizedJob(KEYS, ARGV)
${addPrioritizedJob.content}
end

local function bullmqChangePriority(KEYS, ARGV)
${changePriority.content}
end

local function addToBullMq(prefix, queue, job)
  local base = prefix .. ':' .. queue .. ':'
  local args = { cmsgpack.pack({ base, job[1], job[2], job[3] }), job[4], job[5] }
  if job[6] == 'later' then
    bullmqAddPrioritizedJob(
      { base .. 'marker', base .. 'meta', base .. 'id', base .. 'prioritized', base .. 'delayed',
        base .. 'completed', base .. 'active', base .. 'events', base .. 'pc' }, args)
  else
    bullmqAddStandardJob(
      { base .. 'wait', base .. 'paused', base .. 'meta', base .. 'id', base .. 'completed',
        base .. 'delayed', base .. 'active', base .. 'events', base .. 'marker' }, args)
  end
end
`;

/** BullMQ's own removal of a job from whatever state it is in; for dead ones. Answers 1 when it is gone. */
export const REMOVE_FROM_BULLMQ = `
local function bullmqRemoveJob(KEYS, ARGV)
${removeJob.content}
end

local function removeFromBullMq(prefix, queue, jobId)
  local base = prefix .. ':' .. queue .. ':'
  return bullmqRemoveJob({ base .. jobId, base .. 'repeat' }, { jobId, '0', base })
end
`;

/** How many of BullMQ's arguments for its `moveToFinished` are keys; they come first. */
export const FINISHING_KEYS = moveToFinished.keys;

/** BullMQ's own end of a job that is done, which also fetches the next one. Answers what BullMQ's worker waits for. */
export const FINISH_IN_BULLMQ = `
local function bullmqMoveToFinished(KEYS, ARGV)
${moveToFinished.content}
end

local function completeInBullMq(prefix, queue, jobId, args)
  local base = prefix .. ':' .. queue .. ':'
  return bullmqMoveToFinished(
    { base .. 'wait', base .. 'active', base .. 'prioritized', base .. 'events', base .. 'stalled', base .. 'limiter',
      base .. 'delayed', base .. 'paused', base .. 'meta', base .. 'pc', base .. 'completed', base .. jobId,
      base .. 'metrics:completed', base .. 'marker' }, args)
end
`;
