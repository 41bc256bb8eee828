import type { ChatwootEvent, ConversationState, Message } from '@switchyard/chatwoot';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { BotFacts } from './facts.ts';
import { emptyMemory } from './memory.ts';
import { compileRules } from './rules.ts';

const HOUR = 3_600_000;
const book = compileRules({
  match: 'first',
  offerHours: 24,
  answerWithinMinutes: 10,
  lateNote: 'Too late.',
  unanswered: { handOver: true, after: 0 },
  undeliveredNote: 'Not delivered.',
  rules: [
    { name: 'hours', when: { contains: 'hours', wholeWords: false }, reply: 'We are open.' },
    {
      name: 'pricing',
      when: { contains: 'price', wholeWords: false },
      reply: 'Shall I connect you?',
      offer: {
        yes: ['yes'],
        no: ['no'],
        handoff: { team: 'Sales', reply: 'Connecting.' },
        declined: 'Fine.',
      },
    },
    { when: { contains: 'human', wholeWords: false }, handoff: { team: 7 } },
  ],
});

const user = { kind: 'user', id: 27, name: 'Tobias' } as const;
const bot = { kind: 'agent_bot', id: 5, name: 'Bot' } as const;
const ours = { inboxBot: { kind: 'ours', id: 5 } } as const;
const captain = { kind: 'captain_assistant', id: 5, name: 'Captain' } as const;

describe('silence about a message', () => {
  it.each<{ reason: string; message: Partial<Message>; blocked?: boolean }>([
    { reason: 'own-message', message: { type: 'outgoing', sender: user, marker: 'bot-replies:1:reply' } },
    { reason: 'private-note', message: { type: 'outgoing', sender: user, private: true } },
    { reason: 'template', message: { type: 'template', sender: null } },
    { reason: 'from-bot', message: { type: 'outgoing', sender: bot } },
    { reason: 'from-bot', message: { type: 'outgoing', sender: captain } },
    { reason: 'automation', message: { type: 'outgoing', sender: null, automated: true } },
    { reason: 'not-incoming', message: { type: 'outgoing', sender: null } },
    { reason: 'not-incoming', message: { type: 'activity', sender: null } },
    { reason: 'not-from-contact', message: { sender: user } },
    { reason: 'deleted', message: { deleted: true } },
    { reason: 'blocked-contact', message: {}, blocked: true },
    { reason: 'no-text', message: { content: null, attachments: 1 } },
    { reason: 'no-text', message: { content: ' \n' } },
  ])('$reason', ({ reason, message, blocked = false }) => {
    expect(decide(book, written(message, { blocked }), facts())).toEqual({ action: 'silent', reason });
  });
});

describe('silence in a conversation', () => {
  it.each<{
    reason: string;
    conversation?: Partial<ConversationState> | null;
    facts?: Partial<BotFacts>;
    bot?: boolean;
  }>([
    { reason: 'conversation-gone', conversation: null },
    { reason: 'resolved', conversation: { status: 'resolved' } },
    { reason: 'snoozed', conversation: { status: 'snoozed' } },
    { reason: 'human-assigned', facts: { hand: person('assigned') } },
    { reason: 'human-assigned', conversation: { status: 'pending' }, facts: { hand: person('assigned') } },
    { reason: 'human-took-over', facts: { memory: { ...emptyMemory, human: { at: 1 } } } },
    { reason: 'human-took-over', facts: { hand: person('replied') } },
    { reason: 'human-began', facts: { hand: person('began') } },
    { reason: 'human-set-status', facts: { hand: person('status') } },
    { reason: 'handed-off', facts: { memory: { ...emptyMemory, handoff: handoff('other', true) } } },
    { reason: 'other-bot', conversation: { assignee: captain, status: 'pending' } },
    {
      reason: 'other-bot',
      conversation: { status: 'pending' },
      facts: { inboxBot: { kind: 'other', id: 6 } },
    },
    { reason: 'not-pending', bot: true },
    { reason: 'not-pending', facts: ours },
    { reason: 'bot-off', facts: { botOff: true } },
    { reason: 'not-pending', conversation: { assignee: bot } },
    {
      reason: 'already-answered',
      facts: { memory: { ...emptyMemory, answered: { message: 90, job: 'other' } } },
    },
  ])('$reason', ({ reason, conversation, facts: known = {}, bot: ofBot = false }) => {
    const fresh = conversation === null ? null : state(conversation ?? {});
    const event = written({ content: 'hours?' }, { kind: ofBot ? 'agent-bot' : 'account' });
    expect(decide(book, event, facts({ ...known, conversation: fresh }))).toEqual({
      action: 'silent',
      reason,
    });
  });

  it('no-rule', () => {
    expect(decide(book, written({ content: 'hello' }), facts())).toEqual({
      action: 'silent',
      reason: 'no-rule',
    });
  });

  it.each([
    { what: 'an open conversation that nobody has', conversation: {}, kind: 'account' },
    { what: 'a pending one', conversation: { status: 'pending' }, kind: 'account' },
    {
      what: 'a pending one of an agent bot',
      conversation: { status: 'pending', assignee: bot },
      kind: 'agent-bot',
    },
    {
      what: 'a pending one of a bot whose place ours has taken',
      conversation: { status: 'pending', assignee: { ...bot, id: 6 } },
      kind: 'account',
      known: ours,
    },
    { what: 'one from an API inbox', conversation: {}, kind: 'api-inbox' },
  ] as const)('is not kept in $what', ({ conversation, kind, ...more }) => {
    const decision = decide(
      book,
      written({ content: 'hours?' }, { kind }),
      facts({ conversation: state(conversation), ...('known' in more ? more.known : {}) }),
    );
    expect(decision).toMatchObject({
      action: 'reply',
      reason: 'rule:hours',
      text: 'We are open.',
      offer: null,
    });
  });
});

describe('an offer', () => {
  const offered = (agoMs = HOUR) => ({
    memory: { ...emptyMemory, offer: { rule: 'pricing', at: 1e12 - agoMs } },
  });

  it('is made with the reply', () => {
    expect(decide(book, written({ content: 'price?' }), facts())).toMatchObject({
      action: 'reply',
      offer: 'pricing',
    });
  });

  it.each([
    { text: 'Yes!', agoMs: HOUR, action: 'take-offer', reason: 'rule:pricing' },
    { text: 'no.', agoMs: HOUR, action: 'decline-offer', reason: 'rule:pricing' },
    { text: 'yes', agoMs: 24 * HOUR, action: 'silent', reason: 'no-rule' },
    { text: 'what are your hours', agoMs: HOUR, action: 'reply', reason: 'rule:hours' },
    { text: 'maybe', agoMs: HOUR, action: 'silent', reason: 'no-rule' },
  ])('$agoMs ms ago, "$text": $action', ({ text, agoMs, action, reason }) => {
    expect(decide(book, written({ content: text }), facts(offered(agoMs)))).toMatchObject({ action, reason });
  });

  it('is taken though Chatwoot has assigned somebody meanwhile', () => {
    const picked = {
      hand: { kind: 'none', why: 'picked-by-policy' },
      conversation: state({ assignee: user }),
    } as const;
    const known = facts({ ...offered(), ...picked });
    expect(decide(book, written({ content: 'yes' }), known)).toMatchObject({ action: 'take-offer' });
  });

  it('is not taken once a person has the conversation', () => {
    const known = facts({ ...offered(), hand: person('assigned'), conversation: state({ assignee: user }) });
    expect(decide(book, written({ content: 'yes' }), known)).toMatchObject({ action: 'silent' });
  });

  it('without which a yes means nothing', () => {
    expect(decide(book, written({ content: 'yes' }), facts())).toMatchObject({ reason: 'no-rule' });
  });
});

describe('a handoff', () => {
  it('of a rule hands over with the team of the config', () => {
    const decision = decide(book, written({ content: 'a human please' }), facts());
    expect(decision).toMatchObject({
      action: 'handoff',
      reason: 'rule:rules[2]',
      text: null,
      handoff: { team: 7 },
    });
  });

  it.each([
    { because: 'offer', rule: 'pricing', action: 'take-offer' },
    { because: 'rule', rule: 'rules[2]', action: 'handoff' },
  ] as const)(
    'that this job began for its $because goes on, whoever has the conversation by now',
    ({ because, rule, action }) => {
      const memory = { ...emptyMemory, handoff: { job: 'job-1', rule, because, done: false, at: 1 } };
      const known = facts({ memory, conversation: state({ assignee: user, status: 'open' }) });
      expect(decide(book, written({ content: 'yes' }), known)).toMatchObject({ action });
    },
  );

  it('that this job began says no more once a person has replied', () => {
    const begun = { ...handoff('job-1', false) };
    const hand = { kind: 'person', how: 'replied', why: 'reply' } as const;
    const known = { memory: { ...emptyMemory, handoff: begun }, hand };
    const decided = decide(book, written({ content: 'yes' }), facts(known));
    expect(decided).toMatchObject({ action: 'take-offer', withhold: 'texts-and-team' });
    const unanswered = { ...begun, because: 'unanswered', rule: 'no-rule' } as const;
    const memory = { ...emptyMemory, handoff: unanswered };
    expect(decide(book, written({ content: 'yes' }), facts({ ...known, memory }))).toMatchObject({
      action: 'hand-over',
      withhold: 'texts-and-team',
    });
  });

  it('that another job could not finish does not silence the bot', () => {
    const known = facts({ memory: { ...emptyMemory, handoff: handoff('other', false) } });
    expect(decide(book, written({ content: 'hours' }), known)).toMatchObject({ action: 'reply' });
  });
});

describe('later than the bot may answer', () => {
  const late = (content: string, known: Partial<BotFacts> = {}, agoMs = 10 * 60_000 + 1) =>
    decide(book, written({ content }, { agoMs }), facts(known));
  const offered = { memory: { ...emptyMemory, offer: { rule: 'pricing', at: 1e12 - HOUR } } };

  it.each([
    { what: 'a reply', text: 'hours', known: {}, rule: 'hours', instead: 'reply' },
    { what: 'an offer', text: 'price', known: {}, rule: 'pricing', instead: 'reply' },
    { what: 'an offer that is taken', text: 'yes', known: offered, rule: 'pricing', instead: 'take-offer' },
    {
      what: 'an offer that is declined',
      text: 'no',
      known: offered,
      rule: 'pricing',
      instead: 'decline-offer',
    },
  ])('$what becomes a handover', ({ text, known, rule, instead }) => {
    expect(late(text, known)).toMatchObject({
      action: 'hand-over-late',
      reason: `rule:${rule}`,
      rule,
      answer: { action: instead },
    });
  });

  it('a handoff without a word to the customer is what it always is', () => {
    expect(late('human')).toMatchObject({ action: 'handoff', handoff: { team: 7 } });
  });

  it.each([
    { reason: 'no-rule', text: 'hello', known: {} },
    { reason: 'human-took-over', text: 'hours', known: { hand: person('replied') } },
    { reason: 'resolved', text: 'hours', known: { conversation: state({ status: 'resolved' }) } },
    {
      reason: 'handed-off',
      text: 'hours',
      known: { memory: { ...emptyMemory, handoff: { ...handoff('other', true), because: 'late' } } },
    },
  ] as const)('silence stays silence: $reason', ({ reason, text, known }) => {
    expect(late(text, known)).toEqual({ action: 'silent', reason });
  });

  it('starts after the last moment, not at it', () => {
    expect(late('hours', {}, 10 * 60_000)).toMatchObject({ action: 'reply' });
  });

  it('a retry goes on with the handover it has begun, whoever has the conversation by now', () => {
    const memory = { ...emptyMemory, handoff: { ...handoff('job-1', false), because: 'late' as const } };
    expect(late('hours', { memory, conversation: state({ assignee: user }) })).toMatchObject({
      action: 'hand-over-late',
      answer: null,
    });
  });
});

describe('what is remembered of a conversation', () => {
  const human = { memory: { ...emptyMemory, human: { at: 5_000 } } };

  it('is that a person replied', () => {
    const decision = decide(book, written({ type: 'outgoing', sender: user, createdAt: 9 }), facts());
    expect(decision).toEqual({
      action: 'remember-human',
      reason: 'human-reply',
      account: 3,
      conversation: 11,
      at: 9,
    });
  });

  it.each([
    { now: { status: 'pending' }, changedAt: 1, result: { action: 'note-who', known: { sinceAtMost: 7 } } },
    { now: { status: 'open' }, changedAt: 6_000, result: { action: 'silent', reason: 'not-given-back' } },
    { now: null, changedAt: 1, result: { action: 'forget', reason: 'conversation-gone' } },
  ] as const)('is $result.action when it was opened and is $now', ({ now, changedAt, result }) => {
    const conversation = now === null ? null : state({ ...now, updatedAt: 7 });
    expect(decide(book, changed(changedAt), facts({ ...human, conversation }))).toMatchObject(result);
  });

  it.each(['resolved', 'pending'] as const)('is in doubt after an event that only shows it %s', (status) => {
    const event = { ...changed(6_000), conversation: state({ status, updatedAt: 6_000 }) };
    const result = { action: 'note-who', known: { sinceAtMost: 6_000 } };
    expect(decide(book, event, facts(human))).toMatchObject(result);
    // Also where the reply is heard of later.
    expect(decide(book, event, facts())).toMatchObject(result);
    for (const known of [{ since: 6_000 }, { sinceAtMost: 6_000 }]) {
      const memory = { ...emptyMemory, known };
      expect(decide(book, event, facts({ memory }))).toMatchObject({ reason: 'nothing-new' });
    }
  });

  it.each([
    ['resolved', 'resolved'],
    ['pending', 'given-back'],
  ])('is forgotten by a change to %s, as of when the change says', (status, reason) => {
    const changes = {
      status: { from: 'open', to: status },
      updated_at: { from: null, to: '1970-01-01T00:00:06.000Z' },
    };
    const event = { ...changed(9_000), name: 'conversation_updated', changes };
    const result = { action: 'forget', reason, known: { since: 6_000 } };
    expect(decide(book, event, facts(human))).toMatchObject(result);
  });

  it.each([
    { since: 5_000, action: 'reply' },
    { since: 4_999, action: 'silent' },
  ])('counts only when it is later than $since', ({ since, action }) => {
    const known = { since };
    const replied = { ...emptyMemory, human: { at: 5_000 }, known };
    const handedOver = { ...emptyMemory, handoff: { ...handoff('other', true), at: 5_000 }, known };
    const handedOverBefore = { ...handedOver, handoff: { ...handedOver.handoff, at: 4_999.5 } };
    for (const memory of [replied, handedOverBefore]) {
      expect(decide(book, written({ content: 'hours?' }), facts({ memory }))).toMatchObject({ action });
    }
  });

  it('is nothing to forget when there is nothing', () => {
    expect(decide(book, changed(1), facts())).toEqual({ action: 'silent', reason: 'nothing-remembered' });
  });
});

it('without an account is a fault, not silence', () => {
  expect(() => decide(book, { ...changed(1), account: null }, facts())).toThrow(
    expect.objectContaining({ code: 'ACCOUNT_UNKNOWN', failure: 'permanent' }),
  );
});

it.each([
  { event: { ...changed(1), name: 'conversation_updated' }, reason: 'nothing-new' },
  { event: { ...changed(1), name: 'conversation_opened' }, reason: 'other-event' },
  { event: { ...changed(1), conversation: null }, reason: 'no-conversation' },
])('$reason', ({ event, reason }) => {
  expect(decide(book, event, facts())).toEqual({ action: 'silent', reason });
});

function facts(over: Partial<BotFacts> = {}): BotFacts {
  return {
    job: 'job-1',
    now: 1e12,
    memory: emptyMemory,
    conversation: state({}),
    hand: { kind: 'none', why: 'nobody' },
    inboxBot: { kind: 'unknown' },
    botOff: false,
    ...over,
  };
}

function person(how: 'replied' | 'began' | 'assigned' | 'status') {
  return { kind: 'person', how, why: 'reply' } as const;
}

function handoff(job: string, done: boolean) {
  return { job, rule: 'pricing', because: 'offer', done, at: 2_000 } as const;
}

function state(over: Partial<ConversationState>): ConversationState {
  return {
    id: 11,
    channel: null,
    status: 'open',
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
    ...over,
  };
}

function written(
  message: Partial<Message>,
  over: { blocked?: boolean; kind?: ChatwootEvent['delivery']['kind']; agoMs?: number } = {},
): ChatwootEvent {
  const { blocked = false, kind = 'account', agoMs = 0 } = over;
  return {
    ...changed(null),
    name: 'message_created',
    delivery: { id: 'd-1', source: 'default', kind, receivedAt: 1e12 - agoMs },
    contact: {
      id: 1,
      name: 'Mara',
      email: null,
      phone: null,
      identifier: null,
      blocked,
      customAttributes: {},
      city: null,
      country: null,
    },
    message: {
      id: 90,
      content: 'hours?',
      type: 'incoming',
      private: false,
      contentType: 'text',
      sender: { kind: 'contact', id: 1, name: 'Mara' },
      createdAt: 1,
      deleted: false,
      automated: false,
      marker: null,
      attachments: 0,
      ...message,
    },
  };
}

function changed(updatedAt: number | null): ChatwootEvent {
  return {
    name: 'conversation_status_changed',
    delivery: { id: 'd-1', source: 'default', kind: 'account', receivedAt: 1 },
    account: 3,
    inbox: null,
    conversation: state({ updatedAt }),
    contact: null,
    message: null,
    actor: null,
    changes: null,
  };
}
