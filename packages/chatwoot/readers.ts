/**
 * Small typed readers for JSON that someone else wrote. None of them throws: what has the wrong type is null.
 * They are hand-written because they run on every delivery.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

const LONGEST_SECONDS = 253_402_300_799; // the year 9999
const TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?) ?(Z|UTC|[+-]\d{2}:?\d{2})?$/;
const SECONDS = /^\d{1,12}(?:\.\d{1,9})?$/;
const ID = /^\d{1,16}$/;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectOrNull(value: unknown): JsonObject | null {
  return isJsonObject(value) ? value : null;
}

/** The items of an array, at most `limit` of them; nothing for everything else. */
export function firstItems(value: unknown, limit: number): readonly unknown[] {
  if (!Array.isArray(value)) return [];
  return value.length > limit ? value.slice(0, limit) : value;
}

/** A database or display id: a positive safe integer, also when it is written as a string (contract §2.8). */
export function idOrNull(value: unknown): number | null {
  const id = typeof value === 'string' && ID.test(value) ? Number(value) : value;
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : null;
}

/** A trimmed text of at most `limit` characters, cut there; a blank one is null. */
export function nameOrNull(value: unknown, limit = 1000): string | null {
  if (typeof value !== 'string') return null;
  const text = clean(cut(value.trim(), limit));
  return text === '' ? null : text;
}

/** Like `nameOrNull`, but a text that is too long is null: half an address or half a name of a thing is another one. */
export function tokenOrNull(value: unknown, limit: number): string | null {
  if (typeof value !== 'string' || value.length > limit + 100) return null;
  const text = clean(value.trim());
  return text === '' || text.length > limit ? null : text;
}

/** Text as it was written, untrimmed, cut at `limit` characters; a blank one is null. */
export function contentOrNull(value: unknown, limit: number): string | null {
  if (typeof value !== 'string') return null;
  const text = clean(cut(value, limit));
  return text.trim() === '' ? null : text;
}

/**
 * An instant in epoch milliseconds, microseconds kept as a fraction. Accepts what Chatwoot sends (contract
 * §2.7, §2.8): seconds as int or float, ISO 8601, `2020-03-03 13:05:57 UTC`. 0 means "never" and is null.
 */
export function instantOrNull(value: unknown): number | null {
  if (typeof value === 'number') return fromSeconds(value);
  if (typeof value !== 'string' || value.length > 40) return null;
  if (SECONDS.test(value)) return fromSeconds(Number(value));
  const [, date, time, zone] = TIME.exec(value) ?? [];
  if (date === undefined || time === undefined) return null;
  const parsed = Date.parse(`${date}T${time}${zone === undefined || zone === 'UTC' ? 'Z' : zone}`);
  return parsed > 0 ? parsed : null;
}

/** No half characters (a lone surrogate is no text) and no NUL (PostgreSQL refuses it). */
export function clean(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes('\0') ? whole.replaceAll('\0', '') : whole;
}

function fromSeconds(seconds: number): number | null {
  if (!(seconds > 0) || seconds > LONGEST_SECONDS) return null;
  return Math.round(seconds * 1e6) / 1e3;
}

function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, isHalf ? limit - 1 : limit);
}
