import { WIDEN_BREAKER } from './breaker.ts';
import { lanesKey, ledgerKey } from './keys.ts';
import { LANES } from './lanes-lua.ts';
import { LEDGER_TTL_MS, type Outcome, outcomeField } from './ledger.ts';
import { HOLDS_LOCK, type JobLock, LockLost, NOT_YOURS } from './lock.ts';
import type { RedisConnection } from './redis.ts';

/** A finished job's ledger is needed only while its worker may have died before BullMQ knew; then it goes. */
const DONE_LEDGER_TTL_MS = 60 * 60_000;

const SETTLE = `
${LANES}
${WIDEN_BREAKER}
${HOLDS_LOCK}
-- KEYS[1]: prefix. ARGV: queue, lane, job id, ledger key, outcome field, outcome, ledger ttl ms, lock key, token.
local prefix, ledger = KEYS[1], ARGV[4]
if not holdsLock(ARGV[8], ARGV[9]) then return ${NOT_YOURS} end
redis.call('HSET', ledger, ARGV[5], ARGV[6])
redis.call('PEXPIRE', ledger, ARGV[7])
widenBreaker(prefix, ARGV[1])
return leaveLane(prefix, ARGV[1], ARGV[2], ARGV[3])
`;

const REPAIR = `
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
    if string.sub(holder, 1, 1) == '+' then holder = string.sub(holder, 2) end
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

export interface Lanes {
  /**
   * Writes how the job ended and hands its lane to the next one, in one atomic step. Repeating it changes nothing.
   *
   * @throws {LockLost} when the job is another worker's by now; nothing is written then.
   */
  settle(queue: string, lane: string, jobId: string, outcome: Outcome, lock: JobLock): Promise<void>;
  /**
   * Frees lanes whose holder is gone: ended without `settle`, or removed by hand. Looks at some lanes a call and
   * goes round; returns how many were freed.
   */
  repair(queue: string): Promise<number>;
}

const LANES_A_REPAIR = 500;

export function createLanes(redis: RedisConnection, prefix: string): Lanes {
  const settle = redis.script('switchyardSettle', SETTLE);
  const repair = redis.script('switchyardRepair', REPAIR);
  const cursors = new Map<string, string>();
  return {
    async settle(queue, lane, jobId, outcome, lock) {
      const ttl = outcome.kind === 'done' ? DONE_LEDGER_TTL_MS : LEDGER_TTL_MS;
      const [field, value] = outcomeField(outcome);
      const ledger = ledgerKey(prefix, queue, jobId);
      const args = [queue, lane, jobId, ledger, field, value, String(ttl), lock.key, lock.token];
      if (Number(await settle(prefix, args)) === NOT_YOURS) throw new LockLost();
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
