/** A duration for people: `41 ms`, `2.4 s`, `3 min`. */
export function duration(ms) {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

/** A time of day: `14:03:22`. */
export function clock(at) {
  return new Date(at).toLocaleTimeString('en-GB');
}
