import { isDeepStrictEqual } from 'node:util';
import { iso } from './clock.ts';
import type { Changes, DomainEvent, ValueChange } from './events.ts';
import type { BotRow, ContactRow, UserRow } from './records.ts';
import type { Store } from './store.ts';
import type { Habits } from './versions.ts';

/** The state, its clock, its habits, and where its events go. */
export interface World {
  readonly store: Store;
  /** Epoch milliseconds, strictly increasing. */
  readonly now: () => number;
  readonly habits: Habits;
  /** From 0 to 1; decides races. */
  readonly random: () => number;
  readonly emit: (event: DomainEvent) => void;
  /** Does `work` after so many milliseconds, unless the fake is closed by then. */
  readonly later: (ms: number, work: () => void) => void;
  /** How long after a conversation the assignment policy runs. */
  readonly policyDelayMs: number;
}

/** Who does something; `system` is Chatwoot itself. */
export type Doer =
  | { readonly kind: 'user'; readonly user: UserRow }
  | { readonly kind: 'bot'; readonly bot: BotRow }
  | { readonly kind: 'contact'; readonly contact: ContactRow }
  | { readonly kind: 'automation' | 'policy' }
  | { readonly kind: 'system' };

export const system: Doer = { kind: 'system' };

const instants = new Set([
  'updated_at',
  'last_activity_at',
  'snoozed_until',
  'waiting_since',
  'first_reply_created_at',
]);

/**
 * Puts `patch` into `row` and says what changed; null, and the row untouched, when nothing did.
 * `updated_at` moves with every change and is the last entry.
 */
export function change<Row extends { updated_at: number }>(
  row: Row,
  patch: Partial<Row>,
  now: () => number,
): Changes | null {
  const before = new Map(Object.entries(row));
  const changed = Object.entries(patch).filter(
    ([name, value]) => !isDeepStrictEqual(before.get(name), value),
  );
  if (changed.length === 0) return null;
  const updatedAt = now();
  Object.assign(row, Object.fromEntries(changed), { updated_at: updatedAt });
  return [...changed, ['updated_at', updatedAt] as const].map(([name, value]) => ({
    [name]: { previous_value: onTheWire(name, before.get(name)), current_value: onTheWire(name, value) },
  }));
}

export function changedNames(changes: Changes): readonly string[] {
  return changes.flatMap((each) => Object.keys(each));
}

export function changeOf(changes: Changes, name: string): ValueChange | undefined {
  return changes.find((each) => name in each)?.[name];
}

function onTheWire(name: string, value: unknown): unknown {
  return instants.has(name) && typeof value === 'number' ? iso(value) : (value ?? null);
}
