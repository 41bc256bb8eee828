import type { ConversationState } from '@switchyard/chatwoot';
import { expect, test } from 'vitest';
import { decideHandover, type HandoverFacts } from './decide.ts';

const conversation: ConversationState = {
  id: 17,
  channel: 'Channel::WebWidget',
  status: 'pending',
  priority: null,
  labels: [],
  assignee: null,
  team: null,
  customAttributes: {},
  language: null,
  createdAt: null,
  updatedAt: null,
  firstReplyAt: null,
  inboxId: 12,
  contact: null,
  snoozedUntil: null,
  waitingSince: null,
};
const order = {
  cause: 'overdue',
  account: 3,
  conversation: 17,
  inbox: 12,
  contact: 5,
  message: 99,
  job: 'd-1',
} as const;
const facts: HandoverFacts = {
  order,
  conversation,
  bot: 'ours',
  humanReplied: false,
  begunAnew: null,
  botJob: 'unsettled',
  botIsOn: true,
};
const off: Partial<HandoverFacts> = {
  order: { ...order, cause: 'bot-off', message: null, job: null },
  botJob: null,
};

test.each<[string, Partial<HandoverFacts>, string, string]>([
  ['the bot’s job has not ended', {}, 'hand-over', 'overdue'],
  ['it is dead', { order: { ...order, cause: 'dead' }, botJob: 'dead' }, 'hand-over', 'dead'],
  ['it was overdue and died since', { botJob: 'dead' }, 'hand-over', 'overdue'],
  ['it has ended since', { botJob: 'gone' }, 'nothing', 'bot-came-back'],
  ['somebody opened it', { conversation: { ...conversation, status: 'open' } }, 'nothing', 'not-pending'],
  ['it was resolved', { conversation: { ...conversation, status: 'resolved' } }, 'nothing', 'not-pending'],
  ['it was deleted', { conversation: null }, 'nothing', 'conversation-gone'],
  ['its inbox has no bot', { bot: 'none' }, 'nothing', 'no-bot'],
  ['its inbox has another bot', { bot: 'other' }, 'nothing', 'other-bot'],
  ['a person has answered', { humanReplied: true }, 'open', 'human-replied'],
  [
    'a person has answered, and the bot has ended',
    { humanReplied: true, botJob: 'gone' },
    'nothing',
    'bot-came-back',
  ],
  [
    'it was resolved since, and is pending for another message',
    { begunAnew: 'resolved' },
    'nothing',
    'resolved-since',
  ],
  ['a person had it since and gave it back', { begunAnew: 'pending' }, 'nothing', 'given-back-since'],
  ['the bot is off', { ...off, botIsOn: false }, 'hand-over', 'bot-off'],
  ['the bot was turned on again', off, 'nothing', 'bot-is-on'],
  ['it is none of our orders', { order: null }, 'nothing', 'no-order'],
])('%s', (_what, over, action, reason) => {
  expect(decideHandover({ ...facts, ...over })).toMatchObject({ action, reason });
});
