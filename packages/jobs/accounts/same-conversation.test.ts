import type { ConversationState } from '@switchyard/chatwoot';
import { describe, expect, test } from 'vitest';
import { eventOf } from '../testing-events.ts';
import { isSameConversation } from './same-conversation.ts';

const contact = {
  id: 5,
  name: 'Mara',
  email: null,
  phone: null,
  identifier: null,
  blocked: false,
  customAttributes: {},
  city: null,
  country: null,
};
const base = eventOf(17).conversation;
if (base === null) throw new Error('the event has no conversation');
const read: ConversationState = {
  ...base,
  createdAt: 1_000_000,
  inboxId: 12,
  contact,
  snoozedUntil: null,
  waitingSince: null,
};
const event = eventOf(17, {
  account: null,
  contact,
  conversation: { ...base, createdAt: 1_000_400 },
});

describe('what the API has is the conversation of the event', () => {
  test.each([
    ['when inbox, contact and second of creation are equal', event, read],
    ['when the event does not tell the contact', { ...event, contact: null }, read],
    ['when the event does not tell the time', { ...event, conversation: base }, read],
  ])('%s', (_what, told, state) => {
    expect(isSameConversation(told, state)).toBe(true);
  });

  test.each([
    ['in another inbox', event, { ...read, inboxId: 13 }],
    ['of another contact', event, { ...read, contact: { ...contact, id: 6 } }],
    ['made at another time', event, { ...read, createdAt: 1_001_000 }],
    ['when the event does not tell the inbox', { ...event, inbox: null }, read],
    ['when the event tells the inbox alone', { ...event, contact: null, conversation: base }, read],
    ['when the API does not tell the contact', event, { ...read, contact: null }],
  ])('not %s', (_what, told, state) => {
    expect(isSameConversation(told, state)).toBe(false);
  });
});
