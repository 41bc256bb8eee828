/** Past this an instant is one: 2001-09-09 in seconds. Below it, a number of seconds to wait. */
const SMALLEST_INSTANT_S = 1_000_000_000;
const SMALLEST_INSTANT_MS = SMALLEST_INSTANT_S * 1000;

/** Whoever asks for more is asked again after this: a queue must not stand for a year because of one header. */
const LONGEST_MS = 60 * 60_000;

/**
 * How long a 429 asks to wait, in milliseconds, at most an hour; null when it does not say. `Retry-After` is seconds or
 * an HTTP date (RFC 9110 §10.2.3); `X-RateLimit-Reset` is no standard and is seconds, an epoch, or epoch milliseconds.
 */
export function retryAfterMs(
  headers: Readonly<Record<string, string | undefined>>,
  now: number,
): number | null {
  const told = fromRetryAfter(headers['retry-after'], now) ?? fromReset(headers['x-ratelimit-reset'], now);
  return told === null ? null : Math.min(told, LONGEST_MS);
}

function fromRetryAfter(value: string | undefined, now: number): number | null {
  const seconds = decimal(value);
  if (seconds !== null) return Math.ceil(seconds * 1000);
  // Date.parse takes years and other short things for dates; an HTTP date has a time of day.
  const instant = value?.includes(':') ? Date.parse(value) : Number.NaN;
  return Number.isNaN(instant) ? null : Math.max(0, instant - now);
}

function fromReset(value: string | undefined, now: number): number | null {
  const number = decimal(value);
  if (number === null) return null;
  if (number >= SMALLEST_INSTANT_MS) return Math.max(0, Math.ceil(number - now));
  if (number >= SMALLEST_INSTANT_S) return Math.max(0, Math.ceil(number * 1000 - now));
  return Math.ceil(number * 1000);
}

function decimal(value: string | undefined): number | null {
  const text = value?.trim() ?? '';
  return /^\d{1,15}(?:\.\d+)?$/.test(text) ? Number(text) : null;
}
