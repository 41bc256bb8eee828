/** Epoch milliseconds down to the microsecond, never the same twice: Chatwoot's `updated_at` orders by it. */
export function createClock(): () => number {
  let last = 0;
  return () => {
    const now = Math.round((performance.timeOrigin + performance.now()) * 1000);
    last = Math.max(now, last + 1);
    return last / 1000;
  };
}

/** ISO 8601 UTC with milliseconds, or null. */
export function iso(at: number): string;
export function iso(at: number | null): string | null;
export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** Whole epoch seconds; Chatwoot writes "never" as 0. */
export function seconds(at: number | null): number {
  return at === null ? 0 : Math.floor(at / 1000);
}

/** Epoch seconds with microsecond digits, as `updated_at` of a conversation is sent. */
export function floatSeconds(at: number): number {
  return Math.round(at * 1000) / 1_000_000;
}
