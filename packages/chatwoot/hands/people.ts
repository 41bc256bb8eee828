import type { ChatwootClient } from '../client.ts';
import { CallFailure } from '../failure.ts';
import type { People } from './hand.ts';

/** Who is who in an account, asked anew every few minutes. */
export type PeopleOf = (account: number, signal?: AbortSignal) => Promise<People>;

interface PeopleOptions {
  readonly client: Pick<ChatwootClient, 'agents' | 'profile'> & {
    readonly agentBots: Pick<ChatwootClient['agentBots'], 'list'>;
  };
  /** Bots that are known otherwise, by name: an agent's token may not list them. */
  readonly bots?: readonly string[] | undefined;
  readonly now?: () => number;
}

const CACHED_MS = 5 * 60_000;

/** Reads agents, bots and the owner of the token; keeps them for five minutes. */
export function createPeople({ client, bots = [], now = Date.now }: PeopleOptions): PeopleOf {
  const cache = new Map<number, { readonly at: number; readonly people: People }>();
  return async (account, signal) => {
    const cached = cache.get(account);
    if (cached !== undefined && now() - cached.at < CACHED_MS) return cached.people;
    const [agents, owner, listed] = await Promise.all([
      client.agents.list(account, { signal }),
      client.profile({ signal }),
      botNames(client, account, signal),
    ]);
    const people: People = {
      agents: agents.map(({ id, name }) => ({ id, name })),
      owner: { id: owner.id, name: owner.name ?? '' },
      bots: [...bots, ...listed],
    };
    cache.set(account, { at: now(), people });
    return people;
  };
}

/** None where the token may not list them; what a bot did is then taken for a person's. */
async function botNames(
  client: PeopleOptions['client'],
  account: number,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  try {
    const bots = await client.agentBots.list(account, { signal });
    return bots.map(({ name }) => name);
  } catch (error) {
    if (error instanceof CallFailure && error.failure === 'permanent') return [];
    throw error;
  }
}
