/**
 * Whether all that `enterLane` writes to is of the type ours has, in Lua. A script that fails half-way keeps what it
 * has written: a delivery for two queues would be in the lane of one, and once more at each offer after that. So it
 * asks before it writes anything.
 *
 * Asked once a queue and script for what the queue has one of.
 */
export const LANE_TYPES = `
local queueIsOurs = {}

local function isOurs(key, kind)
  local found = redis.call('TYPE', key).ok
  return found == 'none' or found == kind
end

local function areOurs(before, kinds, after)
  for name, kind in pairs(kinds) do
    if not isOurs(before .. name .. after, kind) then return false end
  end
  return true
end

local function canEnterLane(prefix, queue, lane)
  if queueIsOurs[queue] == nil then
    queueIsOurs[queue] =
      areOurs(prefix .. ':', { unsettled = 'zset', lanes = 'hash', admitted = 'hash' }, ':' .. queue)
      and areOurs(prefix .. ':' .. queue .. ':', { wait = 'list', paused = 'list', meta = 'hash', id = 'string',
        active = 'list', events = 'stream', marker = 'zset', prioritized = 'zset', pc = 'string' }, '')
  end
  return queueIsOurs[queue]
    and isOurs(prefix .. ':lane:' .. queue .. ':' .. lane, 'list')
    and isOurs(prefix .. ':line:' .. queue .. ':' .. accountOf(lane), 'list')
end
`;
