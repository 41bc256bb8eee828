import { WRITES_WHEN_FULL } from './full-redis/first-write.ts';
import type { RedisConnection } from './redis.ts';

/**
 * A worker that was stopped for longer than its lock (SIGSTOP, a suspended machine, a long pause of the event loop)
 * does not know it: when it goes on, another one has its job. So it writes nothing of the job without asking,
 * in the same step, whether the job is still its own.
 */
export interface JobLock {
  readonly key: string;
  readonly token: string;
}

/** Somebody else has the job, or may have it at any moment. */
export class LockLost extends Error {
  override readonly name = 'LockLost';
  constructor() {
    super('the lock of the job ran out; another worker goes on with it');
  }
}

/** Answered by scripts in place of what they do, when the lock is not the caller's. */
export const NOT_YOURS = -1;

/** In Lua: whether the job is still its worker's. */
export const HOLDS_LOCK = `
local function holdsLock(key, token)
  return redis.call('GET', key) == token
end
`;

/** In Lua: the fields of a ledger from this place in ARGV on, name and value in turn; a value of '' removes the field. */
export const WRITE_FIELDS = `
local function writeFields(ledger, ttlMs, args, from)
  for at = from, #args, 2 do
    if args[at + 1] == '' then redis.call('HDEL', ledger, args[at])
    else redis.call('HSET', ledger, args[at], args[at + 1]) end
  end
  redis.call('PEXPIRE', ledger, ttlMs)
end
`;

const WRITE = `
${WRITES_WHEN_FULL}
${HOLDS_LOCK}
${WRITE_FIELDS}
-- KEYS[1]: prefix. ARGV: lock key, token, ledger key, ledger ttl ms, fields.
-- Answers how long the lock is good for, in ms.
if not holdsLock(ARGV[1], ARGV[2]) then return ${NOT_YOURS} end
writeFields(ARGV[3], ARGV[4], ARGV, 5)
return redis.call('PTTL', ARGV[1])
`;

/** What is to be written in a ledger, by field; null removes one. */
export type FieldChanges = Readonly<Record<string, string | null>>;

/**
 * Writes fields of a job's ledger. When it resolves, the lock is held at that very moment: also when the answer was
 * long on its way because the process was stopped meanwhile.
 *
 * @throws {LockLost} and then nothing was written, or what was written is another worker's to judge.
 */
export type LockedWrite = (
  lock: JobLock,
  ledgerKey: string,
  ttlMs: number,
  changes: FieldChanges,
) => Promise<void>;

export function createLockedWrite(redis: RedisConnection, prefix: string): LockedWrite {
  const write = redis.script('switchyardLockedWrite', WRITE);
  return async (lock, ledgerKey, ttlMs, changes) => {
    const args = [lock.key, lock.token, ledgerKey, String(ttlMs), ...fieldArgs(changes)];
    for (;;) {
      const askedAt = performance.now();
      const goodFor = Number(await write(prefix, args));
      if (goodFor === NOT_YOURS) throw new LockLost();
      if (performance.now() - askedAt < goodFor) return;
    }
  };
}

/** As `writeFields` takes them. */
export function fieldArgs(changes: FieldChanges): string[] {
  return Object.entries(changes).flatMap(([field, value]) => [field, value ?? '']);
}
