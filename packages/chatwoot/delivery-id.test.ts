import { expect, test } from 'vitest';
import { deliveryId } from './delivery-id.ts';

const body = Buffer.from('{"event":"macro.executed"}');
const digest = deliveryId(undefined, body);

test.each(['0b2f6c1e-6b0e-4d0b-9a53-3b1c6f2a9e10', 'a', 'A_b.c-1', 'x'.repeat(100)])(
  'is the header when it is a sane token: %s',
  (header) => {
    expect(deliveryId(header, body)).toBe(header);
  },
);

test.each([
  '',
  ' ',
  'a b',
  'a:b',
  'a\n',
  'x'.repeat(101),
  'ä',
  'one, two',
  '../etc',
  '{1}',
  'handover-3-17-99',
  'body-1',
])('is a digest of the body when the header is %j', (header) => {
  expect(deliveryId(header, body)).toBe(digest);
});

test('a digest is short, stable and tells bodies apart', () => {
  expect(digest).toMatch(/^body-[0-9a-f]{32}$/);
  expect(deliveryId(undefined, Uint8Array.from(body))).toBe(digest);
  expect(deliveryId(undefined, Buffer.from('{"event":"macro.executed" }'))).not.toBe(digest);
});
