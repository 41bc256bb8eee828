import { describe, expect, test } from 'vitest';
import { signatureVectors } from '../fixtures.ts';
import { railsJson, signature } from './signing.ts';

describe('signature', () => {
  test.each(signatureVectors())('$name', ({ secret, timestamp, raw_body, headers, expect: wanted }) => {
    const equal = signature(secret, timestamp, raw_body) === headers['X-Chatwoot-Signature'];
    expect(equal).toBe(wanted !== 'reject');
  });
});

test('JSON is escaped as Rails does it', () => {
  const value = { text: 'Grüße & <b>hallo</b> \u2028\u2029' };
  expect(railsJson(value)).toBe(
    '{"text":"Grüße \\u0026 \\u003cb\\u003ehallo\\u003c/b\\u003e \\u2028\\u2029"}',
  );
  expect(JSON.parse(railsJson(value))).toEqual(value);
});
