import { expect, test } from 'vitest';
import type { ChatwootEvent } from './event.ts';
import { isNoise, meaningfulContactChanges } from './noise.ts';
import { eventOf, payloadFiles } from './testing-fixtures.ts';

const quiet = [
  'variants/contact_updated.activity_only.json',
  'variants/conversation_updated.waiting_since_only.json',
];

test.each(payloadFiles)('%s is noise only if the contract says so', (file) => {
  expect(isNoise(eventOf(file))).toBe(quiet.includes(file));
});

test.each<[string, readonly string[] | null, boolean]>([
  ['contact_updated', ['last_activity_at', 'updated_at'], true],
  ['contact_updated', ['updated_at'], true],
  ['contact_updated', ['last_activity_at', 'email'], false],
  ['contact_updated', null, false],
  ['conversation_updated', ['waiting_since'], true],
  ['conversation_updated', ['first_reply_created_at', 'updated_at'], true],
  ['conversation_updated', ['waiting_since', 'status'], false],
  ['conversation_updated', ['updated_at'], false],
  ['conversation_updated', null, false],
  ['conversation_status_changed', ['waiting_since'], false],
  ['message_updated', ['updated_at'], false],
])('%s of %j: %s', (name, attributes, expected) => {
  expect(isNoise(eventWith(name, attributes))).toBe(expected);
});

test('meaningful changes of a contact are those that are no activity clock', () => {
  expect(
    meaningfulContactChanges(eventWith('contact_updated', ['name', 'updated_at', 'last_activity_at'])),
  ).toEqual(['name']);
  expect(meaningfulContactChanges(eventWith('contact_updated', ['updated_at']))).toEqual([]);
  expect(meaningfulContactChanges(eventWith('contact_updated', null))).toBeNull();
});

function eventWith(name: string, attributes: readonly string[] | null): ChatwootEvent {
  const change = { from: 1, to: 2 };
  const changes = attributes === null ? null : Object.fromEntries(attributes.map((key) => [key, change]));
  return { ...eventOf('contact_updated.json'), name, changes };
}
