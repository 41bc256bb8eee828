import type { CliConfig } from '@switchyard/config';
import { expect, test } from 'vitest';
import { unheard } from './inbox-heard.ts';

const all = { kind: 'account' as const, secrets: ['a-secret-of-24-characters-x'] };
const some = { ...all, inboxes: [1, 7] };

test.each<[string, CliConfig['sources'], number | null]>([
  ['every inbox', { default: all }, null],
  ['the inbox of --inbox', { default: some }, 7],
  ['every inbox, by another source', { default: some, shop: { ...all, account: 3 } }, null],
  ['nobody knows what, since no source is known here', {}, null],
])('a source that takes %s hears the rehearsal', (_what, sources, inbox) => {
  expect(unheard(sources, 3, inbox)).toBeNull();
});

test.each<[string, CliConfig['sources'], number | null, string]>([
  ['one that is made', { default: some }, null, 'not one that is made for the rehearsal'],
  ['another', { default: some }, 9, 'not inbox 9'],
  [
    'one of an account that has another source',
    { default: some, shop: { ...all, account: 4 } },
    null,
    'made',
  ],
  [
    'one that only a bot would hear',
    { default: some, bot: { ...all, kind: 'agent-bot' as const } },
    null,
    'made',
  ],
])(
  'a source of some inboxes does not hear %s, and the row says which it takes',
  (_what, sources, inbox, says) => {
    const row = unheard(sources, 3, inbox);
    expect(row).toMatchObject({ name: 'webhook', status: 'fail', fix: expect.stringContaining('--inbox') });
    expect(row?.detail).toContain('source default takes inbox 1, 7 only');
    expect(row?.detail).toContain(says);
  },
);
