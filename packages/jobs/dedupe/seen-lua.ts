/**
 * What was seen, in Lua: one small record for each delivery and each event, and no key and no expiry of its own for
 * any of them, which would take ten times as much memory.
 *
 * A record is a field of a hash, and a hash, a bucket, has so few that Redis keeps it as one packed string (listpack).
 * The buckets of some time are a layer, which forgets all of them at once, when the youngest is as old as it has to be.
 * A new layer is opened when the present one would keep a record too short, and when its buckets are full; then the
 * next has four times as many. `seen-layers` is the list of them, oldest first: number, bits of a bucket's number,
 * until when it is kept (epoch ms by Redis's clock).
 *
 * A record's name is digested (seen-name.ts): three bytes say the bucket, ten are the field, so two names are
 * taken for one once in 10^21 times, and nobody chooses which bucket grows.
 *
 * Versions before had a key for each, `seen:<name>`. They are asked for as long as one may be there: `seen-old` is
 * there for as long as the configuration lets one live.
 */
const FEWEST_BITS = 6;
const MOST_BITS = 24;
/** Redis packs hashes of up to 512 fields, unless told otherwise; 128 in some services. */
const FULL_BUCKET = 120;
/** A layer takes records for this part of the time for which they are kept. */
const LAYERS = 4;
const LONGEST_KEPT_MS = 90 * 24 * 60 * 60_000;

export const SEEN_LAYERS = `
local seenNow, seenLayers = nil, nil

local function readLayer(prefix, packed)
  local id, bits, ends = string.match(packed, '^(%d+) (%d+) (%d+)$')
  return { id = tonumber(id), bits = tonumber(bits), size = 2 ^ bits, ends = tonumber(ends), base = prefix .. ':seen:' .. id .. ':' }
end

-- The newest first.
local function layersOf(prefix)
  if seenLayers then return seenLayers end
  local time = redis.call('TIME')
  seenNow = time[1] * 1000 + math.floor(time[2] / 1000)
  seenLayers = {}
  for _, packed in ipairs(redis.call('LRANGE', prefix .. ':seen-layers', 0, -1)) do
    local layer = readLayer(prefix, packed)
    if layer.ends > seenNow then table.insert(seenLayers, 1, layer) end
  end
  seenLayers.hasOld = #seenLayers == 0 or redis.call('EXISTS', prefix .. ':seen-old') == 1
  return seenLayers
end

local function numberOf(digest)
  local a, b, c = string.byte(digest, 1, 3)
  return a * 65536 + b * 256 + c
end

local function bucketIn(layer, digest)
  return layer.base .. numberOf(digest) % layer.size
end

-- What was recorded under this name, and where; false when it was not seen. Writes nothing.
local function seen(prefix, name, digest)
  local layers = layersOf(prefix)
  local number, field = numberOf(digest), string.sub(digest, 4)
  for index = 1, #layers do
    local layer = layers[index]
    local bucket = layer.base .. number % layer.size
    local value = redis.call('HGET', bucket, field)
    if value then return value, bucket end
  end
  return layers.hasOld and redis.call('GET', prefix .. ':seen:' .. name)
end

local function openLayer(prefix, bits, keepMs)
  local layers = layersOf(prefix)
  local key = prefix .. ':seen-layers'
  local last = redis.call('LINDEX', key, -1)
  local id = last and readLayer(prefix, last).id + 1 or 1
  local ends = seenNow + keepMs + math.ceil(keepMs / ${LAYERS})
  redis.call('RPUSH', key, string.format('%d %d %.0f', id, bits, ends))
  if not last then redis.call('SET', prefix .. ':seen-old', 1, 'PX', ${LONGEST_KEPT_MS}) end
  while readLayer(prefix, redis.call('LINDEX', key, 0)).ends <= seenNow do redis.call('LPOP', key) end
  table.insert(layers, 1, readLayer(prefix, redis.call('LINDEX', key, -1)))
end

-- Remembers what was not seen before. Answers in which bucket.
local function remember(prefix, digest, value, keepMs)
  local layers = layersOf(prefix)
  local present = layers[1]
  if not present then
    openLayer(prefix, ${FEWEST_BITS}, keepMs)
  elseif present.ends < seenNow + keepMs then
    local filled = redis.call('HLEN', bucketIn(present, digest))
    openLayer(prefix, math.max(${FEWEST_BITS}, filled < ${FULL_BUCKET / 8} and present.bits - 2 or present.bits), keepMs)
  end
  present = layers[1]
  local bucket = bucketIn(present, digest)
  redis.call('HSET', bucket, string.sub(digest, 4), value)
  local size = redis.call('HLEN', bucket)
  if size == 1 then redis.call('PEXPIREAT', bucket, string.format('%.0f', present.ends)) end
  if size >= ${FULL_BUCKET} and present.bits < ${MOST_BITS} then openLayer(prefix, present.bits + 2, keepMs) end
  return bucket
end

-- Changes what is recorded under a name, wherever it was found, for as long as it is kept there.
local function amend(prefix, name, digest, bucket, value)
  if bucket then redis.call('HSET', bucket, string.sub(digest, 4), value)
  else redis.call('SET', prefix .. ':seen:' .. name, value, 'KEEPTTL') end
end

local function forget(bucket, digest)
  redis.call('HDEL', bucket, string.sub(digest, 4))
end
`;
