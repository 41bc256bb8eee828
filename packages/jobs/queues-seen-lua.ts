/**
 * Which queues an event was entered into, in Lua, kept as the value of its semantic key: a number with a bit for each
 * queue, which costs Redis nothing beyond the key. So a copy of the event that wants one queue more, from another
 * webhook or after a change of the rules, gets its job there and none anywhere else.
 *
 * `queues:` is the hash that gives each queue its bit, the same for as long as the shard lives. The first is left out:
 * versions before wrote 1 for every event, whatever its queues, which counts as all of them.
 */
export const QUEUES_SEEN = `
local MOST_QUEUES = 50
local bitOf = nil

local function queueBit(prefix, queue)
  if not bitOf then
    bitOf = {}
    local all = redis.call('HGETALL', prefix .. ':queues')
    for at = 1, #all, 2 do bitOf[all[at]] = tonumber(all[at + 1]) end
  end
  if not bitOf[queue] then
    local taken = redis.call('HLEN', prefix .. ':queues')
    if taken >= MOST_QUEUES then return nil end
    redis.call('HSET', prefix .. ':queues', queue, taken + 1)
    bitOf[queue] = taken + 1
  end
  return 2 ^ bitOf[queue]
end

-- Where the jobs begin in ARGV.
local function jobsFrom(first, last)
  local jobs = {}
  for job = first, last, 6 do jobs[#jobs + 1] = job end
  return jobs
end

-- The jobs whose queue the event is not in yet, and what is to be kept of it when they are.
local function queuesBeside(prefix, before, first, last)
  local was = tonumber(before or 0) or 1
  local all, missing = was, {}
  for _, job in ipairs(jobsFrom(first, last)) do
    local bit = was ~= 1 and queueBit(prefix, ARGV[job])
    if bit and math.floor(all / bit) % 2 == 0 then
      all = all + bit
      missing[#missing + 1] = job
    elseif not bit and not before then
      missing[#missing + 1] = job
    end
  end
  return missing, { before = before, all = string.format('%.0f', all) }
end
`;
