import { emptyRedis } from '@switchyard/testkit';
import { expect, inject, it, onTestFinished } from 'vitest';
import { shardPrefix } from './keys.ts';
import { connectRedis } from './redis.ts';
import { createRehearsals, isRehearsal } from './rehearsals.ts';
import { createJobState } from './state.ts';
import { testingRuntime } from './testing-context.ts';

it('is known on every shard by account, inbox and contact, longer than any job is', async () => {
  const redis = connectRedis({
    url: await emptyRedis(inject('redisUrl')),
    log: testingRuntime().log,
    temper: 'patient',
  });
  onTestFinished(() => redis.close());
  const rehearsals = createRehearsals(redis, 3);
  const states = [0, 1, 2].map((shard) => createJobState(redis.client, shardPrefix(shard), 'crm-sync'));
  const known = (account: number, inbox: number | null, contact: number | null) =>
    Promise.all(states.map((state) => isRehearsal(state, account, inbox, contact)));
  const nowhere = [false, false, false];

  expect(await known(3, 27, 5)).toEqual(nowhere);
  await rehearsals.add(3, 27, 5);
  expect(await known(3, 27, 5)).toEqual([true, true, true]);
  for (const [account, inbox, contact] of [
    [3, 27, 6],
    [3, 28, 5],
    [4, 27, 5],
    [3, null, 5],
    [3, 27, null],
  ] as const)
    expect(await known(account, inbox, contact)).toEqual(nowhere);
  const left = await redis.client.pttl('{switchyard:2}:state:crm-sync:rehearsal:3:27:5');
  // A job may be held for 14 days, be dead for 30, and be redriven then.
  expect(left).toBeGreaterThan(47 * 24 * 60 * 60_000);
});
