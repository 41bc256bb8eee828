import { expect, test } from 'vitest';
import { fixture, fixtureNames, signatureVectors } from './fixtures.ts';

test('every fixture can be read by its name', () => {
  const names = fixtureNames();
  expect(names).toContain('message_created');
  expect(names).toContain('variants/conversation_updated.labels');
  expect(names).toContain('simplified/message_created.blog');
  for (const name of names) {
    const { raw, body } = fixture(name);
    expect(JSON.parse(raw)).toEqual(body);
    expect(body.event).toBeTypeOf('string');
  }
});

test('the signature vectors hold good ones and a bad one', () => {
  const vectors = signatureVectors();
  expect(vectors.filter(({ expect: wanted }) => wanted === 'reject')).toHaveLength(1);
  expect(vectors.length).toBeGreaterThan(3);
});
