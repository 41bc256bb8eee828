import type { Change, ChatwootEvent } from '@switchyard/chatwoot';
import { eventOf } from '@switchyard/jobs/testing';
import { describe, expect, it } from 'vitest';
import { learn, readKnown } from './known.ts';

/** A change made at that instant, and told of later, with the conversation as it is by then. */
function updated(at: number, changes: Record<string, Change>): ChatwootEvent {
  const updated_at = { from: null, to: new Date(at).toISOString() };
  return late(at + 2_000, { ...changes, updated_at });
}

function late(updatedAt: number, changes: Record<string, Change>): ChatwootEvent {
  const event = eventOf(11, { name: 'conversation_updated', changes, delivery });
  return { ...event, conversation: event.conversation && { ...event.conversation, updatedAt } };
}

const heardAt = 1_000;
const delivery = { id: 'd-1', source: 'default', kind: 'account', receivedAt: heardAt } as const;

function created(assignee: number | null): ChatwootEvent {
  const event = eventOf(11, { delivery });
  const conversation = event.conversation && { ...event.conversation, updatedAt: 9 };
  const actor = assignee === null ? null : ({ kind: 'user', id: assignee, name: 'Tobias' } as const);
  return { ...event, conversation: conversation && { ...conversation, assignee: actor } };
}

const change = (from: unknown, to: unknown): Change => ({ from, to });

describe('by ids is known', () => {
  it.each([
    ['who was there at creation', created(27), { createdWith: 27, createdHeardAt: heardAt }],
    ['that nobody was', created(null), { createdWith: null, createdHeardAt: heardAt }],
    [
      'who was assigned alone',
      updated(9, { assignee_id: change(null, 27) }),
      { assigned: { to: 27, withTeam: false, at: 9, heardAt } },
    ],
    [
      'who came with a team',
      updated(9, { assignee_id: change(null, 27), team_id: change(null, 41) }),
      { assigned: { to: 27, withTeam: true, at: 9, heardAt }, teamed: { to: 41, at: 9, heardAt } },
    ],
    [
      'who came with the opening',
      updated(9, { assignee_id: change(null, 27), status: change('pending', 'open') }),
      { assigned: { to: 27, withTeam: false, withOpening: true, at: 9, heardAt } },
    ],
    ['when it was given back', updated(9, { status: change('open', 'pending') }), { since: 9 }],
    ['when it was resolved', updated(9, { status: change('open', 'resolved') }), { since: 9 }],
    [
      'that it was given back by then, where the change does not say when',
      late(9, { status: change('open', 'pending') }),
      { sinceAtMost: 9 },
    ],
    ['nothing, when it was opened', updated(9, { status: change('pending', 'open') }), null],
    ['which team was set', updated(9, { team_id: change(null, 41) }), { teamed: { to: 41, at: 9, heardAt } }],
    ['nothing, when a team was taken off', updated(9, { team_id: change(41, null) }), null],
    ['nothing, when it began pending', updated(9, { status: change(null, 'pending') }), null],
  ])('%s', (_what, event, known) => {
    expect(learn({}, event)).toEqual(known);
    if (known !== null) expect(readKnown(JSON.parse(JSON.stringify(known)))).toEqual(known);
  });

  it('the later of two changes that came the other way round', () => {
    const known = { assigned: { to: 28, withTeam: false, at: 10 }, teamed: { to: 42, at: 10 } };
    expect(learn(known, updated(9, { assignee_id: change(null, 27) }))).toBeNull();
    expect(learn(known, updated(9, { team_id: change(null, 41) }))).toBeNull();
  });

  it('the first creation alone', () => {
    expect(learn({ createdWith: null }, created(27))).toBeNull();
  });
});
