import { expect, test } from 'vitest';
import { type FeatureName, hasFeature } from './features.ts';
import { isAtLeast, parseVersion } from './version.ts';

test.each([
  ['4.13.0', [4, 13, 0]],
  ['v4.16.2', [4, 16, 2]],
  ['4.14', [4, 14, 0]],
  ['4.15.1-ee', [4, 15, 1]],
  ['latest', null],
  ['', null],
])('%j is version %j', (text, numbers) => {
  expect(parseVersion(text)?.numbers ?? null).toEqual(numbers);
});

test.each([
  ['4.9.9', '4.10.0', false],
  ['4.10.0', '4.9.9', true],
  ['4.11.2', '4.11.2', true],
  ['4.11.1', '4.11.2', false],
  ['5.0.0', '4.16.2', true],
])('%s is at least %s: %s', (text, since, expected) => {
  const version = parseVersion(text);
  expect(version !== null && isAtLeast(version, since)).toBe(expected);
});

const known: readonly FeatureName[] = [
  'signedAccountWebhooks',
  'signedBotWebhooks',
  'refusesPrivateAddresses',
  'allowsPrivateNetwork',
  'namesAccount',
  'botOwnsConversations',
];
test.each([
  ['4.10.1', [false, false, false, false, false, false]],
  ['4.11.2', [true, false, false, false, false, false]],
  ['4.13.0', [true, true, false, false, false, false]],
  ['4.14.0', [true, true, true, false, false, null]],
  ['4.14.1', [true, true, true, true, false, null]],
  ['4.14.2', [true, true, true, true, true, null]],
  ['4.16.2', [true, true, true, true, true, true]],
  ['9.0.0', [true, true, true, true, true, true]],
  ['unknown', [null, null, null, null, null, null]],
])('what %s has', (text, expected) => {
  expect(known.map((name) => hasFeature(parseVersion(text), name))).toEqual(expected);
});
