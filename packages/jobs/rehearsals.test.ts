import { emptyRedis } from '@switchyard/testkit';
import { expect, inject, it, onTestFinished } from 'vitest';
import { shardPrefix } from './keys.ts';
import { connectRedis } from './redis.ts';
import { createRehearsals, isRehearsal } from './rehearsals.ts';
import { createJobState } from './state.ts';
import { testingRuntime } from './testing-context.ts';

it('is known on every shard, by account and inbox, until it ends', async () => {
  const redis = connectRedis({
    url: await emptyRedis(inject('redisUrl')),
    log: testingRuntime().log,
    temper: 'patient',
  });
  onTestFinished(() => redis.close());
  const rehearsals = createRehearsals(redis, 3);
  const states = [0, 1, 2].map((shard) => createJobState(redis.client, shardPrefix(shard), 'crm-sync'));
  const known = (account: number, inbox: number | null) =>
    Promise.all(states.map((state) => isRehearsal(state, account, inbox)));

  await rehearsals.begin(3, 27, 60_000);
  expect(await known(3, 27)).toEqual([true, true, true]);
  expect(await known(3, 28)).toEqual([false, false, false]);
  expect(await known(4, 27)).toEqual([false, false, false]);
  expect(await known(3, null)).toEqual([false, false, false]);
  const left = await redis.client.pttl('{switchyard:2}:state:crm-sync:rehearsal:3:27');
  expect(left).toBeGreaterThan(0);
  await rehearsals.end(3, 27);
  expect(await known(3, 27)).toEqual([false, false, false]);
});
