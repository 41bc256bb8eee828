import type { ChatwootEvent } from '@switchyard/chatwoot';
import type { PlannedJob } from './catalogue.ts';
import { SEEN_LAYERS } from './dedupe/seen-lua.ts';
import { seenDelivery, seenDigest, seenEvent, seenRequest } from './dedupe/seen-name.ts';
import { refusalOf } from './enqueue-refusal.ts';
import { jobIdOf } from './job-id.ts';
import { LIVE_OPTIONS, tracedOptions } from './job-options.ts';
import { shardPrefix } from './keys.ts';
import { LANE_TYPES } from './lane-types-lua.ts';
import { LANES } from './lanes-lua.ts';
import { QUEUES_SEEN } from './queues-seen-lua.ts';
import type { RedisConnection } from './redis.ts';
import { shardOf } from './shard.ts';
import { SHARDS_HERE, ShardsDiffer } from './shard-agreement.ts';
import { originArgs } from './story-keeping.ts';
import { KEEP_STORIES_MS } from './story-store/bounds.ts';
import { KEEP_RECORDS } from './story-store/store-lua.ts';

/** A verified delivery with the work it makes. */
export interface PlannedDelivery {
  readonly event: ChatwootEvent;
  readonly jobs: readonly PlannedJob[];
  /** What the event is, whatever delivery brings it (contract §1.6); null where that can't be told. */
  readonly semanticKey: string | null;
  /** What the request was, byte for byte, when it was signed; a captured one sent again has the same. */
  readonly replayKey: string | null;
  /** What its work continues the delivery's trace with (`Span.carrier`); absent where nothing is traced. */
  readonly trace?: string;
}

/** `duplicate-*` says by what it was known. */
export type Enqueued = 'accepted' | 'duplicate-delivery' | 'duplicate-semantic' | 'duplicate-replay';

export interface EnqueueSettings {
  /** How long a delivery and an event are remembered. */
  readonly dedupeMs: number;
  /** How many shards the installation has; 1 by default. All of its processes say the same. */
  readonly shards?: number;
  /** How long what became of a delivery is kept; 0 keeps nothing, 72 hours by default. */
  readonly keepStoriesMs?: number;
}

const SCRIPT = `
${LANES}
${LANE_TYPES}
${SHARDS_HERE}
${QUEUES_SEEN}
${SEEN_LAYERS}
${KEEP_RECORDS}
-- KEYS[1]: the prefix of the shard. ARGV: dedupe ms, job options, shards, keep stories ms, then deliveries:
-- of the delivery, of the event or '' and of the request or '' each its name and digest; place, job options of its own
-- or '', bucket of its story or '', its record there or '', bucket of its contact or '', field there, number of jobs,
-- and for each queue, lane, id, name, time, data.
-- Answers a list (a number by what a delivery was known, or the key that stands in its way), or how many shards there are when the caller means another number.
local prefix, dedupeMs, options = KEYS[1], tonumber(ARGV[1]), ARGV[2]
if shardsHere(prefix) ~= tonumber(ARGV[3]) then return shardsHere(prefix) end

local keepStoriesMs = tonumber(ARGV[4])

-- What the jobs of a delivery have in common.
local function tellStory(at)
  if ARGV[at + 9] ~= '' then keepRecord(ARGV[at + 8], ARGV[at + 9], keepStoriesMs, seenNow) end
  if ARGV[at + 10] ~= '' then keepContact(ARGV[at + 10], ARGV[at + 11], seenNow) end
end

local function enter(at, first, last)
  local delivery, event, request = ARGV[at + 1], ARGV[at + 3], ARGV[at + 5]
  local own = ARGV[at + 7] ~= '' and ARGV[at + 7] or options
  if seen(prefix, ARGV[at], delivery) then return 1 end
  local missing, mask, found = jobsFrom(first, last), nil, nil
  if event ~= '' then
    local before, bucket = seen(prefix, ARGV[at + 2], event)
    found = bucket
    missing, mask = queuesBeside(prefix, before, first, last)
    if before and #missing == 0 then
      remember(prefix, delivery, ARGV[at + 6], dedupeMs)
      return 2
    end
  -- A copy of the request has the semantic key of the first; where there is none, the signature is what knows it.
  elseif request ~= '' and seen(prefix, ARGV[at + 4], request) then
    remember(prefix, delivery, ARGV[at + 6], dedupeMs)
    return 3
  end
  -- All or none: what the second queue refuses must not be in the first.
  for _, job in ipairs(missing) do
    local foreign = foreignToLane(prefix, ARGV[job], ARGV[job + 1])
    if foreign then return foreign end
  end
  -- A Redis that is full refuses this, and so the script, which has written nothing yet.
  local buckets = { [delivery] = remember(prefix, delivery, ARGV[at + 6], dedupeMs) }
  local entered = pcall(function()
    if event == '' and request ~= '' then buckets[request] = remember(prefix, request, 1, dedupeMs) end
    for _, job in ipairs(missing) do
      enterLane(prefix, ARGV[job], ARGV[job + 1],
        { ARGV[job + 2], ARGV[job + 3], ARGV[job + 4], ARGV[job + 5], own, '' })
    end
    if event ~= '' then
      if mask.before then amend(prefix, ARGV[at + 2], event, found, mask.all)
      else remember(prefix, event, mask.all, dedupeMs) end
    end
  end)
  if entered then
    if #missing > 0 then tellStory(at) end
    return 0
  end
  -- A key of ours that holds something else: what was not entered must not count as seen.
  for digest, bucket in pairs(buckets) do forget(bucket, digest) end
  return 'unknown'
end

local answers = {}
local at = 5
while at <= #ARGV do
  local first = at + 13
  local last = first + 6 * tonumber(ARGV[at + 12]) - 1
  answers[#answers + 1] = enter(at, first, last)
  at = last + 1
end
return answers
`;

const ANSWERS: readonly Enqueued[] = [
  'accepted',
  'duplicate-delivery',
  'duplicate-semantic',
  'duplicate-replay',
];

export interface Enqueuer {
  /**
   * Makes deliveries durable in Redis, in order, each in one atomic step over all its queues. Repeating it adds
   * nothing: what is known already, by its delivery id or by what it says, is answered as a duplicate.
   *
   * With several shards, those of one shard share a step. When one shard fails, the whole batch does, with nothing
   * under way any more: the keeper spools it whole and enqueues it again, in the same order, and the other shards
   * answer that they have theirs.
   *
   * @throws when Redis does not take it, or not all of it; then enqueuing again is safe.
   * @throws {ShardsDiffer} when the installation has another number of shards.
   */
  enqueue(deliveries: readonly PlannedDelivery[]): Promise<Enqueued[]>;
}

export function createEnqueuer(redis: RedisConnection, settings: EnqueueSettings): Enqueuer {
  const run = redis.script('switchyardEnqueue', SCRIPT);
  const { shards = 1, keepStoriesMs = KEEP_STORIES_MS } = settings;
  const fixed = [String(settings.dedupeMs), LIVE_OPTIONS, String(shards), String(keepStoriesMs)];

  async function enqueueInto(shard: number, deliveries: readonly PlannedDelivery[]): Promise<Enqueued[]> {
    const args: (string | Buffer)[] = [...fixed];
    const prefix = shardPrefix(shard);
    const keeping = { prefix, keepMs: keepStoriesMs };
    for (const delivery of deliveries) pushDelivery(args, delivery, keeping);
    const answers = await run(prefix, args);
    if (typeof answers === 'number')
      throw new ShardsDiffer(shards, answers, 'all processes must say the same number');
    if (!Array.isArray(answers)) throw new Error('Redis answered the enqueue script with something else');
    return answers.map((answer, index) => {
      const known = ANSWERS[Number(answer)];
      if (known === undefined) throw refusalOf(String(answer), deliveries[index]?.event.delivery.id ?? '');
      return known;
    });
  }

  return {
    async enqueue(deliveries) {
      if (shards === 1) return enqueueInto(0, deliveries);
      const shardsOf = deliveries.map(({ event }) => shardOf(event, shards));
      const groups = Map.groupBy(deliveries, (_delivery, index) => shardsOf[index] ?? 0);
      const answers = new Map<number, Enqueued[]>();
      const done = await Promise.allSettled(
        [...groups].map(async ([shard, its]) => void answers.set(shard, await enqueueInto(shard, its))),
      );
      const failed = done.find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      // A shard's answers are in the order of its deliveries.
      return shardsOf.flatMap((shard) => answers.get(shard)?.shift() ?? []);
    },
  };
}

function pushDelivery(
  args: (string | Buffer)[],
  { event, jobs, semanticKey, replayKey, trace }: PlannedDelivery,
  keeping: { readonly prefix: string; readonly keepMs: number },
): void {
  const jobId = jobIdOf(event.delivery.id);
  const [found, bucket, origin, ...contact] = originArgs(event, keeping);
  args.push(
    ...named(seenDelivery(event.delivery.id)),
    ...named(semanticKey === null ? null : seenEvent(semanticKey)),
    ...named(replayKey === null ? null : seenRequest(replayKey)),
    found,
    trace === undefined ? '' : tracedOptions(trace),
    bucket,
    origin,
    ...contact,
    String(jobs.length),
  );
  if (jobs.length === 0) return;
  const json = JSON.stringify(event);
  const told = origin === '' ? '' : '"origin":1,';
  for (const { queue, lane } of jobs) {
    const data = `{"lane":${JSON.stringify(lane)},${told}"event":${json}}`;
    args.push(queue, lane, jobId, event.name, String(event.delivery.receivedAt), data);
  }
}

/** What was seen, as the script takes it. */
function named(name: string | null): (string | Buffer)[] {
  return name === null ? ['', ''] : [name, seenDigest(name)];
}
