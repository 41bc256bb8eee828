/**
 * Whether all that `enterLane` writes to is of the type ours has, in Lua. A script that fails half-way keeps what it
 * has written: a delivery for two queues would be in the lane of one, and once more at each offer after that. So it
 * asks before it writes anything.
 *
 * Asked once a queue and script for what the queue has one of.
 */
export const LANE_TYPES = `
local foreignOfQueue = {}

local function isForeign(key, kind)
  local found = redis.call('TYPE', key).ok
  return found ~= 'none' and found ~= kind
end

local function firstForeign(before, kinds, after)
  for name, kind in pairs(kinds) do
    if isForeign(before .. name .. after, kind) then return 'queue:' .. before .. name .. after end
  end
  return false
end

-- The key that stands in the way, or nil: of the queue, where nothing at all gets into it, or of this lane.
local function foreignToLane(prefix, queue, lane)
  if foreignOfQueue[queue] == nil then
    foreignOfQueue[queue] =
      firstForeign(prefix .. ':', { unsettled = 'zset', lanes = 'hash', admitted = 'hash' }, ':' .. queue)
      or firstForeign(prefix .. ':' .. queue .. ':', { wait = 'list', paused = 'list', meta = 'hash', id = 'string',
        active = 'list', events = 'stream', marker = 'zset', prioritized = 'zset', pc = 'string' }, '')
  end
  if foreignOfQueue[queue] then return foreignOfQueue[queue] end
  local followers = prefix .. ':lane:' .. queue .. ':' .. lane
  if isForeign(followers, 'list') then return 'lane:' .. followers end
  local line = prefix .. ':line:' .. queue .. ':' .. accountOf(lane)
  if isForeign(line, 'list') then return 'lane:' .. line end
  return nil
end
`;
