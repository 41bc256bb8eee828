/** How often one address may try a password. */
export interface LoginLimit {
  /** How long this address has to wait, in ms; 0: it may try. */
  waitMs(address: string): number;
  failed(address: string): void;
  succeeded(address: string): void;
}

const MOST_ADDRESSES = 10_000;

/** `attempts` wrong ones within `windowMs`, then none until the oldest of them is that old. */
export function createLoginLimit({
  attempts,
  windowMs,
  now,
}: {
  readonly attempts: number;
  readonly windowMs: number;
  readonly now: () => number;
}): LoginLimit {
  const failures = new Map<string, number[]>();
  const recent = (address: string) =>
    (failures.get(placeOf(address)) ?? []).filter((at) => at > now() - windowMs);
  return {
    waitMs(address) {
      const [oldest, ...others] = recent(address);
      return oldest === undefined || others.length + 1 < attempts ? 0 : oldest + windowMs - now();
    },
    failed(address) {
      const place = placeOf(address);
      const before = recent(address);
      failures.delete(place);
      if (failures.size >= MOST_ADDRESSES) {
        const first = failures.keys().next().value;
        if (first !== undefined) failures.delete(first);
      }
      failures.set(place, [...before, now()].slice(-attempts));
    },
    succeeded: (address) => void failures.delete(placeOf(address)),
  };
}

/** Of an IPv6 address its network: whoever has one has 2^64 addresses. */
function placeOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  return address.split(':').slice(0, 4).join(':');
}
