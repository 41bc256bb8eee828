import type { JobState } from './define.ts';
import { shardPrefixes, stateKey } from './keys.ts';
import type { RedisConnection } from './redis.ts';

/**
 * The inboxes in which `switchyard rehearse` plays a customer. A worker tells a rehearsal from work by the inbox, which
 * only an operator can write down here, never by what a customer can write.
 */
export interface Rehearsals {
  /** Ends by itself after `ttlMs`, should whoever began it die. */
  begin(account: number, inbox: number, ttlMs: number): Promise<void>;
  end(account: number, inbox: number): Promise<void>;
}

/** The one queue that does outside of Chatwoot what a rehearsal must not do. */
const QUEUE = 'crm-sync';

export function createRehearsals(redis: Pick<RedisConnection, 'client'>, shards: number): Rehearsals {
  const { client } = redis;
  // In each shard: which one a conversation will lie in follows from its contact (shard.ts).
  const keys = (account: number, inbox: number) =>
    shardPrefixes(shards).map((prefix) => stateKey(prefix, QUEUE, nameOf(account, inbox)));
  return {
    async begin(account, inbox, ttlMs) {
      await Promise.all(keys(account, inbox).map((key) => client.set(key, 'true', 'PX', ttlMs)));
    },
    async end(account, inbox) {
      await Promise.all(keys(account, inbox).map((key) => client.del(key)));
    },
  };
}

/** Whether an event of this inbox belongs to a rehearsal; asked of the state of the worker's own queue. */
export async function isRehearsal(
  state: JobState,
  account: number,
  inbox: number | null | undefined,
): Promise<boolean> {
  return inbox != null && (await state.get(nameOf(account, inbox))) === true;
}

function nameOf(account: number, inbox: number): string {
  return `rehearsal:${account}:${inbox}`;
}
