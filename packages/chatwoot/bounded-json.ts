import { clean, isJsonObject, type JsonObject } from './readers.ts';

const DEEPEST = 8;
const NOTHING: JsonObject = Object.freeze({});

/** Keys under which Chatwoot serialises credentials (contract §2.2, §2.6); they and their values never pass. */
const CREDENTIALS = new Set([
  'pubsub_token',
  'hmac_token',
  'secret',
  'access_token',
  'api_access_token',
  'provider_config',
  'imap_password',
  'smtp_password',
  'password',
]);

/**
 * A copy of a JSON value without credentials, or undefined when it is larger than `maxBytes` as JSON or nested
 * deeper than 8 levels. Never throws, and looks at no more of the value than it may keep.
 */
export function boundedJson(value: unknown, maxBytes: number): unknown {
  const copy = copyOf(value, DEEPEST, { left: maxBytes });
  if (copy === undefined) return undefined;
  return Buffer.byteLength(JSON.stringify(copy)) <= maxBytes ? copy : undefined;
}

/** Custom attributes: an object within the bounds of `boundedJson`, else an empty one. */
export function boundedObject(value: unknown, maxBytes: number): JsonObject {
  if (!isJsonObject(value)) return NOTHING;
  const copy = boundedJson(value, maxBytes);
  return isJsonObject(copy) ? copy : NOTHING;
}

/** Whether a key's value may be a credential. `channel` is one only as an object: the whole channel record. */
export function isCredential(key: string, value: unknown): boolean {
  return (
    CREDENTIALS.has(key.toLowerCase()) ||
    (key === 'channel' && typeof value === 'object') ||
    // Assigning this key would change the copy's prototype instead of adding a key.
    key === '__proto__'
  );
}

/** `budget.left` is a lower bound of what the copy takes as JSON, so that work stops early on large input. */
function copyOf(value: unknown, depth: number, budget: { left: number }): unknown {
  if (depth === 0) return undefined;
  budget.left -= typeof value === 'string' ? value.length + 2 : 1;
  if (budget.left < 0) return undefined;
  if (typeof value === 'string') return clean(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value)) return copyOfArray(value, depth, budget);
  return isJsonObject(value) ? copyOfObject(value, depth, budget) : undefined;
}

function copyOfArray(items: readonly unknown[], depth: number, budget: { left: number }): unknown {
  if (items.length > budget.left) return undefined;
  const copy: unknown[] = [];
  for (const item of items) {
    const itemCopy = copyOf(item, depth - 1, budget);
    if (itemCopy === undefined) return undefined;
    copy.push(itemCopy);
  }
  return copy;
}

function copyOfObject(object: JsonObject, depth: number, budget: { left: number }): unknown {
  const copy: Record<string, unknown> = {};
  for (const rawKey of Object.keys(object)) {
    const value = object[rawKey];
    // Cleaned before it is judged: a NUL inside `__proto__` must not survive as `__proto__`.
    const key = clean(rawKey);
    if (isCredential(key, value)) continue;
    budget.left -= key.length + 3;
    const valueCopy = copyOf(value, depth - 1, budget);
    if (valueCopy === undefined) return undefined;
    copy[key] = valueCopy;
  }
  return copy;
}
