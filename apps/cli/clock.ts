/**
 * How far the clock behind a `Date` header is before ours, in milliseconds; null without a header. The header has
 * whole seconds, cut off, and was written at some time between asking and answer.
 */
export function clockAhead(header: string | undefined, askedAt: number, answeredAt: number): number | null {
  const at = header === undefined ? Number.NaN : Date.parse(header);
  if (Number.isNaN(at)) return null;
  return at + 500 - (askedAt + answeredAt) / 2;
}
