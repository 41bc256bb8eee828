import { setTimeout as sleep } from 'node:timers/promises';
import type { ChatwootClient } from '@switchyard/chatwoot';
import type { Logger } from '@switchyard/telemetry';
import { shardPrefix, soleAccountKey } from '../keys.ts';
import type { RedisConnection } from '../redis.ts';
import { createVisibleAccounts } from './visible-accounts.ts';

const ASK_MS = 5 * 60_000;
const ASK_AGAIN_MS = 15_000;
const LOOK_MS = 5_000;
/** An outage of Chatwoot, however long, must not make it forgotten; a token that was taken away must in the end. */
const KEPT_MS = 30 * 24 * 60 * 60_000;

const KEY = soleAccountKey(shardPrefix(0));
const SEVERAL = 'several';

interface Loop {
  close(): Promise<void>;
}

export interface TellSettings {
  readonly redis: RedisConnection;
  readonly client: Pick<ChatwootClient, 'profile'>;
  readonly log: Logger;
  readonly askMs?: number;
}

/**
 * Writes down in Redis which account the user's token sees, when it is only one, for those that have no token or can't
 * wait for Chatwoot. While Chatwoot does not answer, what was written before stays.
 */
export function tellSoleAccount({ redis, client, log, askMs = ASK_MS }: TellSettings): Loop {
  const visible = createVisibleAccounts(client);
  let told: string | null = null;
  return loop(async (signal) => {
    try {
      const accounts = await visible(signal);
      const [only] = accounts;
      const word = only !== undefined && accounts.length === 1 ? String(only) : SEVERAL;
      await redis.client.set(KEY, word, 'PX', KEPT_MS);
      if (word === SEVERAL && told !== word) {
        log.warn(
          { accounts: accounts.length },
          'a source names no account and the token does not see exactly one; set CHATWOOT_ACCOUNT or sources.<name>.account',
        );
      }
      told = word;
      return askMs;
    } catch (err) {
      if (!signal.aborted) log.debug({ err }, 'the account of the token is not known yet');
      return Math.min(askMs, ASK_AGAIN_MS);
    }
  });
}

export interface SoleAccount extends Loop {
  /** As it was last read; null when there are several, or nobody has told yet. */
  current(): number | null;
}

/** Keeps an eye on what `tellSoleAccount` writes. Never waits for anything: what is known is at hand. */
export function watchSoleAccount(redis: RedisConnection, lookMs = LOOK_MS): SoleAccount {
  let known: number | null = null;
  const looking = loop(async () => {
    try {
      known = accountIn(await redis.client.get(KEY));
    } catch {
      // Redis is away, which others tell; the account is the same as before.
    }
    return lookMs;
  });
  return { current: () => known, close: looking.close };
}

function accountIn(word: string | null): number | null {
  return word !== null && /^[1-9]\d{0,14}$/.test(word) ? Number(word) : null;
}

/** Goes round until it is closed; each round says how long to wait for the next. */
function loop(round: (signal: AbortSignal) => Promise<number>): Loop {
  const stopping = new AbortController();
  const { signal } = stopping;
  const ended = (async () => {
    while (!signal.aborted) {
      const waitMs = await round(signal);
      await sleep(waitMs, null, { signal, ref: false }).catch(() => {});
    }
  })();
  return {
    async close() {
      stopping.abort();
      // A command to a Redis that is away ends when its connection is closed, which is after this.
      await Promise.race([ended, sleep(CLOSE_MS, null, { ref: false })]);
    },
  };
}

const CLOSE_MS = 500;
