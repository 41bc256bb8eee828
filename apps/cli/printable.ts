/**
 * Text from elsewhere for a terminal: without the control characters that would move its cursor, change its colours
 * or turn the writing direction. Line breaks become spaces.
 */
export function printable(text: string): string {
  return text.replace(/[\t\n\r]+/g, ' ').replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '');
}

/** `printable`, and not longer than this. */
export function shortened(text: string, length: number): string {
  const clean = printable(text);
  return clean.length <= length ? clean : `${clean.slice(0, length - 1)}…`;
}
