import type { Change, ChatwootEvent } from '@switchyard/chatwoot';
import { eventOf } from '@switchyard/jobs/testing';
import { describe, expect, it } from 'vitest';
import { learn, readKnown } from './known.ts';

function updated(at: number, changes: Record<string, Change>): ChatwootEvent {
  const event = eventOf(11, { name: 'conversation_updated', changes });
  return { ...event, conversation: event.conversation && { ...event.conversation, updatedAt: at } };
}

function created(assignee: number | null): ChatwootEvent {
  const event = eventOf(11);
  const conversation = event.conversation && { ...event.conversation, updatedAt: 9 };
  const actor = assignee === null ? null : ({ kind: 'user', id: assignee, name: 'Tobias' } as const);
  return { ...event, conversation: conversation && { ...conversation, assignee: actor } };
}

const change = (from: unknown, to: unknown): Change => ({ from, to });

describe('by ids is known', () => {
  it.each([
    ['who was there at creation', created(27), { createdWith: 27, createdAsOf: 9 }],
    ['that nobody was', created(null), { createdWith: null, createdAsOf: 9 }],
    [
      'who was assigned alone',
      updated(9, { assignee_id: change(null, 27) }),
      { assigned: { to: 27, withTeam: false, at: 9 } },
    ],
    [
      'who came with a team',
      updated(9, { assignee_id: change(null, 27), team_id: change(null, 41) }),
      { assigned: { to: 27, withTeam: true, at: 9 }, teamed: { to: 41, at: 9 } },
    ],
    ['when it was given back', updated(9, { status: change('open', 'pending') }), { since: 9 }],
    ['when it was resolved', updated(9, { status: change('open', 'resolved') }), { since: 9 }],
    ['nothing, when it was opened', updated(9, { status: change('pending', 'open') }), null],
    ['which team was set', updated(9, { team_id: change(null, 41) }), { teamed: { to: 41, at: 9 } }],
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
