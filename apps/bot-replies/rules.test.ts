import { CallFailure } from '@switchyard/chatwoot';
import type { BotCondition, BotConfig, BotRule, ReplyFacts } from '@switchyard/config';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerTo, chooseRule, compileRules, replyText } from './rules.ts';

const said = (text: string) => ({ text, contact: { name: null, email: null }, account: 3, conversation: 11 });

describe('a condition', () => {
  it.each<{ when: Partial<BotCondition>; text: string; fits: boolean }>([
    { when: { contains: 'hours' }, text: 'Your HOURS?', fits: true },
    { when: { contains: ['hours', 'open'] }, text: 'open?', fits: true },
    { when: { contains: 'café' }, text: 'the CAFE', fits: true },
    { when: { any: ['price', 'cost'] }, text: 'what does it cost', fits: true },
    { when: { any: ['price', 'cost'] }, text: 'hello', fits: false },
    { when: { all: ['refund', 'order'] }, text: 'Refund my order', fits: true },
    { when: { all: ['refund', 'order'] }, text: 'Refund me', fits: false },
    { when: { exact: 'Help' }, text: ' help! ', fits: true },
    { when: { exact: ['help', 'hi'] }, text: 'help me', fits: false },
    { when: { exact: '?' }, text: '?', fits: true },
    { when: { exact: '?' }, text: '!', fits: false },
    { when: { matches: '^order #\\d+$' }, text: 'ORDER #123', fits: true },
    { when: { matches: 'dvě\\S+' }, text: 'dvěstě', fits: true },
    { when: { contains: 'order', matches: '\\d{3}' }, text: 'order 12', fits: false },
    { when: { contains: 'order', matches: '\\d{3}' }, text: 'order 123', fits: true },
    { when: { contains: 'open', wholeWords: true }, text: 'reopened', fits: false },
  ])('$when, "$text" → $fits', ({ when, text, fits }) => {
    expect(chosen([{ when: { wholeWords: false, ...when }, reply: 'x' }], text)).toBe(
      fits ? 'rules[0]' : undefined,
    );
  });

  it('gives the same answer in any letter case and with any accents', () => {
    const rules = [{ when: { any: ['öffnungszeiten', 'straße'], wholeWords: true }, reply: 'x' }];
    const texts = fc.constantFrom('Öffnungszeiten?', 'die Strasse, bitte', 'Straßenbahn', 'hallo');
    fc.assert(
      fc.property(texts, (text) => {
        expect(chosen(rules, text.toUpperCase())).toBe(chosen(rules, text));
        expect(chosen(rules, text.normalize('NFD'))).toBe(chosen(rules, text));
        expect(chosen(rules, text.normalize('NFD').replace(/\u0308/g, ''))).toBe(chosen(rules, text));
      }),
    );
  });

  it('that is a function decides by its true', () => {
    expect(chosen([{ when: ({ text }) => text.length > 3, reply: 'x' }], 'long')).toBe('rules[0]');
  });

  it('that throws is a permanent failure that does not quote the customer', () => {
    const rules: LooseRule[] = [
      {
        when: ({ text }) => {
          throw new RangeError(text);
        },
        reply: 'x',
      },
    ];
    const failure = thrownBy(() => chosen(rules, 'secret'));
    expect(failure).toMatchObject({
      failure: 'permanent',
      message: 'bot.rules[0].when: the function threw RangeError',
    });
  });

  it('is linear in time for a pattern that would take others for ever', () => {
    const rules = [{ when: { matches: '^(a+)+$', wholeWords: false }, reply: 'x' }];
    expect(chosen(rules, `${'a'.repeat(19_000)}!`)).toBeUndefined();
  });

  it('with a bad pattern names it at start', () => {
    const rules = [
      { when: { contains: 'a' }, reply: 'x' },
      { when: { matches: '(?<=a)b' }, reply: 'x' },
    ];
    expect(() => bookOf(rules)).toThrow(/^bot\.rules\[1\]\.when\.matches: /);
  });

  it('with a blank phrase names it at start', () => {
    expect(() => bookOf([{ when: { any: ['a', ' '] }, reply: 'x' }])).toThrow(
      /^bot\.rules\[0\]\.when\.any: /,
    );
  });
});

describe('which of several rules answers', () => {
  const rules: LooseRule[] = [
    { name: 'short', when: { contains: 'price' }, reply: 'x' },
    { name: 'long', when: { contains: 'price of shipping' }, reply: 'x' },
    { name: 'twin', when: { contains: 'price of shipping' }, reply: 'x' },
    { name: 'sum', when: { all: ['price', 'shipping', 'abroad'] }, reply: 'x' },
    { name: 'function', when: () => true, reply: 'x' },
  ];
  it.each([
    { match: 'first', text: 'the price of shipping', label: 'short' },
    { match: 'best', text: 'the price', label: 'short' },
    { match: 'best', text: 'the price of shipping', label: 'long' },
    { match: 'best', text: 'price of shipping abroad', label: 'sum' },
    { match: 'best', text: 'hello', label: 'function' },
    { match: 'first', text: 'hello', label: 'function' },
  ] as const)('$match, "$text": $label', ({ match, text, label }) => {
    expect(chosen(rules, text, match)).toBe(label);
  });
});

describe('an answer to an offer', () => {
  const offer = bookOf([
    {
      when: { contains: 'a' },
      reply: 'x',
      offer: { yes: ['Yes, please', 'oui'], no: ['no thanks'], handoff: {} },
    },
  ]).rules[0]?.offer;
  it.each([
    ['YES, please!', 'yes'],
    [' oui 👍 ', 'yes'],
    ['No thanks.', 'no'],
    ['yes', null],
    ['oui, but what does it cost?', null],
  ])('%j is %j', (text, answer) => {
    expect(offer && answerTo(offer, text)).toBe(answer);
  });
});

describe('the text of a reply', () => {
  it('of the config is sent as it is, Liquid and all', () => {
    expect(textOf('Hi {{contact.name}}')).toBe('Hi {{contact.name}}');
  });

  it('made by a function has its Liquid neutralised', () => {
    expect(textOf(({ text }) => `You said ${text}`, '{{ contact.email }}')).toBe(
      'You said {\u200d{ contact.email }}',
    );
  });

  it.each([
    { what: 'throws', reply: () => JSON.parse('{') },
    { what: 'gives no text', reply: () => ' ' },
  ])('of a function that $what is a permanent failure', ({ reply }) => {
    expect(thrownBy(() => textOf(reply))).toMatchObject({ failure: 'permanent', code: 'BOT_RULE_FAILED' });
  });
});

type LooseRule = Omit<Partial<BotRule>, 'when'> & {
  readonly when: Partial<BotCondition> | ((facts: ReplyFacts) => boolean);
};

function bookOf(rules: readonly LooseRule[], match: BotConfig['match'] = 'first') {
  const filled = rules.map(({ when, ...rule }) => ({
    ...rule,
    when: typeof when === 'function' ? when : { wholeWords: false, ...when },
  }));
  return compileRules({
    match,
    rules: filled,
    offerHours: 24,
    answerWithinMinutes: 10,
    lateNote: 'Too late.',
    unanswered: { handOver: true, after: 0 },
    undeliveredNote: 'Not delivered.',
  });
}

function chosen(rules: readonly LooseRule[], text: string, match?: BotConfig['match']) {
  return chooseRule(bookOf(rules, match), said(text))?.label;
}

function textOf(reply: BotRule['reply'], text = '') {
  const [rule] = bookOf([{ when: { contains: 'a' }, reply }]).rules;
  return rule === undefined ? null : replyText(rule, said(text));
}

function thrownBy(work: () => unknown): CallFailure {
  try {
    work();
  } catch (error) {
    if (error instanceof CallFailure) return error;
  }
  throw new Error('threw no CallFailure');
}
