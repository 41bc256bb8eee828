import type { ChatwootEvent, Contact } from '@switchyard/chatwoot';
import { expect, test } from 'vitest';
import { shardOf } from './shard.ts';
import { eventOf } from './testing-events.ts';

const contact = (id: number | null): Contact => ({
  id,
  name: 'Ada',
  email: null,
  phone: null,
  identifier: null,
  blocked: false,
  customAttributes: {},
  city: null,
  country: null,
});

test.each([
  ['two conversations of a contact', { contact: contact(7) }, [1, 2]],
  ['a contact and its conversation', { contact: contact(7) }, [1, null]],
  ['two events of a conversation without a contact', {}, [1, 1]],
  ['two events of a conversation whose contact has no id', { contact: contact(null) }, [1, 1]],
  ['what names neither', {}, [null, null]],
])('%s are in one shard', (_title, over: Partial<ChatwootEvent>, [one, other]) => {
  const of = (id: number | null | undefined) =>
    eventOf(id ?? 0, { ...over, ...(id == null ? { conversation: null } : {}) });
  for (const shards of [1, 2, 4, 7, 1000]) {
    expect(shardOf(of(one), shards)).toBe(shardOf(of(other), shards));
    expect(shardOf(of(one), shards)).toBeLessThan(shards);
  }
});

test('neither the delivery nor its source has a say', () => {
  const delivery = { id: 'other', source: 'bot', kind: 'agent-bot' as const, receivedAt: 1 };
  for (let id = 0; id < 50; id += 1)
    expect(shardOf(eventOf(id, { delivery }), 4)).toBe(shardOf(eventOf(id), 4));
});

test('contacts spread evenly, and accounts do not share them', () => {
  const counts = [0, 0, 0, 0];
  let differ = 0;
  for (let id = 0; id < 4_000; id += 1) {
    const shard = shardOf(eventOf(1, { contact: contact(id) }), 4);
    counts[shard] = (counts[shard] ?? 0) + 1;
    if (shard !== shardOf(eventOf(1, { account: 4, contact: contact(id) }), 4)) differ += 1;
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  expect(differ).toBeGreaterThan(2_500);
});

test('one shard is shard 0', () => expect(shardOf(eventOf(12), 1)).toBe(0));
