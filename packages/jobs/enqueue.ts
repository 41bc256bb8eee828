import type { ChatwootEvent } from '@switchyard/chatwoot';
import type { PlannedJob } from './catalogue.ts';
import { refusalOf } from './enqueue-refusal.ts';
import { jobIdOf } from './job-id.ts';
import { LIVE_OPTIONS, tracedOptions } from './job-options.ts';
import { seenDelivery, shardPrefix } from './keys.ts';
import { LANE_TYPES } from './lane-types-lua.ts';
import { LANES } from './lanes-lua.ts';
import { QUEUES_SEEN } from './queues-seen-lua.ts';
import type { RedisConnection } from './redis.ts';
import { shardOf } from './shard.ts';
import { SHARDS_HERE, ShardsDiffer } from './shard-agreement.ts';
import { packPlace, placeOf } from './story-job.ts';

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
}

const SCRIPT = `
${LANES}
${LANE_TYPES}
${SHARDS_HERE}
${QUEUES_SEEN}
-- KEYS[1]: the prefix of the shard. ARGV: dedupe ms, job options, shards, then deliveries:
-- delivery key, semantic key or '', replay key or '', place, job options of its own or '', number of jobs, and for
-- each queue, lane, id, name, time, data.
-- Answers a list (a number by what a delivery was known, or the key that stands in its way), or how many shards there are when the caller means another number.
local prefix, dedupeMs, options = KEYS[1], ARGV[1], ARGV[2]
if shardsHere(prefix) ~= tonumber(ARGV[3]) then return shardsHere(prefix) end
local answers = {}
local at = 4
while at <= #ARGV do
  local delivery, semantic, replay, place, own = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  local jobs = tonumber(ARGV[at + 5])
  if own == '' then own = options end
  local first = at + 6
  at = first + 6 * jobs
  local function isNew(name, value)
    return name == '' or redis.call('SET', prefix .. ':seen:' .. name, value, 'NX', 'PX', dedupeMs)
  end
  local function forget(name)
    if name ~= '' then redis.call('DEL', prefix .. ':seen:' .. name) end
  end
  local known, missing, mask = 0, nil, nil
  if not isNew(delivery, place) then
    known = 1
  elseif semantic ~= '' then
    local before = redis.call('GET', prefix .. ':seen:' .. semantic)
    missing, mask = queuesBeside(prefix, before, first, at - 1)
    if before and #missing == 0 then known = 2 end
  -- A copy of the request has the semantic key of the first; where there is none, the signature is what knows it.
  elseif not isNew(replay, 1) then
    known = 3
  end
  if known == 0 then
    -- All or none: what the second queue refuses must not be in the first.
    local foreign = nil
    missing = missing or jobsFrom(first, at - 1)
    for _, job in ipairs(missing) do foreign = foreign or foreignToLane(prefix, ARGV[job], ARGV[job + 1]) end
    local entered = not foreign and pcall(function()
      for _, job in ipairs(missing) do
        enterLane(prefix, ARGV[job], ARGV[job + 1],
          { ARGV[job + 2], ARGV[job + 3], ARGV[job + 4], ARGV[job + 5], own, '' })
      end
      if semantic ~= '' then
        if mask.before then redis.call('SET', prefix .. ':seen:' .. semantic, mask.all, 'KEEPTTL')
        else redis.call('SET', prefix .. ':seen:' .. semantic, mask.all, 'PX', dedupeMs) end
      end
    end)
    -- A key of ours that holds something else: what was not entered must not count as seen.
    if not entered then
      forget(delivery)
      if semantic == '' then forget(replay) end
      known = foreign or 'unknown'
    end
  end
  answers[#answers + 1] = known
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
  const { shards = 1 } = settings;
  const fixed = [String(settings.dedupeMs), LIVE_OPTIONS, String(shards)];

  async function enqueueInto(shard: number, deliveries: readonly PlannedDelivery[]): Promise<Enqueued[]> {
    const args: (string | Buffer)[] = [...fixed];
    for (const delivery of deliveries) pushDelivery(args, delivery);
    const answers = await run(shardPrefix(shard), args);
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
): void {
  const jobId = jobIdOf(event.delivery.id);
  args.push(
    seenDelivery(event.delivery.id),
    semanticKey === null ? '' : `s:${semanticKey}`,
    replayKey === null ? '' : `r:${replayKey}`,
    packPlace(placeOf(event)),
    trace === undefined ? '' : tracedOptions(trace),
    String(jobs.length),
  );
  if (jobs.length === 0) return;
  const json = JSON.stringify(event);
  for (const { queue, lane } of jobs) {
    const data = `{"lane":${JSON.stringify(lane)},"event":${json}}`;
    args.push(queue, lane, jobId, event.name, String(event.delivery.receivedAt), data);
  }
}
