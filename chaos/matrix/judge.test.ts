import { describe, expect, test } from 'vitest';
import { judge, type Played } from './judge.ts';
import { ANSWERS, type Scene } from './scenes.ts';
import type { Seen } from './seen.ts';

const scene: Scene = {
  name: 'hours',
  kind: 'question',
  tier: 'standard',
  stages: [],
  answers: ['hours'],
  handedOver: false,
  routed: true,
};
const taken: Scene = { ...scene, kind: 'taken' };
const offer: Scene = { ...scene, answers: ['price', 'sales'], handedOver: true };
const unanswered: Scene = { ...scene, kind: 'unanswered', answers: [], handedOver: true };
const played: Played = { scene, conversation: 1, takenAt: [], wroteAt: [0], taker: null };
const standard = { team: 'standard support', at: 0 };
const said = (...texts: readonly (keyof typeof ANSWERS)[]) => {
  return texts.map((text) => ({ text: ANSWERS[text], at: 10 }));
};
const seen: Seen = {
  answers: said('hours'),
  teams: [standard],
  priorities: [],
  opened: [],
  others: [],
  leads: 1,
  status: 'open',
  team: 'standard support',
  assignee: null,
};
const verdict = (what: Partial<Played>, came: Partial<Seen>) =>
  judge([{ ...played, ...what }], () => ({ ...seen, ...came }));

describe('right', () => {
  test.each<[string, Partial<Played>, Partial<Seen>]>([
    ['answered, led, routed', {}, {}],
    ['still pending, since the bot has answered', {}, { status: 'pending' }],
    [
      'an enterprise',
      { scene: { ...scene, tier: 'enterprise' } },
      { teams: [{ team: 'enterprise support', at: 0 }], team: 'enterprise support', priorities: ['high'] },
    ],
    [
      'an offer, taken',
      { scene: offer },
      { answers: said('price', 'sales'), teams: [standard, { team: 'sales', at: 9 }], team: 'sales' },
    ],
    ['handed over', { scene: unanswered }, { answers: [], opened: [5] }],
    ['taken after the answer', { scene: taken, takenAt: [20], taker: 7 }, { assignee: 7 }],
    ['taken while the answer was under way', { scene: taken, takenAt: [9] }, {}],
  ])('%s', (_, what, came) => {
    expect(verdict(what, came).findings).toEqual([]);
  });
});

describe('wrong', () => {
  test.each<[string, Partial<Played>, Partial<Seen>, string]>([
    ['no answer', {}, { answers: [] }, 'answered nothing'],
    ['an answer twice', {}, { answers: said('hours', 'hours') }, 'and not'],
    ['no lead', {}, { leads: 0 }, '0 leads'],
    ['a lead twice', {}, { leads: 2 }, '2 leads'],
    ['no team', {}, { teams: [], team: null }, 'teams nothing'],
    ['a team twice', {}, { teams: [standard, standard] }, 'teams'],
    ['a team that is gone again', {}, { team: null }, 'is with null'],
    ['a priority for nobody', {}, { priorities: ['high'] }, 'priorities "high"'],
    ['not handed over', { scene: unanswered }, { answers: [], status: 'pending' }, 'nobody has got it'],
    ['handed over twice', { scene: unanswered }, { answers: [], opened: [1, 2] }, 'opened 2 times'],
    ['opened for nothing', {}, { opened: [1] }, 'nothing asked for it'],
    ['taken, and pending', { scene: taken, takenAt: [20] }, { status: 'pending' }, 'does not see it'],
    ['taken away', { scene: taken, takenAt: [20], taker: 7 }, { assignee: 8 }, 'is with 8 and not 7'],
    ['a team after it was taken', { scene: taken, takenAt: [-2_000] }, { answers: [] }, 'after it was taken'],
    ['a write of no reason', {}, { others: ['labels vip'] }, 'labels vip'],
  ])('%s', (_, what, came, finding) => {
    expect(verdict(what, came).findings.join('\n')).toContain(finding);
  });
});

describe('talked over', () => {
  test.each<[string, readonly number[], readonly number[], number]>([
    ['an answer to what was asked after a person took it, however soon', [5], [0, 5], 1],
    ['an answer that came long after', [-1_500], [-1_600], 1],
    ['an answer that was under way', [5], [0], 0],
    ['an answer before', [20], [0], 0],
  ])('%s', (_, takenAt, wroteAt, talkedOver) => {
    expect(verdict({ scene: taken, takenAt, wroteAt }, {}).counts.talkedOver).toBe(talkedOver);
  });
});

test('the counts are those of the questions, and of all that is to be handed over', () => {
  const all = [played, { ...played, scene: offer, conversation: 2 }, { ...played, scene: unanswered }];
  const came = new Map([[1, { ...seen, leads: 0 }]]);
  const { counts } = judge(all, (conversation) => came.get(conversation) ?? seen);
  expect(counts).toEqual({
    answeredOnce: 1,
    led: 1,
    routed: 1,
    handedOver: 2,
    toHandOver: 2,
    talkedOver: 0,
  });
});
