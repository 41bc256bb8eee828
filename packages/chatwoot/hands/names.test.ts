import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namesIn } from './actors.ts';
import { judgeHand } from './judge-hand.ts';
import { PHRASES } from './phrases.ts';
import { incoming, sightOf } from './testing-sight.ts';

// Names that contain each other and Chatwoot's own words, and are equal now and then.
const part = fc.constantFrom(
  'Ann',
  'Anna',
  'Bo',
  'by',
  'via',
  'to',
  'Assigned',
  'por',
  'von',
  'sales',
  '由',
  'によって',
);
const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(' '));
const phrase = fc.constantFrom(
  ...PHRASES.filter(({ does }) => does === 'assigned' || does === 'assigned-via' || does === 'self-assigned'),
);

describe('whatever people are called, in every language', () => {
  it('what a person assigned is a person’s', () => {
    fc.assert(
      fc.property(name, name, name, name, phrase, (assignee, actor, owner, team, { does, text }) => {
        const content = fill(text, { assignee, actor: does === 'self-assigned' ? assignee : actor, team });
        const people = {
          agents: [
            { id: 1, name: owner },
            { id: 2, name: assignee },
            { id: 3, name: actor },
          ],
          owner: { id: 1, name: owner },
          bots: ['Switchyard bot'],
        };
        const told = { assignee: { id: 2, name: assignee }, team, messages: [incoming, content] };
        expect(judgeHand(sightOf(told, { people }))).toMatchObject({ kind: 'person' });
      }),
      { numRuns: 2_000 },
    );
  });

  it('what Chatwoot assigned is not, as long as nobody is called like a part of it', () => {
    const plain = fc.stringMatching(/^[A-Z][a-z]{3,8}$/);
    const assigned = phrase.filter(({ does }) => does !== 'self-assigned');
    fc.assert(
      fc.property(plain, plain, assigned, (assignee, owner, { text }) => {
        fc.pre(assignee !== owner);
        const content = fill(text, { assignee, actor: 'Default Policy', team: 'sales' });
        const people = {
          agents: [
            { id: 1, name: owner },
            { id: 2, name: assignee },
          ],
          owner: { id: 1, name: owner },
          bots: [],
        };
        const told = { assignee: { id: 2, name: assignee }, messages: [incoming, content] };
        expect(judgeHand(sightOf(told, { people }))).toEqual({ kind: 'none', why: 'picked-by-policy' });
      }),
    );
  });
});

it('of two ways to read it, the one that names a person counts', () => {
  const people = {
    agents: [
      { id: 1, name: 'Bo by Ada' },
      { id: 2, name: 'Greta' },
      { id: 3, name: 'Ada' },
    ],
    owner: { id: 1, name: 'Bo by Ada' },
    bots: [],
  };
  // By "Bo by Ada", whose token we use; or by Ada, via the team "sales by Bo".
  const told = { assignee: { id: 2, name: 'Greta' }, messages: ['Assigned to Greta via sales by Bo by Ada'] };
  expect(judgeHand(sightOf(told, { people }))).toMatchObject({ kind: 'person', why: 'team-by-person' });
});

it.each([
  ['at its end', 'Ada Admin ', 'Ada Admin'],
  ['at its ends and within', ' Ada\u00a0 Admin', 'Ada  Admin'],
])('a blank %s of a name is none of the name', (_, owner, written) => {
  const people = { agents: [{ id: 1, name: owner }], owner: { id: 1, name: owner }, bots: [] };
  for (const [team, said] of [
    ['sales', `Assigned to Greta  Agent via sales by ${written}`],
    ['sales ', `Tildelt til Greta  Agent via sales af ${written}`],
  ] as const) {
    const told = { assignee: { id: 2, name: 'Greta  Agent ' }, team, messages: [incoming, said] };
    expect(judgeHand(sightOf(told, { people }))).toEqual({ kind: 'none', why: 'picked-from-team' });
  }
});

it('the longest names are found first, and nothing is found twice', () => {
  const found = namesIn('Ann Smith gave it to Ann, Ann Smithson watched', [
    'Ann',
    'Ann Smith',
    'Ann Smithson',
    '',
  ]);
  expect([...found]).toEqual([
    ['Ann Smithson', 1],
    ['Ann Smith', 1],
    ['Ann', 1],
  ]);
});

function fill(text: string, names: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, slot: string) => names[slot] ?? '');
}
