import type { AttemptScope } from './attempt-scope/current.ts';
import { WIDEN_BREAKER } from './breaker.ts';
import { FINISH_IN_BULLMQ } from './bullmq-lua.ts';
import { COUNT_DONE } from './done/done-counts.ts';
import { WRITES_WHEN_FULL } from './full-redis/first-write.ts';
import { lanesKey } from './keys.ts';
import { LANES } from './lanes-lua.ts';
import { LEDGER_TTL_MS, type Outcome } from './ledger.ts';
import { OUTCOME_FIELD } from './ledger-fields.ts';
import {
  type FieldChanges,
  fieldArgs,
  HOLDS_LOCK,
  type JobLock,
  LockLost,
  NOT_YOURS,
  WRITE_FIELDS,
} from './lock.ts';
import type { RedisConnection } from './redis.ts';
import { type EndedJob, KEEP_STORY, storyArgs } from './story-keeping.ts';
import { createShapes } from './story-store/shapes.ts';

/** A finished job's ledger is needed only while its worker may have died before BullMQ knew; then it goes. */
const DONE_LEDGER_TTL_MS = 60 * 60_000;

const NOT_YOURS_TO_FINISH = 'not yours';

const SETTLING = `
${WRITES_WHEN_FULL}
${LANES}
${WIDEN_BREAKER}
${HOLDS_LOCK}
${WRITE_FIELDS}
${KEEP_STORY}
-- KEYS[1]: prefix. ARGV: queue, lane, job id, token, ledger ttl ms, reached, story, then see below.
local prefix, queue, lane, jobId = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local ledger = prefix .. ':ledger:' .. queue .. ':' .. jobId
local isMine = holdsLock(prefix .. ':' .. queue .. ':' .. jobId .. ':lock', ARGV[4])

local function settle()
  widenBreaker(prefix, queue, ARGV[6])
  return leaveLane(prefix, queue, lane, jobId)
end
`;

const SETTLE = `
${SETTLING}
-- ARGV: ledger fields.
if not isMine then return ${NOT_YOURS} end
writeFields(ledger, ARGV[5], ARGV, keepStory(ARGV, 7))
return settle()
`;

const FINISH = `
${SETTLING}
${FINISH_IN_BULLMQ}
${COUNT_DONE}
-- ARGV: the outcome, for the ledger should BullMQ not end the job; whether there is a ledger; BullMQ's arguments.
-- Answers what BullMQ does.
if not isMine then return '${NOT_YOURS_TO_FINISH}' end
local at = keepStory(ARGV, 7)
settle()
local args = {}
for index = at + 2, #ARGV do args[index - at - 1] = ARGV[index] end
countDone(prefix, queue, accountOf(lane), tonumber(args[2]))
local finished = completeInBullMq(prefix, queue, jobId, args)
if type(finished) == 'number' and finished < 0 then
  writeFields(ledger, ARGV[5], { '${OUTCOME_FIELD}', ARGV[at] }, 1)
elseif ARGV[at + 1] ~= '' then
  redis.call('DEL', ledger)
end
return finished
`;

const REST = `
${WRITES_WHEN_FULL}
${LANES}
${HOLDS_LOCK}
${WRITE_FIELDS}
-- KEYS[1]: prefix. ARGV: queue, lane, job id, token, ledger ttl ms, ledger fields.
local prefix, queue, lane, jobId = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
if not holdsLock(prefix .. ':' .. queue .. ':' .. jobId .. ':lock', ARGV[4]) then return ${NOT_YOURS} end
writeFields(prefix .. ':ledger:' .. queue .. ':' .. jobId, ARGV[5], ARGV, 6)
restInLane(prefix, queue, lane, jobId)
return 1
`;

const REPAIR = `
${WRITES_WHEN_FULL}
${LANES}
-- KEYS[1]: prefix. ARGV: queue, then lane and holder, in pairs. Answers how many lanes were freed.
local prefix, queue = KEYS[1], ARGV[1]
local base = prefix .. ':' .. queue .. ':'
local freed = 0

-- BullMQ can't even hand out a job whose data is no JSON: it would stall for ever. Wrapped, it can, and it is dead.
local function makeReadable(job)
  if tonumber(redis.call('HGET', job, 'stc') or 0) == 0 then return end
  local data = redis.call('HGET', job, 'data')
  if data and not pcall(cjson.decode, data) then redis.call('HSET', job, 'data', cjson.encode({ unreadable = data })) end
end

for at = 2, #ARGV, 2 do
  local lane, holder = ARGV[at], ARGV[at + 1]
  if string.sub(holder, 1, 1) ~= '~' then
    if string.find(holder, '^[+*]') then holder = string.sub(holder, 2) end
    local gone = redis.call('EXISTS', base .. holder) == 0
    if gone or redis.call('ZSCORE', base .. 'completed', holder) or redis.call('ZSCORE', base .. 'failed', holder) then
      if leaveLane(prefix, queue, lane, holder) > 0 then freed = freed + 1 end
    else
      makeReadable(base .. holder)
    end
  end
end
return freed
`;

export interface Settling {
  readonly queue: string;
  readonly lane: string;
  readonly jobId: string;
  readonly lock: JobLock;
  readonly outcome: Outcome;
  /** What the job's ledger has not written yet. */
  readonly unwritten: FieldChanges;
  /** Whether the job may have a ledger in Redis. */
  readonly ledgerKept: boolean;
  /** null where none is kept. */
  readonly story: EndedJob | null;
  /** What its last attempt has reached; null where nothing is known of that. */
  readonly scope: AttemptScope | null;
}

/** A job that has failed and will be tried again. */
type Resting = Pick<Settling, 'queue' | 'lane' | 'jobId' | 'lock' | 'unwritten'>;

export interface Lanes {
  /**
   * Writes what its ledger has not written yet, and gives back the job's place among the account's lanes until it is
   * tried again. Its lane stays its own.
   *
   * @throws {LockLost} as `settle` does.
   */
  rest(resting: Resting): Promise<void>;
  /**
   * Writes how the job ended, with what its ledger has not written yet and its story, and hands its lane to the next
   * one, in one atomic step. Repeating it changes nothing.
   *
   * @throws {LockLost} when the job is another worker's by now; nothing is written then.
   */
  settle(settling: Settling): Promise<void>;
  /**
   * The same for a job that is done, in one step with BullMQ's own end of it: `bullArgs` are the arguments of its
   * `moveToFinished`, whose answer this is. The ledger goes: nobody will ask for its steps any more.
   *
   * @throws {LockLost} as `settle` does.
   */
  finish(settling: Settling, bullArgs: readonly (string | Buffer)[]): Promise<unknown>;
  /**
   * Frees lanes whose holder is gone: ended without `settle`, or removed by hand. Looks at some lanes a call and
   * goes round; returns how many were freed.
   */
  repair(queue: string): Promise<number>;
}

/** As `widenBreaker` takes it: the calls that were answered, and the job itself where it is done, by their ages in ms. */
function reachedOf(scope: AttemptScope | null, outcome: Outcome): string {
  if (scope === null) return '';
  const now = performance.now();
  const told = [...scope.reached].map(([target, at]) => `${target}=${Math.floor(now - at)}`);
  if (outcome.kind === 'done') told.push(`*=${Math.floor(now - scope.startedAt)}`);
  return told.join(' ');
}

const LANES_A_REPAIR = 500;

/** @param keepStoriesMs how long what became of a job is kept; 0 for not at all. */
export function createLanes(redis: RedisConnection, prefix: string, keepStoriesMs = 0): Lanes {
  const settle = redis.script('switchyardSettle', SETTLE);
  const finish = redis.script('switchyardFinish', FINISH);
  const rest = redis.script('switchyardRest', REST);
  const repair = redis.script('switchyardRepair', REPAIR);
  const keeping = { prefix, keepMs: keepStoriesMs, shapes: createShapes(redis, prefix) };
  const cursors = new Map<string, string>();

  function argsOf({ queue, lane, jobId, lock, outcome, story, scope }: Settling): (string | Buffer)[] {
    const ttl = outcome.kind === 'done' ? DONE_LEDGER_TTL_MS : LEDGER_TTL_MS;
    const reached = reachedOf(scope, outcome);
    return [...[queue, lane, jobId, lock.token, String(ttl), reached], ...storyArgs(story, keeping)];
  }

  return {
    async rest({ queue, lane, jobId, lock, unwritten }) {
      const args = [queue, lane, jobId, lock.token, String(LEDGER_TTL_MS), ...fieldArgs(unwritten)];
      if (Number(await rest(prefix, args)) === NOT_YOURS) throw new LockLost();
    },
    async settle(settling) {
      const { outcome, unwritten } = settling;
      const fields = fieldArgs({ ...unwritten, [OUTCOME_FIELD]: JSON.stringify(outcome) });
      if (Number(await settle(prefix, [...argsOf(settling), ...fields])) === NOT_YOURS) throw new LockLost();
    },
    async finish(settling, bullArgs) {
      const { outcome, ledgerKept } = settling;
      const args = [...argsOf(settling), JSON.stringify(outcome), ledgerKept ? '1' : '', ...bullArgs];
      const answer = await finish(prefix, args);
      if (answer === NOT_YOURS_TO_FINISH) throw new LockLost();
      return answer;
    },
    async repair(queue) {
      const key = lanesKey(prefix, queue);
      const [next, pairs] = await redis.client.hscan(key, cursors.get(queue) ?? '0', 'COUNT', LANES_A_REPAIR);
      cursors.set(queue, next);
      if (pairs.length === 0) return 0;
      return Number(await repair(prefix, [queue, ...pairs]));
    },
  };
}
