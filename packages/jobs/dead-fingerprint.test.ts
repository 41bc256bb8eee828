import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fingerprint } from './dead-fingerprint.ts';

const of = (message: string) => fingerprint('crm-sync', 'CRM_REJECTED', 'create-lead', message);

test.each([
  ['numbers', 'no conversation 17', 'no conversation 123456'],
  ['durations', 'no answer within 3000ms', 'no answer within 250ms'],
  ['fractions and signs', 'offset -1.5 is out of range', 'offset 20 is out of range'],
  ['ids with letters', 'lead ld_8Fq2 is gone', 'lead ld_0aX9 is gone'],
  ['uuids', 'no 0b2c7c9e-1f7e-4a55-9a3f-0d2b8e4c1a77 here', 'no ffffffff-abcd-abcd-abcd-abcdefabcdef here'],
  ['URLs', 'GET https://crm.test/leads/7?x=1 failed', 'GET http://10.0.0.1:8080/contacts failed'],
  ['addresses of people', 'ada@example.com is taken', 'bob.b+1@mail.example.org is taken'],
  ['instants', 'stale since 2024-05-24T10:11:12.345Z', 'stale since 2025-11-02T01:02:03Z'],
  ['white space', 'two\n  lines', 'two lines'],
])('the same fault with other %s has the same fingerprint', (_what, one, other) => {
  expect(of(one)).toBe(of(other));
});

test.each([
  ['message', of('no such team'), of('no such agent')],
  ['queue', fingerprint('a', 'X', null, 'm'), fingerprint('b', 'X', null, 'm')],
  ['code', fingerprint('a', 'X1', null, 'm'), fingerprint('a', 'X2', null, 'm')],
  ['step', fingerprint('a', 'X', 'label', 'm'), fingerprint('a', 'X', 'assign', 'm')],
  ['step, where one died outside of one', fingerprint('a', 'X', null, 'm'), fingerprint('a', 'X', '', 'm')],
])('another %s is another fault', (_what, one, other) => {
  expect(one).not.toBe(other);
});

const words: fc.Arbitrary<string[]> = fc.array(
  fc.constantFrom('no', 'lead', 'for', 'conversation', 'was', 'found:', 'in'),
  {
    minLength: 1,
    maxLength: 8,
  },
);
const varying = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map((value) => value.toFixed(3)),
  fc.stringMatching(/^[0-9a-f]{6,40}$/).filter((hex) => /\d/.test(hex)),
);

test.each([
  ['number or id', varying],
  ['uuid', fc.uuid()],
  ['URL', fc.webUrl({ withQueryParameters: true, withFragments: true })],
])('whatever the %s in it is', (_what, value) => {
  const position = fc.nat(8);
  fc.assert(
    fc.property(words, position, value, value, (text, at, one, other) => {
      const having = (inside: string) => of(text.toSpliced(at, 0, inside).join(' '));
      expect(having(one)).toBe(having(other));
    }),
  );
});

test('is short, hexadecimal and the same for ever, for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (message) => {
      expect(of(message)).toMatch(/^[0-9a-f]{12}$/);
      expect(of(message)).toBe(of(message));
    }),
  );
  expect(of('no conversation 17')).toBe(of('no conversation 18'));
});

test('is found in time for a message made to be slow', () => {
  const hostile = ['a'.repeat(200_000), '1'.repeat(200_000), '1-a'.repeat(60_000), 'a.'.repeat(100_000)];
  const startedAt = performance.now();
  for (const message of hostile) of(message);
  expect(performance.now() - startedAt).toBeLessThan(15_000);
});
