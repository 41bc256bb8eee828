import { expect, test } from 'vitest';
import { isContactMessage, isHumanReply } from './authorship.ts';
import type { ActorKind, Message } from './event.ts';
import { eventOf } from './testing-fixtures.ts';

const reply: Message = {
  id: 1,
  content: 'Hi',
  type: 'outgoing',
  private: false,
  contentType: 'text',
  sender: { kind: 'user', id: 27, name: 'Tobias' },
  createdAt: null,
  deleted: false,
  automated: false,
  marker: null,
  attachments: 0,
};
const by = (kind: ActorKind) => ({ sender: { kind, id: 27, name: null } });

test.each<[string, Partial<Message>, boolean, boolean]>([
  ['an outgoing message of a user', {}, true, false],
  ['a private note', { private: true }, false, false],
  ['an automation rule', { automated: true }, false, false],
  ['our own, written with a user token', { marker: 'm' }, false, false],
  ['a bot', by('agent_bot'), false, false],
  ['Captain', by('captain_assistant'), false, false],
  ['an outgoing message of nobody', { sender: null }, false, false],
  ['a template', { type: 'template', sender: null }, false, false],
  ['an activity', { type: 'activity' }, false, false],
  ['an incoming message of a contact', { type: 'incoming', ...by('contact') }, false, true],
  ['an incoming message in the simplified shape', { type: 'incoming', sender: null }, false, true],
  ['an incoming message of a user', { type: 'incoming' }, false, false],
  ['an incoming private message', { type: 'incoming', private: true, sender: null }, false, false],
  ['an incoming message that we wrote', { type: 'incoming', sender: null, marker: 'm' }, false, false],
])('%s: human reply %s, contact message %s', (_what, change, human, contact) => {
  const message = { ...reply, ...change };
  expect([isHumanReply(message), isContactMessage(message)]).toEqual([human, contact]);
});

test.each([
  ['message_created.json', false, true],
  ['variants/message_created.outgoing_agent.json', true, false],
  ['variants/message_created.private_note.json', false, false],
  ['variants/message_created.agent_bot.json', false, false],
  ['variants/message_created.template_greeting.json', false, false],
  ['variants/message_created.attachment_only.json', false, true],
  ['simplified/message_created.blog.json', false, true],
  ['simplified/message_created.legacy_docs.json', false, true],
])('%s: human reply %s, contact message %s', (file, human, contact) => {
  const { message } = eventOf(file);
  if (message === null) throw new Error('the fixture has a message');
  expect([isHumanReply(message), isContactMessage(message)]).toEqual([human, contact]);
});
