import { expect, test } from 'vitest';
import type { AgentBot } from '../agent-bots.ts';
import { CallFailure } from '../failure.ts';
import { createAskBotOfInbox } from './ask-bot-of-inbox.ts';

const bot = { id: 5, name: 'Bot', outgoingUrl: null, accessToken: 'ours', secret: null };

function asking(answer: () => Promise<AgentBot | null>, botToken: string | null = 'ours') {
  let now = 0;
  let calls = 0;
  const ofInbox = () => {
    calls += 1;
    return answer();
  };
  const list = () => Promise.resolve([bot, { ...bot, id: 6, accessToken: 'theirs' }]);
  const of = createAskBotOfInbox({ client: { agentBots: { ofInbox, list } }, botToken, now: () => now });
  const passes = (ms: number) => {
    now += ms;
  };
  return { of, calls: () => calls, passes };
}

test.each([
  ['none', null, { kind: 'none' }],
  ['ours', bot, { kind: 'ours', id: 5 }],
  ['another', { ...bot, accessToken: 'theirs' }, { kind: 'other', id: 5 }],
] as const)('the bot of an inbox is %s', async (_what, answer, expected) => {
  expect(await asking(() => Promise.resolve(answer)).of(3, 12)).toEqual(expected);
});

test.each([
  ['none', null, bot, { kind: 'ours', id: 5 }],
  ['another', { ...bot, accessToken: 'theirs' }, bot, { kind: 'ours', id: 5 }],
] as const)(
  '%s that is remembered is asked again where something says that it is ours',
  async (_what, before, after, expected) => {
    let answer: AgentBot | null = before;
    const { of, calls } = asking(() => Promise.resolve(answer));
    const first = await of(3, 12);
    answer = after;
    expect([await of(3, 12), calls()]).toEqual([first, 1]);
    expect(await of(3, 12, { expectsOurs: true })).toEqual(expected);
    await of(3, 12, { expectsOurs: true });
    expect(calls()).toBe(2);
  },
);

test('what is remembered is asked again where that is wanted', async () => {
  let answer: AgentBot | null = bot;
  const { of } = asking(() => Promise.resolve(answer));
  await of(3, 12);
  answer = null;
  expect(await of(3, 12)).toMatchObject({ kind: 'ours' });
  expect(await of(3, 12, { again: true })).toEqual({ kind: 'none' });
});

test.each([
  ['ours', 5, { kind: 'ours', id: 5 }],
  ['another', 6, { kind: 'other', id: 6 }],
  ['gone', 7, { kind: 'none' }],
] as const)(
  'a bot that has a conversation where the inbox has none is %s',
  async (_whose, owner, expected) => {
    expect(await asking(() => Promise.resolve(null)).of(3, 12, { owner })).toEqual(expected);
    expect(await asking(() => Promise.resolve(bot)).of(3, 12, { owner })).toEqual({ kind: 'ours', id: 5 });
  },
);

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

test('a refusal leaves it unknown, an inbox that is gone has none; a failure is thrown, and asked again', async () => {
  const failure = (kind: 'permanent' | 'transient', code: string) => () =>
    Promise.reject(new CallFailure(kind, 'no', { code, target: 'chatwoot' }));
  expect(await asking(failure('permanent', 'CHATWOOT_FORBIDDEN')).of(3, 12)).toEqual({ kind: 'unknown' });
  expect(await asking(failure('permanent', 'CHATWOOT_NOT_FOUND')).of(3, 12)).toEqual({ kind: 'none' });
  const { of, calls } = asking(failure('transient', 'CHATWOOT_SERVER_ERROR'));
  await expect(of(3, 12)).rejects.toMatchObject({ failure: 'transient' });
  await expect(of(3, 12)).rejects.toMatchObject({ failure: 'transient' });
  expect(calls()).toBe(2);
});

test('where no inbox is named, nobody is asked', async () => {
  const { of, calls } = asking(() => Promise.resolve(bot));
  expect([await of(3, null), calls()]).toEqual([{ kind: 'unknown' }, 0]);
});
