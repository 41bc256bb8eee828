const WORD_CHARACTER = /[\p{L}\p{N}\p{M}]/u;

/**
 * Whether a normalised text contains a normalised phrase. With `wholeWords` the phrase must not go on as a word on
 * either side: `open` is in `are you open?`, not in `reopened`. Letters and digits of any script make words, so
 * in scripts written without blanks (Chinese, Japanese, Thai) `wholeWords` is of no use.
 */
export function containsPhrase(text: string, phrase: string, wholeWords: boolean): boolean {
  if (phrase === '') return false;
  if (!wholeWords) return text.includes(phrase);
  for (let at = text.indexOf(phrase); at !== -1; at = text.indexOf(phrase, at + 1)) {
    if (!goesOnBefore(text, at, phrase) && !goesOnAfter(text, at + phrase.length, phrase)) return true;
  }
  return false;
}

/** A phrase that begins with punctuation, such as `$5`, has no word to go on before it. */
function goesOnBefore(text: string, at: number, phrase: string): boolean {
  return isWord(characterAt(phrase, 0)) && isWord(characterBefore(text, at));
}

function goesOnAfter(text: string, end: number, phrase: string): boolean {
  return isWord(characterBefore(phrase, phrase.length)) && isWord(characterAt(text, end));
}

function isWord(character: string): boolean {
  return WORD_CHARACTER.test(character);
}

function characterAt(text: string, index: number): string {
  const point = text.codePointAt(index);
  return point === undefined ? '' : String.fromCodePoint(point);
}

/** The whole character before an index, which may be two code units. */
function characterBefore(text: string, index: number): string {
  const last = text.charCodeAt(index - 1);
  const isLowSurrogate = last >= 0xdc00 && last <= 0xdfff;
  return text.slice(Math.max(0, index - (isLowSurrogate ? 2 : 1)), index);
}
