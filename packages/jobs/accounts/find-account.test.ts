import type { ConversationState } from '@switchyard/chatwoot';
import { describe, expect, test } from 'vitest';
import { eventOf } from '../testing-events.ts';
import { type AccountFinderSettings, createAccountFinder } from './find-account.ts';
import { accountsClient, failure } from './testing-accounts.ts';

const base = eventOf(17).conversation;
if (base === null) throw new Error('the event has no conversation');
const conversation = { ...base, createdAt: 1_000_000 };
const bare = eventOf(17, { account: null, conversation });
const here: ConversationState = {
  ...conversation,
  inboxId: 12,
  contact: null,
  snoozedUntil: null,
  waitingSince: null,
};
const elsewhere = { ...here, inboxId: 99 };
const find = (client: AccountFinderSettings['client'], sources: AccountFinderSettings['sources'] = {}) =>
  createAccountFinder({ sources, client }).find(bare, new AbortController().signal);

describe('the account of an event that names none', () => {
  test('is its source’s, and Chatwoot is not asked', async () => {
    expect(await find(null, { default: 7 })).toEqual({ account: 7, by: 'source' });
  });

  test('is the only one that the token sees', async () => {
    expect(await find(accountsClient({ 4: null }), { default: null })).toEqual({ account: 4, by: 'token' });
  });

  test('is the one of several that surely has the conversation', async () => {
    const client = accountsClient({
      1: elsewhere,
      2: here,
      3: null,
      4: failure('permanent', 'CHATWOOT_FORBIDDEN'),
    });
    expect(await find(client)).toEqual({ account: 2, by: 'looked-up' });
  });

  test.each([
    ['there is no token', null, 'no CHATWOOT_API_TOKEN'],
    ['the token sees none', accountsClient({}), 'sees 0 accounts'],
    ['none has it', accountsClient({ 1: elsewhere, 2: null }), 'sees 2 accounts, of which none'],
    ['several have it', accountsClient({ 1: here, 2: here }), 'of which 2'],
  ])('is unknown when %s, and the error says what to set', async (_what, client, says) => {
    const failed = find(client);
    await expect(failed).rejects.toMatchObject({ failure: 'permanent', code: 'ACCOUNT_UNKNOWN' });
    await expect(failed).rejects.toThrow(says);
    await expect(failed).rejects.toThrow('set CHATWOOT_ACCOUNT');
  });

  test.each(['outage', 'permanent', 'rate-limited'] as const)(
    'is asked for again after a failure that is %s, which holds no other job and kills none',
    async (kind) => {
      const client = accountsClient({ 1: null }, { failure: failure(kind, 'CHATWOOT_TEST') });
      await expect(find(client)).rejects.toMatchObject({ failure: 'transient', code: 'CHATWOOT_TEST' });
    },
  );

  test('holds everything while the token is refused', async () => {
    const client = accountsClient({ 1: null }, { failure: failure('refused', 'CHATWOOT_UNAUTHORIZED') });
    await expect(find(client)).rejects.toMatchObject({
      failure: 'refused',
      scope: 'target',
      code: 'CHATWOOT_UNAUTHORIZED',
    });
  });

  test.each(['CHATWOOT_ACCOUNT_SUSPENDED', 'CHATWOOT_PLAN_GATE'])(
    'is waited for while the one that may have it is shut (%s)',
    async (code) => {
      const client = accountsClient({ 1: elsewhere, 2: failure('refused', code), 3: null });
      await expect(find(client)).rejects.toMatchObject({ failure: 'transient', scope: 'item', code });
    },
  );

  test('is the one that surely has the conversation, although another is shut', async () => {
    const client = accountsClient({ 1: failure('refused', 'CHATWOOT_ACCOUNT_SUSPENDED'), 2: here });
    expect(await find(client)).toEqual({ account: 2, by: 'looked-up' });
  });

  test('is not decided while one of several accounts does not answer', async () => {
    const client = accountsClient({ 1: here, 2: failure('outage', 'CHATWOOT_UNAVAILABLE') });
    await expect(find(client)).rejects.toMatchObject({ failure: 'transient' });
  });
});
