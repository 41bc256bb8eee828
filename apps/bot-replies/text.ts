/** Longer texts are looked at up to here: nobody asks for opening hours on page ten of a pasted e-mail. */
const MOST_CHARACTERS = 20_000;

/** Accents, and the vowel points that Arabic and Hebrew may be written with or without. Not the vowel signs of
 * Indic scripts or Thai: without those, other words come out. */
const ACCENTS =
  /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]|[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]|[\u064b-\u065f\u0670]/g;
const INVISIBLE = /[\u00ad\u200b\u2060\ufeff]/g;
const SINGLE_QUOTES = /[\u2018-\u201b\u2032\u02bc\u00b4`]/g;
const DOUBLE_QUOTES = /[\u201c-\u201f\u2033\u00ab\u00bb]/g;
const DASHES = /[\u2010-\u2015\u2212]/g;
const PUNCTUATION = /[\p{P}\p{S}]/u;

/**
 * A text in the form that rules are matched in: without letter case, accents, typographic quotes and extra
 * blanks. `Straße`, `STRASSE` and `strasse` are one, as are `café` and `CAFE`, `what’s` and `what's`.
 */
export function normalise(text: string): string {
  const plain = withoutAccents(text.slice(0, MOST_CHARACTERS).replace(SINGLE_QUOTES, "'"))
    .replace(INVISIBLE, '')
    .replace(SINGLE_QUOTES, "'")
    .replace(DOUBLE_QUOTES, '"')
    .replace(DASHES, '-');
  return withoutAccents(foldCase(plain)).normalize('NFC').replace(/\s+/g, ' ').trim();
}

/**
 * What is left of a normalised text without the punctuation and emoji around its words: `yes, please!` →
 * `yes please`. What stands inside a word stays: `what's`, `24/7`.
 */
export function withoutPunctuation(normalised: string): string {
  return normalised
    .split(' ')
    .map(bareWord)
    .filter((word) => word !== '')
    .join(' ');
}

/** By hand, because a pattern for the end of a long run of punctuation takes quadratic time. */
function bareWord(word: string): string {
  const characters = [...word];
  const first = characters.findIndex((character) => !PUNCTUATION.test(character));
  if (first === -1) return '';
  const last = characters.findLastIndex((character) => !PUNCTUATION.test(character));
  return characters.slice(first, last + 1).join('');
}

/** A pattern for normalised text: its accents and quotes as `normalise` leaves them, its letter case as it is,
 * because `\S` is not `\s`. */
export function normalisePattern(pattern: string): string {
  return pattern
    .normalize('NFD')
    .replace(ACCENTS, '')
    .normalize('NFC')
    .replace(SINGLE_QUOTES, "'")
    .replace(DASHES, '-');
}

function withoutAccents(text: string): string {
  return text.normalize('NFKD').replace(ACCENTS, '');
}

/** Upper case first: it is what makes `ß` and `SS`, `ı` and `I`, `ς` and `Σ` one. */
function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}
