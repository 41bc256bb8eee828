const LONGEST = 200;
/** Of an answer, so much is looked at. */
const LOOKED_AT = 2_000;
const MASK = '…';
const EMAIL = /[^\s"'<>(),;:=[\]{}]+@[^\s"'<>(),;:=[\]{}]+/gu;
/** Phone numbers, and any other run of digits that may be of a person. */
const DIGITS = /\+?\d(?:[\s().-]?\d){4,}/gu;

/**
 * What a CRM says of a request that it did not take, on one line, cut short: `{"error":"email is not valid"}`. CRMs quote
 * what they were sent, which is a customer's: every value of the request is masked, whatever its letter case, and so
 * are e-mail addresses and numbers that were not in it. Names of fields stay. Pure.
 */
export function maskedAnswer(body: string, sent: string | undefined): string {
  const line = body
    .slice(0, LOOKED_AT)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  if (line === '' || line.startsWith('<')) return '';
  const safe = line.replace(EMAIL, MASK).replace(DIGITS, MASK);
  const masked = valuesOf(sent).reduce(
    (text, value) => text.replace(new RegExp(escaped(value), 'giu'), MASK),
    safe,
  );
  return masked.length > LONGEST ? `${masked.slice(0, LONGEST)}…` : masked;
}

/** All texts and numbers in what was sent, and their words, the longest first. */
function valuesOf(sent: string | undefined): string[] {
  const found = new Set<string>();
  const add = (text: string) => {
    if (text.length >= 3) found.add(text);
  };
  const walk = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) walk(inner);
      return;
    }
    if (typeof value !== 'string' && typeof value !== 'number') return;
    add(String(value).trim());
    add(JSON.stringify(String(value)).slice(1, -1));
    for (const word of String(value).split(/[^\p{L}\p{N}]+/u)) add(word);
  };
  walk(parsed(sent));
  return [...found].toSorted((a, b) => b.length - a.length).slice(0, 500);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

function parsed(json: string | undefined): unknown {
  try {
    return json === undefined ? null : JSON.parse(json);
  } catch {
    return json;
  }
}
