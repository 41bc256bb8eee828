import { CallFailure, type ChatwootClient } from '@switchyard/chatwoot';

/** A team or an agent as the config names it, and where in the config that is. */
export interface Reference {
  readonly kind: 'team' | 'agent';
  /** `routing.rules[2].assign.team` */
  readonly setting: string;
  /** Teams by name or id, agents by e-mail, name or id. Letter case does not count. */
  readonly value: string | number;
}

/** The teams and agents of Chatwoot's accounts. */
export interface Directory {
  /**
   * The id behind a reference. Ids are held against Chatwoot too, because an unknown one silently unassigns
   * (contract §3.3).
   *
   * @throws {CallFailure} `permanent`, DIRECTORY_UNKNOWN, with a message for the operator that lists what there
   *   is; or what the call to Chatwoot throws.
   */
  resolve(account: number, reference: Reference, signal?: AbortSignal): Promise<number>;
}

export interface DirectoryOptions {
  readonly client: Pick<ChatwootClient, 'teams' | 'agents'>;
  readonly now?: () => number;
}

export const DIRECTORY_UNKNOWN = 'DIRECTORY_UNKNOWN';

const CACHED_MS = 5 * 60_000;
/** What is not found may have been made since; asking more often than this would let a typo hammer Chatwoot. */
const MISSING_CACHED_MS = 10_000;
const MOST_SHOWN = 30;

interface Entry {
  readonly id: number;
  readonly names: readonly string[];
  readonly shown: string;
}

export function createDirectory({ client, now = Date.now }: DirectoryOptions): Directory {
  const cache = new Map<string, { readonly at: number; readonly entries: readonly Entry[] }>();

  async function entriesOf(kind: Reference['kind'], account: number, maxAgeMs: number, signal?: AbortSignal) {
    const key = `${kind}:${account}`;
    const cached = cache.get(key);
    if (cached !== undefined && now() - cached.at < maxAgeMs) return cached.entries;
    const entries = kind === 'team' ? await teams(account, signal) : await agents(account, signal);
    cache.set(key, { at: now(), entries });
    return entries;
  }

  async function teams(account: number, signal?: AbortSignal): Promise<Entry[]> {
    const list = await client.teams.list(account, { signal });
    return list.map(({ id, name }) => ({ id, names: [name], shown: name }));
  }

  async function agents(account: number, signal?: AbortSignal): Promise<Entry[]> {
    const list = await client.agents.list(account, { signal });
    return list.map(({ id, name, email }) => ({
      id,
      names: email === null ? [name] : [email, name],
      shown: name,
    }));
  }

  return {
    async resolve(account, reference, signal) {
      const { kind, value } = reference;
      let entries = await entriesOf(kind, account, CACHED_MS, signal);
      if (matching(entries, value).length === 0) {
        entries = await entriesOf(kind, account, MISSING_CACHED_MS, signal);
      }
      const found = matching(entries, value);
      const [only] = found;
      if (only !== undefined && found.length === 1) return only.id;
      throw new CallFailure('permanent', explain(reference, account, entries, found), {
        code: DIRECTORY_UNKNOWN,
        target: 'chatwoot',
      });
    },
  };
}

function matching(entries: readonly Entry[], value: string | number): readonly Entry[] {
  if (typeof value === 'number') return entries.filter((entry) => entry.id === value);
  const wanted = folded(value);
  return entries.filter((entry) => entry.names.some((name) => folded(name) === wanted));
}

/** Chatwoot stores team names in lower case (contract §2.2), people write them as they like. */
function folded(name: string): string {
  return name.trim().replace(/\s+/g, ' ').normalize('NFC').toLowerCase();
}

function explain(
  { kind, setting, value }: Reference,
  account: number,
  entries: readonly Entry[],
  found: readonly Entry[],
): string {
  const named = typeof value === 'number' ? `with id ${value}` : JSON.stringify(value);
  if (found.length > 1) {
    const ids = found.map((entry) => entry.id).join(', ');
    return `${setting}: ${found.length} ${kind}s are called ${named} in Chatwoot account ${account}; use an id: ${ids}`;
  }
  const show = (entry: Entry) => (typeof value === 'number' ? `${entry.id} (${entry.shown})` : entry.shown);
  const shown = entries.slice(0, MOST_SHOWN).map(show).join(', ');
  const more = entries.length > MOST_SHOWN ? `, and ${entries.length - MOST_SHOWN} more` : '';
  const there = entries.length === 0 ? 'there are none' : `there are: ${shown}${more}`;
  return `${setting}: no ${kind} ${named} in Chatwoot account ${account}; ${there}`;
}
