import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChatwootEvent, Conversation, Delivery } from './event.ts';
import { semanticKey } from './semantic-key.ts';
import { eventOf, payloadFiles } from './testing-fixtures.ts';

const unkeyed = [
  'automation_event.message_created.json',
  'conversation_typing_off.json',
  'conversation_typing_on.json',
  'inbox_created.json',
  'inbox_updated.json',
  'macro.executed.json',
  // They name no account; the ingress gives them their source's first.
  'recorded/4.10.1.conversation_created.json',
  'recorded/4.13.0.conversation_created.json',
  'simplified/conversation_created.blog.json',
  'webwidget_triggered.json',
];
// Fixtures of one and the same event, as two versions of Chatwoot send it.
const copies = new Set([
  'variants/conversation_created.pre_4_14_2_no_account.json',
  'variants/message_created.pre_4_14_2_no_conversation_account.json',
]);

test.each(payloadFiles)('%s has a short key, or none when it has no identity', (file) => {
  const key = semanticKey(eventOf(file));
  if (unkeyed.includes(file)) expect(key).toBeNull();
  else expect(key).toMatch(/^[A-Za-z0-9_-]{22}$/);
});

test('different events have different keys', () => {
  // Recorded ones are of other installations, where other messages have the same ids.
  const ofOne = payloadFiles.filter((file) => !file.startsWith('recorded/'));
  const keyed = ofOne.filter((file) => !unkeyed.includes(file) && !copies.has(file));
  expect(new Set(keyed.map((file) => semanticKey(eventOf(file)))).size).toBe(keyed.length);
});

test('the same event under another delivery, from another source, has the same key', () => {
  const deliveries = fc.record<Delivery>({
    id: fc.string(),
    source: fc.string(),
    kind: fc.constantFrom('account', 'api-inbox', 'agent-bot'),
    receivedAt: fc.nat(),
  });
  fc.assert(
    fc.property(fc.constantFrom(...payloadFiles), deliveries, (file, delivery) => {
      const event = eventOf(file);
      expect(semanticKey({ ...event, delivery })).toBe(semanticKey(event));
    }),
  );
});

describe('a message', () => {
  const created = eventOf('message_created.json');
  const updated = eventOf('message_updated.json');

  test('created has one key, whatever snapshot of its conversation or contact comes with it', () => {
    const early = { ...created, conversation: null, contact: null, inbox: null };
    expect(semanticKey(early)).toBe(semanticKey(created));
    expect(semanticKey(withMessage(created, { content: 'edited since' }))).toBe(semanticKey(created));
  });

  test('updated has one key for one text, and another for another', () => {
    expect(semanticKey({ ...updated, conversation: null })).toBe(semanticKey(updated));
    for (const change of [
      { content: 'edited' },
      { deleted: true },
      { private: true },
      { attachments: 2 },
      { marker: 'm' },
    ]) {
      expect(semanticKey(withMessage(updated, change))).not.toBe(semanticKey(updated));
    }
  });

  test('of another account or id, or updated instead of created, has another key', () => {
    const keys = [
      created,
      { ...created, account: 4 },
      withMessage(created, { id: 5 }),
      { ...created, name: 'message_updated' },
    ].map(semanticKey);
    expect(new Set(keys).size).toBe(4);
  });

  test('has no key without its account', () => {
    expect(semanticKey({ ...created, account: null })).toBeNull();
  });
});

describe('a conversation', () => {
  const event = eventOf('conversation_updated.json');

  test.each<[string, Partial<Conversation>]>([
    ['status', { status: 'snoozed' }],
    ['labels', { labels: ['billing', 'vip'] }],
    ['assignee', { assignee: null }],
    ['team', { team: null }],
    ['priority', { priority: null }],
    ['custom attributes', { customAttributes: { a: 1 } }],
    ['updated_at, by a microsecond', { updatedAt: 1781770535604.457 }],
  ])('of another %s has another key', (_what, change) => {
    expect(semanticKey(withConversation(event, change))).not.toBe(semanticKey(event));
  });

  test('whose changes differ has another key, even when they left the same state', () => {
    const changes = { team_id: { from: 1, to: 2 } };
    expect(semanticKey({ ...event, changes })).not.toBe(semanticKey(event));
    expect(semanticKey({ ...event, changes: null })).not.toBe(semanticKey(event));
  });

  test('has the same key whatever the order of its custom attributes, and whatever contact comes with it', () => {
    const one = withConversation(event, { customAttributes: { a: 1, b: { c: 2, d: 3 } } });
    const other = withConversation(event, { customAttributes: { b: { d: 3, c: 2 }, a: 1 } });
    expect(semanticKey({ ...other, contact: null })).toBe(semanticKey(one));
  });

  test('has no key without updated_at: two changes would look alike', () => {
    expect(semanticKey(withConversation(event, { updatedAt: null }))).toBeNull();
  });
});

describe('a contact', () => {
  const event = eventOf('contact_updated.json');

  test('that changes back has another key each time', () => {
    const later = { ...event.changes, updated_at: { from: null, to: '2026-06-18T09:00:00.000Z' } };
    expect(semanticKey({ ...event, changes: later })).not.toBe(semanticKey(event));
  });

  test('has no key when the event does not tell when it changed', () => {
    expect(semanticKey({ ...event, changes: null })).toBeNull();
    expect(semanticKey({ ...event, changes: { name: { from: 'a', to: 'b' } } })).toBeNull();
  });

  test('has no key without its id', () => {
    expect(event.contact).not.toBeNull();
    const contact = event.contact === null ? null : { ...event.contact, id: null };
    expect(semanticKey({ ...event, contact })).toBeNull();
  });
});

function withMessage(
  event: ChatwootEvent,
  change: Partial<NonNullable<ChatwootEvent['message']>>,
): ChatwootEvent {
  return { ...event, message: event.message === null ? null : { ...event.message, ...change } };
}

function withConversation(event: ChatwootEvent, change: Partial<Conversation>): ChatwootEvent {
  return {
    ...event,
    conversation: event.conversation === null ? null : { ...event.conversation, ...change },
  };
}
