import type { ChatwootEvent } from '@switchyard/chatwoot';
import { WRITES_WHEN_FULL } from '../full-redis/first-write.ts';
import { handedKey, jobKey, shardPrefix } from '../keys.ts';
import type { RedisConnection } from '../redis.ts';
import { shardOf } from '../shard.ts';

/** Which message of which conversation is handed over. */
interface Handed {
  readonly account: number;
  readonly conversation: number;
  /** null: the conversation as a whole. */
  readonly message: number | null;
}

/**
 * Who hands a late message over. bot-replies does so when it is late, the healer when bot-replies is later still; where
 * an outage ends, both may come at once. Who claims the message first does it, and the other says nothing.
 */
export interface HandoverClaims {
  /**
   * For a job of bot-replies: whether it is the one to hand the message over. Repeating it answers the same. The
   * healer's claim stands: its job is durable too.
   */
  forBot(event: ChatwootEvent, handed: Handed, jobId: string): Promise<boolean>;
  /**
   * For the healer: takes the claim, also from a job of bot-replies that nobody works on.
   *
   * @returns false while a worker has that job in hand; ask again later.
   */
  forHealer(event: ChatwootEvent, handed: Handed): Promise<boolean>;
}

const BOT_QUEUE = 'bot-replies';
const HEALER = 'healer';
/** Longer than either of them tries (a day), and than a delivery is remembered. */
const KEPT_MS = 7 * 24 * 60 * 60_000;

const CLAIM = `
${WRITES_WHEN_FULL}
-- KEYS[1]: prefix. ARGV: key, claimant, ttl ms, what a job's key begins with.
local holder = redis.call('GET', ARGV[1])
if holder == ARGV[2] then return 1 end
if holder then
  -- The healer's claim stands, and so does that of a job in hand.
  if ARGV[2] ~= '${HEALER}' then return 0 end
  if redis.call('EXISTS', ARGV[4] .. holder .. ':lock') == 1 then return 0 end
end
redis.call('SET', ARGV[1], ARGV[2], 'PX', ARGV[3])
return 1
`;

export function createHandoverClaims(redis: RedisConnection, shards: number): HandoverClaims {
  const run = redis.script('switchyardClaimHandover', CLAIM);

  async function claim(event: ChatwootEvent, handed: Handed, claimant: string): Promise<boolean> {
    const prefix = shardPrefix(shardOf(event, shards));
    const { account, conversation, message } = handed;
    const key = handedKey(prefix, `${account}-${conversation}-${message ?? 'all'}`);
    return Number(await run(prefix, [key, claimant, String(KEPT_MS), jobKey(prefix, BOT_QUEUE, '')])) === 1;
  }

  return {
    forBot: (event, handed, jobId) => claim(event, handed, jobId),
    forHealer: (event, handed) => claim(event, handed, HEALER),
  };
}
