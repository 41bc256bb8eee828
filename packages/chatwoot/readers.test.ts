import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentOrNull, idOrNull, instantOrNull, nameOrNull, tokenOrNull } from './readers.ts';

test.each<[unknown, number | null]>([
  [7, 7],
  ['7', 7],
  ['007', 7],
  [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  [String(Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER],
  [Number.MAX_SAFE_INTEGER + 1, null],
  ['9007199254740993', null],
  [0, null],
  ['0', null],
  [-1, null],
  [1.5, null],
  ['1.0', null],
  ['1e3', null],
  [' 1', null],
  ['', null],
  [Number.NaN, null],
  [Number.POSITIVE_INFINITY, null],
  [true, null],
  [null, null],
  [[1], null],
])('the id of %j is %j', (value, id) => {
  expect(idOrNull(value)).toBe(id);
});

test.each<[unknown, number | null]>([
  [1781770503, 1781770503000],
  [1781770535.604456, 1781770535604.456],
  ['1781770503', 1781770503000],
  ['2026-06-18T08:15:03.481Z', 1781770503481],
  ['2026-06-18T10:15:03.481+02:00', 1781770503481],
  ['2020-03-03 13:05:57 UTC', 1583240757000],
  ['2020-03-03 13:05:57', 1583240757000],
  [0, null],
  ['0', null],
  [-5, null],
  [Number.NaN, null],
  [1e300, null],
  ['', null],
  ['yesterday', null],
  ['2026-13-45T99:99:99Z', null],
  ['Thu Jun 18 2026 10:15:02 GMT+0200', null],
  ['2'.repeat(50), null],
  [true, null],
  [{}, null],
])('the instant of %j is %j', (value, instant) => {
  expect(instantOrNull(value)).toBe(instant);
});

describe('texts', () => {
  test.each([
    nameOrNull,
    (value: unknown) => tokenOrNull(value, 10),
    (value: unknown) => contentOrNull(value, 10),
  ])('a blank or no text is null', (read) => {
    for (const value of ['', '  ', '\n\t', '\0', ' \0 ', null, undefined, 5, {}, []])
      expect(read(value)).toBeNull();
  });

  test('a name is trimmed and cut, a token is whole or nothing, content is kept as written', () => {
    expect(nameOrNull('  Mara Lindqvist ', 4)).toBe('Mara');
    expect(tokenOrNull(' abc ', 3)).toBe('abc');
    expect(tokenOrNull('abcd', 3)).toBeNull();
    expect(contentOrNull('  code\n', 100)).toBe('  code\n');
  });

  test('no half characters and no NUL, also where it is cut', () => {
    expect(nameOrNull('a\ud800b\0c')).toBe('a\ufffdbc');
    expect(contentOrNull('ab😀', 3)).toBe('ab');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 20 }), (text, limit) => {
        const content = contentOrNull(text, limit) ?? '';
        expect(content.isWellFormed()).toBe(true);
        expect(content.length).toBeLessThanOrEqual(limit);
        expect(content).not.toContain('\0');
      }),
    );
  });
});
