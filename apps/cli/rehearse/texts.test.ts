import type { BotRule } from '@switchyard/config';
import { expect, test } from 'vitest';
import { cuesOf } from './texts.ts';

const rule = (when: BotRule['when'], name?: string): BotRule => ({
  ...(name === undefined ? {} : { name }),
  when,
  reply: 'An answer.',
});

test.each<[string, BotRule['when'], string | null]>([
  ['contains', { contains: 'hours', wholeWords: false }, 'hours'],
  ['contains a list', { contains: ['price', 'cost'], wholeWords: false }, 'price'],
  ['any', { any: ['opening times', 'hours'], wholeWords: true }, 'opening times'],
  ['all', { all: ['refund', 'order'], wholeWords: false }, 'refund order'],
  ['all and any', { all: ['refund'], any: ['order', 'parcel'], wholeWords: false }, 'order refund'],
  ['exact', { exact: ['hi', 'hello'], wholeWords: false }, 'hi'],
  ['exact, and more', { exact: 'hi', contains: 'there', wholeWords: false }, null],
  ['a pattern', { matches: 'order \\d+', wholeWords: false }, null],
  ['a pattern, and more', { matches: 'order \\d+', contains: 'order', wholeWords: false }, null],
  ['a function', () => true, null],
])('the text for a rule by %s', (_what, when, text) => {
  const [cue] = cuesOf([rule(when)]);
  expect(cue?.text).toBe(text);
  if (text === null) expect(cue?.why).not.toBeNull();
});

test('rules without a name are called by their place, as in stories', () => {
  const cues = cuesOf([
    rule({ contains: 'a', wholeWords: false }, 'first'),
    rule({ contains: 'b', wholeWords: false }),
  ]);
  expect(cues.map(({ label }) => label)).toEqual(['first', 'rules[1]']);
});
