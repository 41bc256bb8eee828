const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** Milliseconds in the two largest units that fit: `2 d 3 h`, `40 s`, `120 ms`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const at = UNITS.findIndex(([, size]) => ms >= size);
  const [first, second] = UNITS.slice(at);
  if (first === undefined) return `${Math.round(ms)} ms`;
  const whole = Math.floor(ms / first[1]);
  const rest = second === undefined ? 0 : Math.floor((ms % first[1]) / second[1]);
  return rest === 0 || second === undefined
    ? `${whole} ${first[0]}`
    : `${whole} ${first[0]} ${rest} ${second[0]}`;
}

/** `90s`, `15m`, `2h`, `3d` in milliseconds; null for anything else. */
export function parseDuration(text: string): number | null {
  const [, figure, unit] = /^(\d{1,6})\s*([smhd])$/.exec(text.trim()) ?? [];
  const size = UNITS.find(([name]) => name === unit)?.[1];
  return figure === undefined || size === undefined ? null : Number(figure) * size;
}

/** An instant as people on call write it, in UTC: `2026-11-22 14:03:07Z`. */
export function instantText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
