import { parseVersion } from '@switchyard/chatwoot';
import { expect, test } from 'vitest';
import { connectAdvice } from './advice.ts';

const webhook = {
  id: 62,
  name: 'Switchyard',
  url: 'https://switchyard.example.com/webhooks/chatwoot',
  subscriptions: [],
  secret: 'its-secret',
};
const facts = {
  hook: { webhook, waitsFor: null },
  version: parseVersion('4.16.2'),
  naming: 'shared' as const,
  others: [3],
  account: 4,
  chosen: null,
};

test.each<[string, readonly number[] | null, string]>([
  ['no accounts are', null, 'chatwoot: { accounts: [3, 4] }'],
  ['another is', [7], 'chatwoot: { accounts: [3, 4, 7] }'],
])(
  'a source of several accounts, where %s named: they are to be, or doctor is red',
  (_what, chosen, says) => {
    expect(connectAdvice({ ...facts, chosen }).join('\n')).toContain(says);
  },
);

test('a source of several accounts that are named already needs nothing more', () => {
  const advice = connectAdvice({ ...facts, chosen: [4, 3] }).join('\n');
  expect(advice).toContain('account 3 comes to this source too');
  expect(advice).not.toContain('accounts:');
});
