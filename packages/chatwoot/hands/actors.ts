import type { People } from './hand.ts';
import { MACHINES, POLICY_PREFIXES } from './phrases.ts';

/** Who is behind a name in an activity. `unknown` may be a person who has left, or a policy's own name. */
export type Who = 'person' | 'owner' | 'bot' | 'automation' | 'policy' | 'unknown';

/**
 * People first: an agent may be called as Chatwoot calls itself, or as our token's owner is called, and is then
 * taken for the person.
 */
export function whoIs(name: string, { agents, owner, bots }: People): Who {
  if (agents.some((agent) => agent.name === name && agent.id !== owner?.id)) return 'person';
  if (owner?.name === name) return 'owner';
  if (bots.includes(name)) return 'bot';
  if (Object.hasOwn(MACHINES, name)) return MACHINES[name] ?? 'unknown';
  if (POLICY_PREFIXES.some((prefix) => name.startsWith(prefix))) return 'policy';
  return 'unknown';
}

/** Every name that can be told, for `namesIn`. */
export function everybodyIn({ agents, owner, bots }: People): readonly string[] {
  const users = [...agents, ...(owner === null ? [] : [owner])];
  return [...users.map(({ name }) => name), ...bots, ...Object.keys(MACHINES)];
}

/**
 * Who of the names in a text that can't be read has done it: a person where one is named. Not looked at are those
 * whom it was done to; null when nobody else is named.
 */
export function mostPersonal(
  names: Iterable<string>,
  people: People,
  doneTo: readonly string[] = [],
): Who | null {
  const whos = [...names].filter((name) => !doneTo.includes(name)).map((name) => whoIs(name, people));
  return ORDER.find((who) => whos.includes(who)) ?? null;
}

const ORDER: readonly Who[] = ['person', 'unknown', 'owner', 'bot', 'automation', 'policy'];

/**
 * The names that a text holds, and how often. The longest are looked for first, and what was found is not looked
 * at again, so that `Ann` is not found in `Ann Smith`.
 */
export function namesIn(text: string, names: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  let left = text;
  const longestFirst = [...new Set(names)].filter((name) => name !== '').sort((a, b) => b.length - a.length);
  for (const name of longestFirst) {
    const pieces = left.split(name);
    if (pieces.length === 1) continue;
    found.set(name, pieces.length - 1);
    // No name holds a NUL, so nothing is found across what was taken out.
    left = pieces.join('\0');
  }
  return found;
}
