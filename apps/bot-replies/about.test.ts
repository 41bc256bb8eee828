import { expect, test } from 'vitest';
import { aboutDecision } from './about.ts';
import { compileRules } from './rules.ts';

const book = compileRules({
  match: 'first',
  rules: [
    { name: 'hours', when: { contains: 'hours', wholeWords: true }, reply: 'We are open.' },
    { name: 'echo', when: { contains: 'echo', wholeWords: true }, reply: ({ text }) => `You said ${text}` },
  ],
  offerHours: 24,
  answerWithinMinutes: 10,
  lateNote: 'late',
  unanswered: { handOver: true, after: 0 },
  undeliveredNote: 'Not delivered.',
});
const place = { account: 3, conversation: 17, message: 99, open: false, asOf: null };
const handoff = { setting: 'bot.rules[0].handoff', team: 'Sales', reply: null };

test.each([
  ['silence is about nothing', { action: 'silent', reason: 'no-rule' }, null],
  [
    'a reply is about its rule and the text of the config',
    { action: 'reply', reason: 'rule:hours', place, rule: 'hours', text: 'We are open.', offer: null },
    { rule: 'hours', message: 99, reply: 'We are open.' },
  ],
  [
    'what a function made of the words of a customer stays out',
    { action: 'reply', reason: 'rule:echo', place, rule: 'echo', text: 'You said 1234', offer: null },
    { rule: 'echo', message: 99, reply: '(made by a function of the config)' },
  ],
  [
    'a handoff is about its team',
    { action: 'handoff', reason: 'rule:hours', place, rule: 'hours', text: null, handoff },
    { rule: 'hours', message: 99, reply: 'We are open.', team: 'Sales', handoffReply: null },
  ],
] as const)('%s', (_title, decision, about) => {
  expect(aboutDecision(book, decision)).toEqual(about);
});
