import { describe, expect, test } from 'vitest';
import { durationText, parseDuration } from './durations.ts';
import { printable, shortened } from './printable.ts';
import { tableText } from './table.ts';
import { wrapped } from './wrap.ts';

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_000, '1 s'],
  [61_000, '1 m 1 s'],
  [3_600_000, '1 h'],
  [90_000_000, '1 d 1 h'],
])('%d ms is "%s"', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test.each([
  ['90s', 90_000],
  ['2h', 7_200_000],
  ['3 d', 259_200_000],
  ['2w', null],
  ['-1h', null],
  ['', null],
])('the age %j is %j ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  ['a\nb\tc', 'a b c'],
  ['\u001b[31mred\u001b[0m', '[31mred[0m'],
  ['\u0007\u009b2J', '2J'],
  ['pay\u202Eexe', 'payexe'],
])('nothing in %j can move the cursor or turn the writing', (text, safe) => {
  expect(printable(text)).toBe(safe);
});

test('a long text is shortened visibly', () => {
  expect(shortened('0123456789', 5)).toBe('0123…');
});

test('a text is broken at blanks, and anywhere where there are none; nothing is cut off', () => {
  expect(wrapped('one two three', 8)).toEqual(['one two', 'three']);
  expect(wrapped('0123456789', 4)).toEqual(['0123', '4567', '89']);
});

describe('a table', () => {
  const columns = [
    { head: 'NAME', cell: (row: { name: string }) => row.name },
    { head: 'SPARE', cell: () => 'spare', dispensable: 1 },
    { head: 'WHAT', cell: () => 'some words that are wrapped', flexible: true },
  ];
  const rows = [{ name: 'first-job' }, { name: 'b' }];

  test('has one line a row where it is read by no terminal', () => {
    expect(tableText(columns, rows, null)).toBe(
      [
        'NAME       SPARE  WHAT',
        'first-job  spare  some words that are wrapped',
        'b          spare  some words that are wrapped',
      ].join('\n'),
    );
  });

  test.each([44, 40, 36, 30])(
    'fits into %d columns: spares a column, wraps the flexible one, loses no word',
    (width) => {
      const text = tableText(columns, rows, width);
      const lines = text.split('\n');
      // Where even one word a line is too wide, it is the terminal that wraps.
      if (width >= 36) expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      expect(text.includes('SPARE')).toBe(width >= 44);
      expect(text.match(/wrapped/g)).toHaveLength(2);
      expect(lines.every((line) => line === line.trimEnd())).toBe(true);
    },
  );

  test('lets no cell write more than its cell', () => {
    const text = tableText(columns.slice(0, 1), [{ name: 'a\nb\u001b[2J' }], null);
    expect(text.split('\n')[1]).toBe('a b[2J');
  });
});
