import type { Logger } from '@switchyard/telemetry';

const EVERY_MS = 10_000;

/** Requests that were refused, told in one line every ten seconds and reason, however many there are. */
export interface Complaints {
  add(reason: string): void;
}

export function createComplaints(log: Logger, now: () => number = Date.now): Complaints {
  const told = new Map<string, { at: number; since: number }>();
  return {
    add(reason) {
      const last = told.get(reason) ?? { at: Number.NEGATIVE_INFINITY, since: 0 };
      last.since += 1;
      if (now() - last.at >= EVERY_MS) {
        log.warn({ reason, requests: last.since }, 'requests refused');
        last.at = now();
        last.since = 0;
      }
      told.set(reason, last);
    },
  };
}
