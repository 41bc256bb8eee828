import { createHash } from 'node:crypto';

/** What changes between two jobs that died of the same fault. In this order: an address may hold ids and numbers. */
const VARYING: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s"<>]+/gi, '<url>'],
  [/[^\s@"'<>(]+@[^\s@"'<>),]+/g, '<address>'],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '<n>'],
];
const WORD = /[\p{L}\p{N}_]+/gu;
const DIGIT = /\p{N}/u;
/** The parts of one number, time or id. */
const JOINED = /[+-]?<n>(?:[.,:_-]<n>)*/g;

/** Enough to tell faults apart; behind it messages carry payloads. It also bounds the time the patterns take. */
const READ_LENGTH = 2_000;
const KEPT_LENGTH = 300;

/**
 * What a dead job died of, as 12 hex digits: the same for the same fault with other ids, numbers, times, addresses
 * or URLs in its message. The queue, the error's code and the step that failed always tell faults apart.
 */
export function fingerprint(queue: string, code: string, step: string | null, message: string): string {
  const fault = JSON.stringify([queue, code, step, withoutVarying(message)]);
  return createHash('sha256').update(fault).digest('hex').slice(0, 12);
}

function withoutVarying(message: string): string {
  return VARYING.reduce(
    (text, [pattern, instead]) => text.replace(pattern, instead),
    message.slice(0, READ_LENGTH),
  )
    .replace(WORD, (word) => (DIGIT.test(word) ? '<n>' : word))
    .replace(JOINED, '<n>')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, KEPT_LENGTH);
}
