import { expect, test } from 'vitest';
import { bytes, count, duration, time } from './words.ts';

test.each([
  [-5, '0 ms'],
  [41, '41 ms'],
  [2_440, '2.4 s'],
  [41_900, '41 s'],
  [60_000, '1 min'],
  [129_000, '2 min 9 s'],
  [900_000, '15 min'],
  [5_400_000, '1 h 30 min'],
  [100_000_000, '1 d 3 h'],
  [30 * 86_400_000, '30 d'],
])('%i ms is %s', (ms, words) => {
  expect(duration(ms)).toBe(words);
});

test('numbers', () => {
  expect([count(1, 'job'), count(1_204, 'job'), count(2, 'try', 'tries')]).toEqual([
    '1 job',
    '1,204 jobs',
    '2 tries',
  ]);
  expect([bytes(0), bytes(1_023), bytes(3_317_952), bytes(8 * 1024 ** 3)]).toEqual([
    '0 B',
    '1023 B',
    '3.2 MiB',
    '8.0 GiB',
  ]);
});

test('an instant is UTC until the page’s script has seen it, and no number breaks it', () => {
  expect(time(0).toString()).toContain('>00:00:00 UTC</time>');
  expect(() => time(Number.MAX_VALUE)).not.toThrow();
});
