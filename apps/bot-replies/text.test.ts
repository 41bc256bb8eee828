import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalise, withoutPunctuation } from './text.ts';
import { containsPhrase } from './words.ts';

describe('the normal form of a text', () => {
  it.each([
    ['Café', 'cafe'],
    ['CAFE\u0301', 'cafe'],
    ['Straße', 'strasse'],
    ['STRASSE', 'strasse'],
    ['What’s  your\n price?', "what's your price?"],
    ['“hours”', '"hours"'],
    ['İstanbul', 'istanbul'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['οδος', 'οδοσ'],
    ['ｈｏｕｒｓ', 'hours'],
    ['ho\u00adurs', 'hours'],
    ['  \u00a0 ', ''],
    ['한국어', '한국어'],
    ['が', 'が'],
    ['हिन्दी', 'हिन्दी'],
    ['مَرْحَبًا', 'مرحبا'],
  ])('of %j is %j', (text, normal) => {
    expect(normalise(text)).toBe(normal);
  });

  it('is looked at up to 20 000 characters', () => {
    expect(normalise(`${'a'.repeat(20_000)}hours`)).not.toContain('hours');
  });

  const letters = fc.string({ unit: fc.constantFrom(...'abcxyzäöüéèñçåøßσςάщёŁ09 ,.!?-') });

  it('does not depend on letter case', () => {
    fc.assert(
      fc.property(letters, (text) => {
        expect(normalise(text.toUpperCase())).toBe(normalise(text));
        expect(normalise(text.toLowerCase())).toBe(normalise(text));
      }),
    );
  });

  it('does not depend on accents or how they are written', () => {
    const accents = fc.array(fc.constantFrom('\u0301', '\u0308', '\u0327'), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...'aeiounc XYZ'), accents)), (parts) => {
        const plain = parts.map(([letter]) => letter).join('');
        const accented = parts
          .map(([letter, marks]) => (letter === ' ' ? ' ' : letter + marks.join('')))
          .join('');
        expect(normalise(accented)).toBe(normalise(plain));
        expect(normalise(accented.normalize('NFC'))).toBe(normalise(plain));
      }),
    );
  });

  it('is its own normal form', () => {
    fc.assert(
      fc.property(letters, (text) => {
        expect(normalise(normalise(text))).toBe(normalise(text));
      }),
    );
  });
});

it.each([
  ['¿sí?', 'sí'],
  ['"ok" 👍', 'ok'],
  ['...', ''],
  ['yes, please!', 'yes please'],
  ["ok - what's 24/7?", "ok what's 24/7"],
])('without the punctuation around its words, %j is %j', (text, bare) => {
  expect(withoutPunctuation(text)).toBe(bare);
});

it('takes the punctuation off a hostile text in no time', () => {
  const startedAt = performance.now();
  expect(withoutPunctuation(`${'!'.repeat(200_000)}a`)).toBe('a');
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

describe('a phrase in a text', () => {
  it.each([
    { text: 'when are you open?', phrase: 'open', wholeWords: true, found: true },
    { text: 'please reopen it', phrase: 'open', wholeWords: true, found: false },
    { text: 'please reopen it', phrase: 'open', wholeWords: false, found: true },
    { text: 'opened, then open', phrase: 'open', wholeWords: true, found: true },
    { text: 'open24', phrase: 'open', wholeWords: true, found: false },
    { text: 'is it $5?', phrase: '$5', wholeWords: true, found: true },
    { text: 'is it us$5?', phrase: '$5', wholeWords: true, found: true },
    { text: 'is it $50?', phrase: '$5', wholeWords: true, found: false },
    { text: "what's the price", phrase: 'what', wholeWords: true, found: true },
    { text: 'how much is it', phrase: 'how much', wholeWords: true, found: true },
    { text: '𝒳open', phrase: 'open', wholeWords: true, found: false },
    { text: 'x', phrase: '', wholeWords: false, found: false },
  ])('$phrase in $text, whole words $wholeWords: $found', ({ text, phrase, wholeWords, found }) => {
    expect(containsPhrase(text, phrase, wholeWords)).toBe(found);
  });

  it('as a whole word is never found inside a word', () => {
    const word = fc.string({ unit: fc.constantFrom(...'abcéß09щ한𐐨'), minLength: 1 });
    fc.assert(
      fc.property(word, word, word, (before, phrase, after) => {
        fc.pre(!containsPhrase(` ${before} `, phrase, true) && !containsPhrase(` ${after} `, phrase, true));
        expect(containsPhrase(before + phrase, phrase, true)).toBe(false);
        expect(containsPhrase(phrase + after, phrase, true)).toBe(false);
        expect(containsPhrase(`${before} ${phrase}, ${after}`, phrase, true)).toBe(true);
      }),
    );
  });
});
