import { describe, expect, it } from 'vitest';
import { judgeHand } from './judge-hand.ts';
import { BEGAN, incoming, reply, sightOf } from './testing-sight.ts';

const greta = { id: 2, name: 'Greta Agent' };
const ada = { id: 1, name: 'Ada Admin' };
const RESOLVED = 'Conversation was marked resolved by Greta Agent';

describe('a public message', () => {
  it.each([
    { what: 'by a user', message: reply, why: 'reply' },
    { what: "in the channel's own app", message: echo(), why: 'reply' },
    { what: 'by a user, our marker on it', message: { ...reply, content_attributes: { switchyard: 'x' } } },
    { what: 'by an automation rule', message: { ...reply, content_attributes: { automation_rule_id: 3 } } },
    { what: 'of a campaign', message: { ...reply, additional_attributes: { campaign_id: 3 } } },
    { what: 'by a bot', message: { ...reply, sender: { id: 2, type: 'agent_bot', name: 'Bot' } } },
    { what: 'that is a private note', message: { ...reply, private: true } },
  ])('$what', ({ message, why }) => {
    expect(judgeHand(sightOf({ messages: [incoming, message] }))).toEqual(
      why === undefined ? { kind: 'none', why: 'nobody' } : { kind: 'person', how: 'replied', why },
    );
  });

  it('that is the first: a person began it, and activities before it do not hide that', () => {
    const hand = { kind: 'person', how: 'began', why: 'first-message' };
    expect(judgeHand(sightOf({ messages: [reply, incoming] }))).toEqual(hand);
    expect(judgeHand(sightOf({ messages: ['Ada Admin added vip', reply] }))).toEqual(hand);
  });
});

describe('the bot is back', () => {
  it.each([
    'Conversation was marked as pending by Greta Agent',
    'Conversation was marked resolved by Greta Agent',
    'Conversation was marked resolved by system due to 5 days of inactivity',
    'Das Gespräch wurde von Greta Agent als ausstehend markiert',
    { message_type: 2, content: 'さようなら', content_attributes: { activity: { status: 'pending' } } },
  ])('after: %s', (given) => {
    const messages = [incoming, 'Greta Agent self-assigned this conversation', reply, given, incoming];
    expect(judgeHand(sightOf({ assignee: greta, status: 'pending', messages }))).toEqual({
      kind: 'none',
      why: 'given-back',
    });
  });

  it('and out again when a person answers once more', () => {
    const messages = [incoming, reply, 'Conversation was marked as pending by Greta Agent', reply];
    expect(judgeHand(sightOf({ messages }))).toMatchObject({ kind: 'person', how: 'replied' });
  });

  it('after an instant that the caller knows', () => {
    const messages = [incoming, reply];
    expect(judgeHand(sightOf({ messages }, { since: BEGAN + 30_000 }))).toMatchObject({ kind: 'none' });
    expect(judgeHand(sightOf({ messages }, { since: BEGAN }))).toMatchObject({ kind: 'person' });
  });

  it('when somebody who never replied is unassigned', () => {
    const messages = [
      incoming,
      'Assigned to Greta Agent by Olof Agent',
      'Conversation unassigned by Olof Agent',
    ];
    expect(judgeHand(sightOf({ messages }))).toEqual({ kind: 'none', why: 'nobody' });
  });
});

describe('who assigned', () => {
  it.each([
    { text: 'Assigned to Greta Agent by Olof Agent', why: 'assigned-by-person' },
    { text: 'Assigned to Greta Agent via sales by Olof Agent', why: 'team-by-person' },
    { text: 'Greta Agent self-assigned this conversation', why: 'self-assigned' },
    { text: 'Assigned to Greta Agent by Somebody Who Left', why: 'assigned-by-person' },
    { text: 'Assigned to Greta Agent by Default Policy', why: 'picked-by-policy' },
    { text: 'Assigned to Greta Agent by Automation System via Night shift', why: 'picked-by-policy' },
    { text: 'Assigned to Greta Agent by Automation System', why: 'automation' },
    { text: 'Assigned to Greta Agent by Switchyard bot', why: 'bot' },
    { text: 'Assigned to Greta Agent by Ada Admin', why: 'ours' },
    { text: 'Assigned to Greta Agent via sales by Ada Admin', why: 'picked-from-team' },
    { text: 'Greta Agent hat sich dieses Gespräch selbst zugewiesen', why: 'self-assigned' },
    { text: 'Automation System von Greta Agent zugewiesen', why: 'automation' },
    { text: 'Greta Agent によって sales 経由で Greta Agent に割り当てられました', why: 'team-by-person' },
    { text: 'Atribuído a Greta Agent via sales por Sistema de Automação', why: 'automation' },
    { text: '由 Greta Agent 分配给 Olof Agent', why: 'assigned-by-person' },
    // Languages that nobody wrote down.
    { text: 'Olof Agent osoitti keskustelun: Greta Agent', why: 'assigned-by-person' },
    { text: 'Automation System osoitti keskustelun: Greta Agent', why: 'automation' },
    { text: 'Greta Agent otti keskustelun', why: 'self-assigned' },
  ])('$text', ({ text, why }) => {
    const hand = judgeHand(sightOf({ assignee: greta, team: 'sales', messages: [incoming, text] }));
    expect(hand).toMatchObject({ why });
  });

  it.each([
    ['Conversation was reopened by Switchyard bot', 'Assigned to Greta Agent by Switchyard bot'],
    ['Assigned to Greta Agent by Switchyard bot', 'Conversation was reopened by Switchyard bot'],
  ])('Chatwoot itself, as a bot opened it: %s, %s', (...messages) => {
    const told = { assignee: greta, messages: [incoming, ...messages] };
    expect(judgeHand(sightOf(told))).toEqual({ kind: 'none', why: 'picked-at-opening' });
  });

  it.each([
    ['a person opened it', ['Conversation was reopened by Olof Agent']],
    ['it was opened at another time', ['Conversation was reopened by Switchyard bot', incoming, incoming]],
  ])('the bot, where %s', (_, before) => {
    const messages = [incoming, ...before, 'Assigned to Greta Agent by Switchyard bot'];
    expect(judgeHand(sightOf({ assignee: greta, messages }))).not.toMatchObject({ why: 'picked-at-opening' });
  });

  it('written down many messages ago: older ones are read, though the change is known and the conversation is new', () => {
    const told = { assignee: greta, messages: [incoming, incoming] };
    const known = { assigned: { to: 2, withTeam: false } };
    for (const now of [BEGAN, BEGAN + 60_000]) {
      expect(judgeHand(sightOf(told, { known, now, reach: 'part' }))).toBe('read-more');
    }
  });

  it('the owner of our token took it, by hand', () => {
    const told = { assignee: ada, messages: [incoming, 'Ada Admin self-assigned this conversation'] };
    expect(judgeHand(sightOf(told))).toMatchObject({ kind: 'person', why: 'self-assigned' });
    const known = { ours: { agents: [1], teams: [] } };
    expect(judgeHand(sightOf(told, { known }))).toEqual({ kind: 'none', why: 'ours' });
  });

  it('labels and priority by them are no assignment', () => {
    const messages = [incoming, 'Greta Agent added billing', 'Greta Agent set the priority to high'];
    expect(judgeHand(sightOf({ assignee: greta, messages }))).toEqual({
      kind: 'none',
      why: 'picked-at-creation',
    });
  });

  it('ids tell where no activity does', () => {
    const told = { assignee: greta, team: 'sales', messages: [incoming] };
    const fresh = { now: BEGAN + 1_000 };
    const judge = (known: object) => judgeHand(sightOf(told, { ...fresh, known }));
    const later = (known: object) => judgeHand(sightOf(told, { known }));
    const unsure = { kind: 'unsure', why: 'not-written-yet' };
    expect(judge({ ours: { agents: [2], teams: [] } })).toEqual({ kind: 'none', why: 'ours' });
    expect(judge({ ours: { agents: [], teams: [41] } })).toEqual(unsure);
    expect(later({ ours: { agents: [], teams: [41] } })).toEqual({ kind: 'none', why: 'picked-from-team' });
    expect(judge({ createdWith: null })).toEqual(unsure);
    expect(later({ createdWith: null })).toMatchObject({ why: 'assigned-unexplained' });
  });

  it('whom creation showed is Chatwoot’s pick only when nothing else was written down meanwhile', () => {
    const known = { createdWith: 2 };
    const judge = (now: number, ...said: readonly string[]) =>
      judgeHand(sightOf({ assignee: greta, messages: [incoming, ...said] }, { known, now }));
    expect(judge(BEGAN + 300)).toEqual({ kind: 'unsure', why: 'not-written-yet' });
    expect(judge(BEGAN + 5_000)).toEqual({ kind: 'none', why: 'picked-at-creation' });
    const selfAssigned = { kind: 'person', why: 'self-assigned' };
    expect(judge(BEGAN + 2_000, 'Greta Agent self-assigned this conversation')).toMatchObject(selfAssigned);
    expect(judge(BEGAN + 5_000, 'Greta Agent otti keskustelun')).toMatchObject(selfAssigned);
  });

  it.each([
    [
      'whom creation showed',
      { createdWith: 2, createdHeardAt: BEGAN },
      { kind: 'none', why: 'picked-at-creation' },
    ],
    [
      'whom a team brought',
      { assigned: { to: 2, withTeam: true, heardAt: BEGAN } },
      { kind: 'none', why: 'picked-from-team' },
    ],
    [
      'who came with the opening',
      { assigned: { to: 2, withTeam: false, withOpening: true, heardAt: BEGAN } },
      { kind: 'none', why: 'picked-at-opening' },
    ],
    [
      'whom somebody assigned',
      { assigned: { to: 2, withTeam: false, heardAt: BEGAN } },
      { kind: 'person', how: 'assigned', why: 'assigned-unexplained' },
    ],
  ])('is told in time, however long the customer goes on writing: %s', (_, known, hand) => {
    const judge = (now: number) => {
      const sight = sightOf({ assignee: greta, messages: [incoming] }, { known, now });
      return judgeHand({ ...sight, conversation: { ...sight.conversation, updatedAt: now - 100 } });
    };
    expect(judge(BEGAN + 4_900)).toEqual({ kind: 'unsure', why: 'not-written-yet' });
    expect(judge(BEGAN + 5_000)).toEqual(hand);
  });

  it('whom Chatwoot picked as it opened a conversation of a bot whose endpoint failed (4.10)', () => {
    const opened = 'Conversation was marked open by system due to an error with the agent bot.';
    const known = {
      createdWith: null,
      assigned: { to: 2, withTeam: false, at: BEGAN },
      ours: { agents: [], teams: [] },
    };
    const judge = (now: number, ...said: readonly string[]) =>
      judgeHand(sightOf({ assignee: greta, messages: [incoming, opened, ...said] }, { known, now }));
    expect(judge(BEGAN + 300)).toEqual({ kind: 'unsure', why: 'not-written-yet' });
    expect(judge(BEGAN + 5_000)).toEqual({ kind: 'none', why: 'picked-at-opening' });
    const person = { kind: 'person', why: 'self-assigned' };
    expect(judge(BEGAN + 5_000, 'Greta Agent self-assigned this conversation')).toMatchObject(person);
  });

  it('an older assignment of theirs does not explain the one they have now', () => {
    const messages = [
      'Assigned to Greta Agent by Default Policy',
      'Conversation unassigned by Ada Admin',
      incoming,
    ];
    const told = { assignee: greta, messages };
    expect(judgeHand(sightOf(told, { now: BEGAN + 1_000 }))).toMatchObject({ kind: 'unsure' });
    expect(judgeHand(sightOf(told))).toMatchObject({ kind: 'person', why: 'assigned-unexplained' });
  });

  it('a clock that is an hour behind keeps nobody waiting', () => {
    const told = { assignee: greta, messages: [incoming] };
    expect(judgeHand(sightOf(told, { now: BEGAN - 3_600_000 }))).toEqual({
      kind: 'none',
      why: 'picked-at-creation',
    });
  });

  it('a bot is no person, also in an open conversation', () => {
    const assignee = { id: 1, name: 'Switchyard bot', type: 'agent_bot' };
    expect(judgeHand(sightOf({ assignee, messages: [incoming] }))).toEqual({ kind: 'none', why: 'nobody' });
  });
});

describe('a team or a status', () => {
  it.each([
    { text: 'Assigned to sales by Olof Agent', hand: { kind: 'person', why: 'team-by-person' } },
    { text: 'Assigned to sales by Ada Admin', hand: { kind: 'none', why: 'nobody' } },
    { text: 'Assigned to support by Olof Agent', hand: { kind: 'none', why: 'nobody' } },
    { text: 'Conversation was reopened by Olof Agent', hand: { kind: 'person', why: 'opened' } },
    { text: 'Conversation was reopened by Switchyard bot', hand: { kind: 'none', why: 'bot' } },
    { text: 'Conversation was reopened by Ada Admin', hand: { kind: 'none', why: 'ours' } },
    {
      text: 'System reopened the conversation due to a new incoming message.',
      hand: { kind: 'none', why: 'opened-by-chatwoot' },
    },
  ])('$text', ({ text, hand }) => {
    expect(judgeHand(sightOf({ team: 'sales', messages: [incoming, text] }))).toMatchObject(hand);
  });

  it('the owner set a team that was none of our steps', () => {
    const told = { team: 'sales', messages: [incoming, 'Assigned to sales by Ada Admin'] };
    const known = { ours: { agents: [], teams: [40] } };
    expect(judgeHand(sightOf(told, { known }))).toMatchObject({ kind: 'person', why: 'team-by-person' });
  });

  it.each([
    ['Greta Agent', {}, { kind: 'person', why: 'team-by-person' }],
    ['Somebody Who Left', {}, { kind: 'person', why: 'team-by-person' }],
    ['Ada Admin', {}, { kind: 'none', why: 'nobody' }],
    ['Switchyard bot', {}, { kind: 'none', why: 'nobody' }],
    ['Automation System', {}, { kind: 'none', why: 'nobody' }],
    ['Ada Admin', { ours: { agents: [], teams: [40] } }, { kind: 'person', why: 'team-by-person' }],
    ['Ada Admin', { ours: { agents: [], teams: [41] } }, { kind: 'none', why: 'nobody' }],
  ])('a team, in a language that nobody wrote down, by %s, known %j', (by, known, hand) => {
    const told = { team: 'sales', messages: [incoming, `Tildelt til sales af ${by}`] };
    expect(judgeHand(sightOf(told, { known }))).toMatchObject(hand);
    const other = { ...told, team: 'support' };
    expect(judgeHand(sightOf(other, { known }))).toEqual({ kind: 'none', why: 'nobody' });
  });

  it.each([
    ['of ours, and Chatwoot picked Greta', 'Ada Admin', { kind: 'none', why: 'picked-from-team' }],
    ['of a person, and Chatwoot picked Greta', 'Olof Agent', { kind: 'person', why: 'team-by-person' }],
  ])('a team step %s, in such a language', (_, by, hand) => {
    const told = { team: 'sales', messages: [incoming, `Tildelt til Greta Agent via sales af ${by}`] };
    expect(judgeHand(sightOf({ ...told, assignee: greta }))).toMatchObject(hand);
    if (hand.kind === 'none') expect(judgeHand(sightOf(told))).toEqual({ kind: 'none', why: 'nobody' });
  });

  it('a team that a webhook told of, with nothing written down yet', () => {
    const judge = (known: object, now: number) => judgeHand(sightOf({ team: 'sales' }, { known, now }));
    expect(judge({ teamed: 41 }, BEGAN + 300)).toEqual({ kind: 'unsure', why: 'not-written-yet' });
    expect(judge({ teamed: 41 }, BEGAN + 5_000)).toEqual({ kind: 'none', why: 'nobody' });
    expect(judge({ teamed: 40 }, BEGAN + 300)).toEqual({ kind: 'none', why: 'nobody' });
    const ours = { agents: [], teams: [41] };
    expect(judge({ teamed: 41, ours }, BEGAN + 300)).toEqual({ kind: 'none', why: 'nobody' });
  });

  it.each([
    ['Samtalen blev genåbnet af Greta Agent', { kind: 'person', how: 'status', why: 'opened' }],
    ['Samtalen blev genåbnet af Switchyard bot', { kind: 'none', why: 'bot' }],
    ['Samtalen blev genåbnet af Ada Admin', { kind: 'none', why: 'ours' }],
    ['Samtalen blev genåbnet', { kind: 'none', why: 'nobody' }],
  ])('a status that 4.16 names beside a text that nobody wrote down: %s', (content, hand) => {
    const activity = { type: 'conversation_status_changed', status: 'open' };
    const opened = { message_type: 2, content, content_attributes: { activity } };
    expect(judgeHand(sightOf({ messages: [incoming, opened] }))).toEqual(hand);
    expect(judgeHand(sightOf({ status: 'pending', messages: [incoming, opened] }))).toMatchObject({
      kind: 'none',
    });
  });

  const reopened = 'System reopened the conversation due to a new incoming message.';
  it.each([
    ['its end is written down', [incoming, reopened]],
    ['nothing is written of its end', [incoming]],
    ['its time is over', []],
  ])('a person’s snooze stays that person’s: %s', (_, after) => {
    const judge = (by: string, since: number | null = null) =>
      judgeHand(sightOf({ messages: [incoming, `Conversation was snoozed by ${by}`, ...after] }, { since }));
    expect(judge('Olof Agent')).toEqual({ kind: 'person', how: 'status', why: 'snoozed' });
    expect(judge('Ada Admin')).toMatchObject({ kind: 'none' });
    expect(judge('Automation System')).toMatchObject({ kind: 'none' });
    expect(judge('Olof Agent', BEGAN + 30_000)).toMatchObject({ kind: 'none' });
  });

  it('and ends as it is given back', () => {
    const snoozed = 'Conversation was snoozed by Olof Agent';
    for (const given of ['Conversation was marked as pending by Olof Agent', RESOLVED]) {
      expect(judgeHand(sightOf({ messages: [snoozed, given, incoming, reopened] }))).toEqual({
        kind: 'none',
        why: 'opened-by-chatwoot',
      });
    }
  });

  it('snoozed or resolved by a person', () => {
    const snoozed = { status: 'snoozed', messages: ['Conversation was snoozed by Olof Agent'] };
    expect(judgeHand(sightOf(snoozed))).toMatchObject({ kind: 'person', how: 'status', why: 'snoozed' });
    const resolved = { status: 'resolved', messages: ['Conversation was marked resolved by Olof Agent'] };
    expect(judgeHand(sightOf(resolved))).toMatchObject({ kind: 'person', how: 'status', why: 'resolved' });
  });
});

describe('a long conversation', () => {
  const told = { assignee: greta, messages: [incoming] };

  it('asks for older messages where those in sight do not tell', () => {
    expect(judgeHand(sightOf(told, { reach: 'part' }))).toBe('read-more');
    expect(judgeHand(sightOf(told, { reach: 'given-up' }))).toMatchObject({ why: 'too-long-to-tell' });
    const replied = { firstReplyAt: BEGAN - 1_000, messages: [incoming] };
    expect(judgeHand(sightOf(replied, { reach: 'part' }))).toBe('read-more');
    expect(judgeHand(sightOf(replied, { reach: 'given-up' }))).toMatchObject({ how: 'replied' });
  });

  it('needs none of those from before it was given back', () => {
    const replied = { firstReplyAt: BEGAN - 1_000, messages: [incoming, incoming] };
    expect(judgeHand(sightOf(replied, { reach: 'part', since: BEGAN + 1_000 }))).toMatchObject({
      kind: 'none',
    });
    const pending = ['Conversation was marked as pending by Greta Agent', incoming];
    expect(judgeHand(sightOf({ ...replied, messages: pending }, { reach: 'part' }))).toMatchObject({
      kind: 'none',
    });
  });
});

function echo() {
  return {
    message_type: 1,
    content: 'From my phone',
    sender: null,
    content_attributes: { external_echo: true },
  };
}
