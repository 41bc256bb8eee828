import { type AgentBot, CallFailure } from '@switchyard/chatwoot';
import { expect, test } from 'vitest';
import { createInboxBots } from './inbox-bots.ts';

const bot = { id: 5, name: 'Bot', outgoingUrl: null, accessToken: 'ours', secret: null };

function asking(answer: () => Promise<AgentBot | null>, botToken: string | null = 'ours') {
  let now = 0;
  let calls = 0;
  const ofInbox = () => {
    calls += 1;
    return answer();
  };
  const unused = () => Promise.reject(new Error('not asked for'));
  const agentBots = {
    ofInbox,
    list: unused,
    create: unused,
    update: unused,
    connect: unused,
    checkToken: unused,
  };
  const of = createInboxBots({ client: { agentBots }, botToken, now: () => now });
  const passes = (ms: number) => {
    now += ms;
  };
  return { of, calls: () => calls, passes };
}

test.each([
  ['none', null, 'ours', { kind: 'none' }],
  ['ours', bot, 'ours', { kind: 'ours', id: 5 }],
  ['ours, where its token is hidden', { ...bot, accessToken: null }, 'ours', { kind: 'ours', id: 5 }],
  ['ours, where we have no token to compare', bot, null, { kind: 'ours', id: 5 }],
  ['another', { ...bot, accessToken: 'theirs' }, 'ours', { kind: 'other', id: 5 }],
] as const)('the bot of an inbox is %s', async (_what, answer, token, expected) => {
  const { of } = asking(() => Promise.resolve(answer), token);
  expect(await of(3, 12)).toEqual(expected);
});

test('Chatwoot is asked once for all who ask at a time, and again after a minute', async () => {
  const { of, calls, passes } = asking(() => Promise.resolve(bot));
  await Promise.all([of(3, 12), of(3, 12)]);
  passes(59_000);
  await of(3, 12);
  expect(calls()).toBe(1);
  await of(3, 13);
  passes(1_000);
  await of(3, 12);
  expect(calls()).toBe(3);
});

test('a refusal leaves it to what the conversation shows; a failure is thrown, and asked again', async () => {
  const failure = (kind: 'permanent' | 'transient', code: string) => () =>
    Promise.reject(new CallFailure(kind, 'no', { code, target: 'chatwoot' }));
  expect(await asking(failure('permanent', 'CHATWOOT_NOT_FOUND')).of(3, 12)).toEqual({ kind: 'unknown' });
  const { of, calls } = asking(failure('transient', 'CHATWOOT_SERVER_ERROR'));
  await expect(of(3, 12)).rejects.toMatchObject({ failure: 'transient' });
  await expect(of(3, 12)).rejects.toMatchObject({ failure: 'transient' });
  expect(calls()).toBe(2);
});

test('where no inbox is named, nobody is asked', async () => {
  const { of, calls } = asking(() => Promise.resolve(bot));
  expect([await of(3, null), calls()]).toEqual([{ kind: 'unknown' }, 0]);
});
