import type { ChatwootEvent, Message } from '@switchyard/chatwoot';
import { eventOf } from '@switchyard/jobs/testing';
import { expect, test } from 'vitest';
import { owedAnswer } from './owed-answer.ts';

const message: Message = {
  id: 99,
  content: 'hours?',
  type: 'incoming',
  private: false,
  contentType: 'text',
  sender: { kind: 'contact', id: 5, name: null },
  createdAt: null,
  deleted: false,
  automated: false,
  marker: null,
  attachments: 0,
};
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

test('a customer’s message is owed, without what the customer wrote or who they are', () => {
  const event = eventOf(17, { name: 'message_created', message, contact });
  const order = owedAnswer({ jobId: 'd-1', event }, 'overdue');
  expect(order).toEqual({
    cause: 'overdue',
    account: 3,
    conversation: 17,
    inbox: 12,
    contact: 5,
    message: 99,
    job: 'd-1',
  });
});

test('so is one without a text', () => {
  const event = eventOf(17, {
    name: 'message_created',
    message: { ...message, content: null, attachments: 1 },
  });
  expect(owedAnswer({ jobId: 'd-1', event }, 'dead')).not.toBeNull();
});

const refused: Message = {
  ...message,
  type: 'outgoing',
  sender: { kind: 'agent_bot', id: 6, name: null },
  marker: 'bot-replies:d:reply',
  undelivered: 'failed',
};

test('so is an answer of the bot’s that the channel refused', () => {
  const event = eventOf(17, { name: 'message_updated', message: refused, contact });
  expect(owedAnswer({ jobId: 'd-2', event }, 'dead')).toMatchObject({ message: 99, undelivered: true });
});

test.each<[string, Partial<ChatwootEvent>]>([
  ['another’s message that was refused', { name: 'message_updated', message: { ...refused, marker: null } }],
  [
    'an answer that was only changed',
    { name: 'message_updated', message: { ...refused, undelivered: undefined } },
  ],
  ['a change of status', { name: 'conversation_status_changed', message: null }],
  [
    'an agent’s message',
    { message: { ...message, type: 'outgoing', sender: { kind: 'user', id: 1, name: null } } },
  ],
  ['our own message', { message: { ...message, marker: 'bot-replies:d:reply' } }],
  ['a private note', { message: { ...message, private: true } }],
  ['a deleted message', { message: { ...message, deleted: true } }],
  ['a blocked contact’s', { contact: { ...contact, blocked: true } }],
  ['one of no account', { account: null }],
])('%s is not', (_what, over) => {
  const event = eventOf(17, { name: 'message_created', message, contact, ...over });
  expect(owedAnswer({ jobId: 'd-1', event }, 'overdue')).toBeNull();
});
