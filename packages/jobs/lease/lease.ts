import { setTimeout as sleep } from 'node:timers/promises';
import { WRITES_WHEN_FULL } from '../full-redis/first-write.ts';
import { leaseKey, shardPrefix } from '../keys.ts';
import type { RedisConnection } from '../redis.ts';

/** One holding of a lease, from its taking to its loss. */
export interface Holding {
  /** Higher with each change of holders; what is written with it can be told from what an earlier holder writes. */
  readonly fence: number;
  /** Aborted as soon as the lease may be another's. Pass it to all work that only the holder does. */
  readonly signal: AbortSignal;
}

/** A lease in Redis: of all processes that want it, one holds it; when that one dies, another has it within `ttlMs`. */
export interface Lease {
  /** null while another holds it, and while Redis does not say. */
  held(): Holding | null;
  /** Gives it up, so that the next one need not wait for it to run out. */
  close(): Promise<void>;
}

export interface LeaseSettings {
  readonly redis: RedisConnection;
  /** What is leased: `healer`. */
  readonly name: string;
  /** This process and no other, also none of the same process id after a restart. */
  readonly owner: string;
  /** After so long without renewal it is free; 6 000 by default. */
  readonly ttlMs?: number;
  /** Told whenever the answer changes; `holder` is who has it, null while Redis does not say. */
  readonly onChange?: (now: { readonly holding: Holding | null; readonly holder: string | null }) => void;
}

const TTL_MS = 6_000;
/** So many renewals fit into the time; two may be lost. */
const RENEWALS = 3;

const TAKE = `
${WRITES_WHEN_FULL}
-- KEYS[1]: prefix. ARGV: key, owner, ttl ms. Answers the owner and the fence.
local key = ARGV[1]
local owner = redis.call('HGET', key, 'owner')
if not owner then
  redis.call('HSET', key, 'owner', ARGV[2], 'fence', redis.call('INCR', key .. ':fence'))
  owner = ARGV[2]
end
if owner == ARGV[2] then redis.call('PEXPIRE', key, ARGV[3]) end
return { owner, tonumber(redis.call('HGET', key, 'fence')) }
`;

const RELEASE = `
-- KEYS[1]: prefix. ARGV: key, owner.
if redis.call('HGET', ARGV[1], 'owner') ~= ARGV[2] then return 0 end
return redis.call('DEL', ARGV[1])
`;

/**
 * Wants a lease from now on until it is closed. Whether it is held is told by this process's own monotonic clock,
 * counted from before the renewal was sent: a process that was stopped, or whose Redis is away, knows before the lease
 * runs out in Redis that it may no longer have it.
 */
export function createLease({
  redis,
  name,
  owner,
  ttlMs = TTL_MS,
  onChange = () => {},
}: LeaseSettings): Lease {
  const take = redis.script('switchyardTakeLease', TAKE);
  const release = redis.script('switchyardReleaseLease', RELEASE);
  const prefix = shardPrefix(0);
  const key = leaseKey(prefix, name);
  const closing = new AbortController();
  let current: { readonly fence: number; readonly ended: AbortController; until: number } | null = null;
  let told: string | undefined;

  function held(): Holding | null {
    if (current === null || performance.now() >= current.until) return null;
    return { fence: current.fence, signal: current.ended.signal };
  }

  function drop(): void {
    current?.ended.abort(new Error(`the lease of ${name} is lost`));
    current = null;
  }

  function tell(holder: string | null): void {
    const holding = held();
    const now = `${holding?.fence ?? ''} ${holder ?? ''}`;
    if (now === told) return;
    told = now;
    onChange({ holding, holder });
  }

  async function look(): Promise<void> {
    const askedAt = performance.now();
    const answer = await take(prefix, [key, owner, String(ttlMs)]);
    const [holder, fence] = Array.isArray(answer) ? answer.map(String) : [];
    if (holder !== owner) {
      drop();
      return tell(holder ?? null);
    }
    // Lost and taken again between two looks: what was begun under the old one is over.
    if (current?.fence !== Number(fence)) drop();
    current ??= { fence: Number(fence), ended: new AbortController(), until: 0 };
    current.until = askedAt + ttlMs;
    tell(owner);
  }

  /** Ends a holding in time although no answer comes. */
  async function expire(): Promise<void> {
    while (!closing.signal.aborted) {
      await pause(Math.min(250, ttlMs / 10));
      if (current === null || held() !== null) continue;
      drop();
      tell(null);
    }
  }

  async function want(): Promise<void> {
    while (!closing.signal.aborted) {
      // What Redis does not answer in time, `expire` sees.
      await Promise.race([look().catch(() => {}), pause(ttlMs)]);
      await pause(ttlMs / RENEWALS);
    }
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, null, { signal: closing.signal, ref: false }).catch(() => {});
  }

  const running = Promise.all([want(), expire()]);
  return {
    held,
    async close() {
      closing.abort();
      await running;
      const mine = current !== null;
      drop();
      if (mine) await Promise.race([release(prefix, [key, owner]).catch(() => {}), sleep(1_000)]);
    },
  };
}
