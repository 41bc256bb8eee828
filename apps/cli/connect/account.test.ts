import { parseVersion } from '@switchyard/chatwoot';
import { expect, test } from 'vitest';
import { accountPlace } from './account.ts';

const facts = {
  account: 4,
  source: 'default',
  configured: null,
  others: [],
  version: parseVersion('4.13.0'),
};

test.each([
  ['names it already', { configured: 4 }, 'as-it-is'],
  ['names none yet', {}, 'to-write'],
  [
    'has another account, which this Chatwoot names',
    { others: [3], version: parseVersion('4.14.2') },
    'shared',
  ],
  [
    'has another account, of a Chatwoot that does not tell its version',
    { others: [3], version: null },
    'shared',
  ],
])('a source that %s', (_name, over, expected) => {
  expect(accountPlace({ ...facts, ...over })).toBe(expected);
});

test.each([
  ['names another', { configured: 3 }, "is account 3's"],
  ['names another, of a new Chatwoot', { configured: 3, version: parseVersion('4.16.2') }, "is account 3's"],
  ['has another, of a Chatwoot that does not name it', { others: [3] }, 'nobody could tell whose they are'],
])('a source that %s is refused, with what to do', (_name, over, words) => {
  const run = () => accountPlace({ ...facts, ...over });
  expect(run).toThrow(words);
  expect(run).toThrow(
    expect.objectContaining({
      code: 'SOURCE_TAKEN',
      fix: [expect.stringContaining('--source account-4'), expect.stringContaining('4.14.2')],
    }),
  );
});
