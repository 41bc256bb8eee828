import { boundedJson, isCredential } from './bounded-json.ts';
import type { Change, ChatwootEvent } from './event.ts';
import { clean, firstItems, instantOrNull, isJsonObject, type JsonObject } from './readers.ts';

const MOST_CHANGES = 100;
const MOST_VALUE_BYTES = 2048;

/**
 * `changed_attributes`: null, an array of single-key objects, or an object (contract §2.5). A value of more
 * than 2 KB as JSON is null in the result; a credential is left out with its name.
 */
export function readChanges(value: unknown): ChatwootEvent['changes'] {
  const changes: Record<string, Change> = {};
  let left = MOST_CHANGES;
  for (const item of isJsonObject(value) ? [value] : firstItems(value, MOST_CHANGES)) {
    if (!isJsonObject(item)) continue;
    for (const key of Object.keys(item)) {
      if (left === 0) return changes;
      left -= 1;
      const name = clean(key);
      const change = readChange(name, item[key]);
      if (change !== null) changes[name] = change;
    }
  }
  return Object.keys(changes).length === 0 ? null : changes;
}

/**
 * When they were made, epoch milliseconds without Chatwoot's microseconds; null where they do not say. It is exact,
 * while the `updated_at` beside them is that of a late snapshot (contract §1.6).
 */
export function changedAt(changes: ChatwootEvent['changes']): number | null {
  return instantOrNull(changes?.updated_at?.to);
}

function readChange(key: string, value: unknown): Change | null {
  if (key === '' || key.length > 100 || isCredential(key, value)) return null;
  // `{status: ["pending", "open"]}` is not sent by Chatwoot, but public examples have it (contract §2.5).
  if (Array.isArray(value)) return { from: small(value[0]), to: small(value[1]) };
  return isJsonObject(value) ? fromNamedValues(value) : null;
}

function fromNamedValues(value: JsonObject): Change {
  return { from: small(value.previous_value), to: small(value.current_value) };
}

function small(value: unknown): unknown {
  return boundedJson(value, MOST_VALUE_BYTES) ?? null;
}
