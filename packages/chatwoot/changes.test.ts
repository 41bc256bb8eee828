import { expect, test } from 'vitest';
import { readChanges } from './changes.ts';

const status = { status: { from: 'pending', to: 'open' } };

test.each<[string, unknown, unknown]>([
  ['null', null, null],
  ['nothing', undefined, null],
  ['a text', 'status', null],
  ['an empty array', [], null],
  ['an empty object', {}, null],
  [
    'an array of single-key objects',
    [{ status: { previous_value: 'pending', current_value: 'open' } }],
    status,
  ],
  ['an object', { status: { previous_value: 'pending', current_value: 'open' } }, status],
  ['an object of pairs, as public examples have it', { status: ['pending', 'open'] }, status],
  ['items of the wrong type', [1, null, 'x', { a: 1 }, { b: null }], null],
  ['values that are missing', [{ a: {} }], { a: { from: null, to: null } }],
  [
    'small JSON',
    [{ label_list: { previous_value: ['a'], current_value: ['a', 'b'] } }],
    { label_list: { from: ['a'], to: ['a', 'b'] } },
  ],
  [
    'large values',
    [{ a: { previous_value: 'x'.repeat(3000), current_value: { b: 'x'.repeat(3000) } } }],
    { a: { from: null, to: null } },
  ],
  ['credentials', [{ secret: { previous_value: 'a', current_value: 'b' } }, { channel: { id: 1 } }], null],
  ['a name that is too long', [{ ['x'.repeat(101)]: { current_value: 1 } }], null],
  [
    'hostile names',
    JSON.parse('[{"__proto__":{"current_value":1}},{"__pro\\u0000to__":{"current_value":1}}]'),
    null,
  ],
])('%s', (_what, given, expected) => {
  expect(readChanges(given)).toEqual(expected);
});

test('keeps at most 100 changes', () => {
  const object = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, { current_value: i }]));
  expect(Object.keys(readChanges(object) ?? {})).toHaveLength(100);
  expect(Object.keys(readChanges([object, object]) ?? {})).toHaveLength(100);
});
