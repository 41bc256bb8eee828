import { CallFailure, type FailureKind, type Webhook } from '@switchyard/chatwoot';
import { expect, test } from 'vitest';
import { othersAt } from './facts.ts';

const url = 'https://sw.example.com/webhooks/chatwoot';
const account = (id: number) => ({ id, name: null, role: 'administrator' as const });

function othersWhere(code: string, failure: FailureKind) {
  const list = async (id: number): Promise<readonly Webhook[]> => {
    if (id === 4) throw new CallFailure(failure, 'no', { code, target: 'chatwoot' });
    return [{ id: 1, url, name: null, subscriptions: [], secret: null }];
  };
  const profile = { id: 1, name: 'Ada', accounts: [3, 4, 5].map(account) };
  return othersAt({ webhooks: { list } }, profile, { account: 3, url }, AbortSignal.timeout(5_000));
}

test.each([
  ['is suspended', 'CHATWOOT_ACCOUNT_SUSPENDED', 'refused'],
  ['has a plan without API', 'CHATWOOT_PLAN_GATE', 'refused'],
  ['was left meanwhile', 'CHATWOOT_FORBIDDEN', 'permanent'],
] as const)('an account that %s sends nothing here; the others are asked', async (_, code, failure) => {
  expect(await othersWhere(code, failure)).toEqual([5]);
});

test.each([
  ['the token is refused', 'CHATWOOT_UNAUTHORIZED', 'refused'],
  ['Chatwoot is away', 'CHATWOOT_UNAVAILABLE', 'outage'],
] as const)('nothing is concluded where %s', async (_, code, failure) => {
  await expect(othersWhere(code, failure)).rejects.toMatchObject({ code });
});
