import type { JobState } from './define.ts';
import { shardPrefixes, stateKey } from './keys.ts';
import type { RedisConnection } from './redis.ts';

/**
 * The customers that `switchyard rehearse` plays, by the inbox and the contact's id: an operator writes them down here,
 * and nothing that a customer can write makes one. Real customers of the same inbox are none.
 */
export interface Rehearsals {
  /** To be called before the contact's first conversation begins. */
  add(account: number, inbox: number, contact: number): Promise<void>;
}

/** The one queue that does outside of Chatwoot what a rehearsal must not do. */
const QUEUE = 'crm-sync';

/**
 * Never taken away by hand, because an event of the rehearsal may come late, wait behind a CRM that is away, or be
 * redriven: longer than a job is tried (3 days), held (14 days) and kept when it is dead (30 days).
 */
const REMEMBERED_MS = 60 * 24 * 60 * 60_000;

export function createRehearsals({ client }: Pick<RedisConnection, 'client'>, shards: number): Rehearsals {
  return {
    async add(account, inbox, contact) {
      // In each shard: which one an event lies in is not asked here.
      const keys = shardPrefixes(shards).map((prefix) =>
        stateKey(prefix, QUEUE, nameOf(account, inbox, contact)),
      );
      await Promise.all(keys.map((key) => client.set(key, 'true', 'PX', REMEMBERED_MS)));
    },
  };
}

/** Whether an event is of a customer that is played; asked of the state of the worker's own queue. */
export async function isRehearsal(
  state: JobState,
  account: number,
  inbox: number | null | undefined,
  contact: number | null | undefined,
): Promise<boolean> {
  return inbox != null && contact != null && (await state.get(nameOf(account, inbox, contact))) === true;
}

function nameOf(account: number, inbox: number, contact: number): string {
  return `rehearsal:${account}:${inbox}:${contact}`;
}
