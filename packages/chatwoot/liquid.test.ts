import fc from 'fast-check';
import { expect, test } from 'vitest';
import { neutraliseLiquid } from './liquid.ts';

test.each([
  ['Hello {{ contact.email }}!', 'Hello {\u200d{ contact.email }}!'],
  ['{% if a %}x{% endif %}', '{\u200d% if a %}x{\u200d% endif %}'],
  ['{{{%', '{\u200d{\u200d{\u200d%'],
  ['{{-', '{\u200d{-'],
  ['plain { text } 50%', 'plain { text } 50%'],
  ['', ''],
])('%j becomes %j', (text, expected) => {
  expect(neutraliseLiquid(text)).toBe(expected);
});

test('nothing is left to render, nothing else is changed, and a second time changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('{', '%', '}', 'a', '\u200d', '\n') }), (text) => {
      const safe = neutraliseLiquid(text);
      expect(safe).not.toMatch(/\{[{%]/);
      expect(safe.replaceAll('\u200d', '')).toBe(text.replaceAll('\u200d', ''));
      expect(neutraliseLiquid(safe)).toBe(safe);
    }),
  );
});
