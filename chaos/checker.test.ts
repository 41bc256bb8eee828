import { describe, expect, test } from 'vitest';
import { check, type FindingKind, recoveryMs } from './checker.ts';
import type { ConversationHistory, Effect, History, Told, Word } from './history.ts';

const told = (delivery: string, word: Word, rest: Partial<Told> = {}): Told => ({
  delivery,
  word,
  twins: [],
  acknowledged: true,
  at: 0,
  ...rest,
});
const message = (delivery: string, step = 'reply'): Effect => ({
  kind: 'message',
  conversation: 1,
  at: 0,
  delivery,
  step,
});
const team = (name: string): Effect => ({ kind: 'team', conversation: 1, at: 0, team: name });
const update = (delivery: string): Effect => ({ kind: 'lead-update', conversation: 1, at: 0, delivery });
const lead: Effect = { kind: 'lead', conversation: 1, at: 0 };
const standard = team('standard support');
const created = told('d0', 'created');

function history(words: readonly Told[], effects: readonly Effect[], rest: Partial<History> = {}): History {
  return {
    conversations: [{ conversation: 1, tier: 'standard', told: words }],
    effects,
    remains: { busy: [], dead: [] },
    ...rest,
  };
}
const opened: Effect = { kind: 'opened', conversation: 1, at: 0 };

function inBotsInbox(
  words: readonly Told[],
  effects: readonly Effect[],
  botsInbox: ConversationHistory['botsInbox'],
): History {
  const given = history(words, effects);
  const conversations = given.conversations.map((each) => {
    return botsInbox === undefined ? each : { ...each, botsInbox };
  });
  return { ...given, conversations };
}
const kinds = (given: History): FindingKind[] => check(given).map(({ kind }) => kind);

describe('a good history', () => {
  test.each<[string, readonly Told[], readonly Effect[]]>([
    ['answers, team and lead', [created, told('d1', 'hours')], [standard, lead, message('d1')]],
    [
      'a yes hands over, and the bot is silent from then on',
      [created, told('d1', 'pricing'), told('d2', 'yes'), told('d3', 'hours')],
      [lead, standard, message('d1'), message('d2', 'handoff-reply'), team('sales')],
    ],
    ['a yes to nothing', [created, told('d1', 'yes')], [lead, standard]],
    [
      'a person takes over',
      [created, told('d1', 'hours'), told('d2', 'human'), told('d3', 'hours')],
      [lead, standard, message('d1')],
    ],
    ['a contact changes', [created, told('d1', 'contact')], [lead, standard, update('d1')]],
    [
      'an effect under the id of the twin',
      [created, told('d1', 'hours', { twins: ['t1'] })],
      [lead, standard, message('t1')],
    ],
  ])('%s', (_, words, effects) => {
    expect(check(history(words, effects))).toEqual([]);
  });

  test.each<[string, readonly Effect[]]>([
    ['taken', [message('d1'), message('d2', 'handoff-reply'), team('sales')]],
    ['not taken', []],
  ])('an offer that was not acknowledged may be %s', (_, effects) => {
    const words = [created, told('d1', 'pricing', { acknowledged: false }), told('d2', 'yes')];
    expect(check(history(words, [lead, standard, ...effects]))).toEqual([]);
  });

  const atPeople = { pending: false, releasedAt: null };
  test.each<[string, readonly Told[], readonly Effect[], ConversationHistory['botsInbox']]>([
    [
      'answers, and stays with the bot',
      [told('d1', 'hours')],
      [message('d1')],
      { ...atPeople, pending: true },
    ],
    ['what no rule answers is opened', [told('d1', 'chatter'), told('d2', 'hours')], [opened], atPeople],
    [
      'a person takes it, and somebody opens it',
      [told('d1', 'hours'), told('t1', 'take'), told('d2', 'hours')],
      [message('d1')],
      atPeople,
    ],
    [
      'Chatwoot opened it, since the bot failed, and nothing is answered any more',
      [told('d1', 'hours'), told('d2', 'hours'), told('d3', 'chatter', { at: 6_001 })],
      [message('d1')],
      { ...atPeople, releasedAt: 5_000 },
    ],
  ])('in a bot’s inbox: %s', (_, words, effects, botsInbox) => {
    expect(check(inBotsInbox([created, ...words], [lead, standard, ...effects], botsInbox))).toEqual([]);
  });

  test('a conversation that Chatwoot’s own rule gave to somebody needs no team', () => {
    const given = history([created], [lead]);
    const conversations = given.conversations.map((each) => ({ ...each, routed: false }));
    expect(check({ ...given, conversations })).toEqual([]);
  });

  test('a conversation that was not acknowledged needs no lead and no team', () => {
    expect(check(history([told('d0', 'created', { acknowledged: false })], []))).toEqual([]);
  });
});

describe('a bad history', () => {
  test.each<[string, readonly Told[], readonly Effect[], FindingKind[]]>([
    ['no reply', [created, told('d1', 'hours')], [lead, standard], ['lost']],
    ['no lead', [created], [standard], ['lost']],
    ['no team', [created], [lead], ['lost']],
    ['no update', [created, told('d1', 'contact')], [lead, standard], ['lost']],
    [
      'no team after a handoff',
      [created, told('d1', 'pricing'), told('d2', 'yes')],
      [lead, standard, message('d1'), message('d2', 'handoff-reply')],
      ['lost'],
    ],
    [
      'a reply twice',
      [created, told('d1', 'hours')],
      [lead, standard, message('d1'), message('d1')],
      ['duplicated'],
    ],
    [
      'a reply to a delivery and to its twin',
      [created, told('d1', 'hours', { twins: ['t1'] })],
      [lead, standard, message('d1'), message('t1')],
      ['duplicated'],
    ],
    ['a lead twice', [created], [lead, lead, standard], ['duplicated']],
    ['a team twice', [created], [lead, standard, standard], ['duplicated']],
    [
      'an update twice',
      [created, told('d1', 'contact')],
      [lead, standard, update('d1'), update('d1')],
      ['duplicated'],
    ],
    [
      'replies out of order',
      [created, told('d1', 'hours'), told('d2', 'hours')],
      [lead, standard, message('d2'), message('d1')],
      ['out-of-order'],
    ],
    [
      'updates out of order',
      [created, told('d1', 'contact'), told('d2', 'contact')],
      [lead, standard, update('d2'), update('d1')],
      ['out-of-order'],
    ],
    [
      'an update before its lead',
      [created, told('d1', 'contact')],
      [update('d1'), lead, standard],
      ['out-of-order'],
    ],
    [
      'a reply into a person’s conversation',
      [created, told('d1', 'human'), told('d2', 'hours')],
      [lead, standard, message('d2')],
      ['talked-over'],
    ],
    [
      'a reply after a person took it without a word',
      [created, told('d1', 'hours'), told('t1', 'take'), told('d2', 'hours')],
      [lead, standard, message('d1'), message('d2')],
      ['talked-over'],
    ],
    ['a reply to nothing', [created], [lead, standard, message('d9')], ['unexpected']],
    ['the wrong team', [created], [lead, team('enterprise support')], ['lost', 'unexpected']],
    [
      'an unacknowledged reply twice',
      [created, told('d1', 'hours', { acknowledged: false })],
      [lead, standard, message('d1'), message('d1')],
      ['duplicated'],
    ],
  ])('%s', (_, words, effects, expected) => {
    expect(kinds(history(words, effects))).toEqual(expected);
  });

  const pending = { pending: true, releasedAt: null };
  test.each<[string, readonly Told[], readonly Effect[], FindingKind[]]>([
    ['nobody opened it', [told('d1', 'chatter')], [], ['lost']],
    ['opened twice', [told('d1', 'chatter')], [opened, opened], ['duplicated', 'lost']],
    ['opened for nothing', [told('d1', 'hours')], [message('d1'), opened], ['unexpected']],
    ['a reply after it was opened', [told('d1', 'chatter')], [message('d1')], ['unexpected', 'lost']],
    [
      'talked over who took it',
      [told('d1', 'hours'), told('t1', 'take'), told('d2', 'hours')],
      [message('d1'), message('d2')],
      ['talked-over', 'lost'],
    ],
  ])('in a bot’s inbox: %s', (_, words, effects, expected) => {
    const given = inBotsInbox([created, ...words], [lead, standard, ...effects], pending);
    expect(kinds(given)).toEqual(expected);
  });

  const released = { pending: false, releasedAt: 5_000 };
  test.each<[string, readonly Told[], readonly Effect[], ConversationHistory['botsInbox'], FindingKind[]]>([
    [
      'people do not see what Chatwoot opened and somebody hid',
      [told('d1', 'hours')],
      [message('d1')],
      { ...released, pending: true },
      ['lost'],
    ],
    [
      'what the bot left out, and answered what came later',
      [told('d1', 'hours'), told('d2', 'hours')],
      [message('d2')],
      released,
      ['lost'],
    ],
    [
      'what it answered although people had it',
      [told('d1', 'hours'), told('d2', 'hours', { at: 6_001 })],
      [message('d1'), message('d2')],
      released,
      ['talked-over'],
    ],
  ])('when the bot’s endpoint failed: %s', (_, words, effects, botsInbox, expected) => {
    expect(kinds(inBotsInbox([created, ...words], [lead, standard, ...effects], botsInbox))).toEqual(
      expected,
    );
  });

  test('a handover in a bot’s inbox, twice or never, although it is open', () => {
    const words = [created, told('d1', 'chatter')];
    const open = { pending: false, releasedAt: null };
    expect(kinds(inBotsInbox(words, [lead, standard, opened, opened], open))).toEqual(['duplicated']);
    expect(kinds(inBotsInbox(words, [lead, standard], open))).toEqual(['lost']);
  });

  test('a job that died, a lane that is held, a write that nothing asked for', () => {
    const remains = {
      busy: ['lanes:routing: 1'],
      dead: [{ queue: 'routing', delivery: 'd1', reason: 'gave up' }],
    };
    const stray: Effect = { kind: 'other', conversation: 1, at: 0, what: 'labels' };
    expect(kinds(history([created], [lead, standard, stray], { remains }))).toEqual([
      'unexpected',
      'dead',
      'not-at-rest',
    ]);
  });
});

test('recovery ends with the last effect of what was acknowledged before the fault was over', () => {
  const words = [
    told('d0', 'created', { at: 10 }),
    told('d1', 'hours', { at: 90 }),
    told('d2', 'hours', { at: 101 }),
  ];
  const effects = [
    lead,
    { ...standard, at: 140 },
    { ...message('d1'), at: 150 },
    { ...message('d2'), at: 190 },
  ];
  expect(recoveryMs(history(words, effects), 100)).toBe(50);
  expect(recoveryMs(history(words, [lead]), 100)).toBe(0);
});
