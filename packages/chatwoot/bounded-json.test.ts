import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundedJson, boundedObject } from './bounded-json.ts';

test('keeps small JSON as it is', () => {
  const value = { plan: 'pro', seats: 5, tags: ['a', { b: null }], vip: true };
  expect(boundedJson(value, 1000)).toEqual(value);
  expect(boundedJson(value, 1000)).not.toBe(value);
});

test.each<[string, unknown]>([
  ['a long text', 'x'.repeat(100)],
  ['a text that is long in bytes only', 'ä'.repeat(60)],
  ['many items', new Array(200).fill(1)],
  ['many keys', Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 1]))],
  ['deep nesting', JSON.parse(`${'['.repeat(20)}${']'.repeat(20)}`)],
  ['nesting deep enough to break a recursion', JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`)],
  ['what is no JSON', () => 1],
])('drops %s', (_what, value) => {
  expect(boundedJson(value, 100)).toBeUndefined();
  expect(boundedObject({ value }, 100)).toEqual({});
});

test('never takes more bytes than asked, and keeps what fits', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.integer({ min: 20, max: 300 }), (value, limit) => {
      const copy = boundedJson(value, limit);
      if (copy === undefined) expect(Buffer.byteLength(JSON.stringify(value))).toBeGreaterThan(limit);
      else expect(Buffer.byteLength(JSON.stringify(copy))).toBeLessThanOrEqual(limit);
    }),
  );
});

test('drops a number that takes more digits than asked', () => {
  expect(boundedJson(-3.6728509956546e-311, 20)).toBeUndefined();
  expect(boundedJson(-3.6728509956546e-311, 21)).toBe(-3.6728509956546e-311);
});

test('leaves out credentials at any depth, and the key that would change a prototype', () => {
  const hostile = JSON.parse(
    '{"a":{"pubsub_token":"x","Secret":"x","b":[{"hmac_token":"x"}]},"__proto__":{"admin":true},"__pro\\u0000to__":{"admin":true},"channel":{"id":1}}',
  );
  const copy = boundedObject(hostile, 1000);
  expect(JSON.stringify(copy)).toBe('{"a":{"b":[{}]}}');
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  expect(copy.admin).toBeUndefined();
  expect(boundedObject({ channel: 'web' }, 1000)).toEqual({ channel: 'web' });
});
