import { z } from 'zod';
import { shardPrefix } from './keys.ts';
import type { RedisConnection } from './redis.ts';

/** Whether the bot may speak, and who said so. */
export interface BotState {
  readonly on: boolean;
  /** When it was last turned, epoch milliseconds; null where nobody ever has. */
  readonly at: number | null;
  /** Who turned it, as they or their machine call them; null where nobody ever has. */
  readonly by: string | null;
}

/**
 * The switch of an installation's bot. Off, bot-replies says nothing and hands over what comes in, and the healer
 * hands over what is pending. It stands in Redis, so it holds for all processes and outlives them.
 */
export interface BotSwitch {
  /** One GET. On, where nobody ever turned it. @throws when Redis is away. */
  read(): Promise<BotState>;
  /** Turning it to where it is changes nothing: `before` and `now` are the same then. @throws when Redis is away. */
  turn(on: boolean, by: string): Promise<{ readonly before: BotState; readonly now: BotState }>;
}

const NEVER_TURNED: BotState = { on: true, at: null, by: null };
const LONGEST_NAME = 100;
const stateSchema = z.object({ on: z.boolean(), at: z.number().nullable(), by: z.string().nullable() });

export function createBotSwitch(
  { client }: Pick<RedisConnection, 'client'>,
  now: () => number = Date.now,
): BotSwitch {
  // One for the installation, so in the shard that each number of shards has.
  const key = `${shardPrefix(0)}:bot-switch`;

  async function read(): Promise<BotState> {
    const stored = await client.get(key);
    return stored === null ? NEVER_TURNED : readState(stored);
  }

  return {
    read,
    async turn(on, by) {
      const before = await read();
      if (before.on === on) return { before, now: before };
      const turned = { on, at: now(), by: by.slice(0, LONGEST_NAME) };
      await client.set(key, JSON.stringify(turned));
      return { before, now: turned };
    },
  };
}

/** What no code of ours has written counts as off: a bot that is silent and hands over does the lesser harm. */
function readState(stored: string): BotState {
  try {
    return stateSchema.parse(JSON.parse(stored));
  } catch {
    return { on: false, at: null, by: null };
  }
}
