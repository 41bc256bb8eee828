import { describe, expect, it } from 'vitest';
import { judgeHand } from './judge-hand.ts';
import { recorded, VERSIONS } from './testing-sight.ts';

const ours = { agents: [], teams: [1] };

describe.each(VERSIONS)('in Chatwoot %s', (version) => {
  it.each([
    { said: 'by an automation rule', hand: { kind: 'none', why: 'automation' } },
    { said: 'self-assigned from nobody', hand: { kind: 'person', how: 'assigned', why: 'self-assigned' } },
    { said: 'by a macro', hand: { kind: 'person', how: 'assigned', why: 'self-assigned' } },
    { said: 'team, please', hand: { kind: 'none', why: 'picked-from-team' } },
    // Ada owns our token, so this looks as if we had done it.
    { said: 'assigned by an administrator from nobody', hand: { kind: 'none', why: 'ours' } },
  ])('$said', ({ said, hand }) => {
    expect(judgeHand(recorded(version, 'assign_more', said))).toEqual(hand);
  });

  it('the owner of our token assigns by hand, and our steps are known', () => {
    const said = 'assigned by an administrator from nobody';
    expect(judgeHand(recorded(version, 'assign_more', said, { ours }))).toMatchObject({
      kind: 'person',
      why: 'assigned-by-person',
    });
  });

  it('our own team step, and Chatwoot picked from the team', () => {
    expect(judgeHand(recorded(version, 'assign_more', 'team, please', { ours }))).toEqual({
      kind: 'none',
      why: 'picked-from-team',
    });
  });

  it('an agent replies in an unassigned one', () => {
    expect(judgeHand(recorded(version, 'auto_assign', null))).toMatchObject({ kind: 'person' });
  });

  it('Chatwoot opened it, because the endpoint of the bot failed', () => {
    expect(judgeHand(recorded(version, 'agent_bot', 'while the bot is broken'))).toEqual({
      kind: 'none',
      why: 'opened-by-chatwoot',
    });
  });

  it('the bot handed it over', () => {
    expect(judgeHand(recorded(version, 'agent_bot', 'hours?'))).toEqual({ kind: 'none', why: 'bot' });
  });
});

describe('the inbox assigns by itself', () => {
  it('4.10.1: in the moment of creation, and no activity tells', () => {
    const hand = { kind: 'none', why: 'picked-at-creation' };
    expect(judgeHand(recorded('4.10.1', 'assign_more', 'by the inbox itself'))).toEqual(hand);
    expect(judgeHand(recorded('4.10.1', 'assign_more', 'by the inbox itself', {}))).toEqual(hand);
  });

  it.each([
    { version: '4.13.0', id: 25 },
    { version: '4.13.0', id: 26 },
    { version: '4.16.2', id: 35 },
    { version: '4.16.2', id: 37 },
  ] as const)('$version: by its policy, in $id', ({ version, id }) => {
    const sight = recorded(version, 'policy_activity', 'What are your hours?', {}, id);
    expect(judgeHand(sight)).toEqual({ kind: 'none', why: 'picked-by-policy' });
  });
});
