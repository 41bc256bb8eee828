import { createLogger } from '@switchyard/telemetry';
import { emptyRedis } from '@switchyard/testkit';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createBotSwitch } from './bot-switch.ts';
import { connectRedis, type RedisConnection } from './redis.ts';

let redis: RedisConnection;

beforeEach(async () => {
  const url = await emptyRedis(inject('redisUrl'));
  redis = connectRedis({ url, log: createLogger({ app: 'test', level: 'silent' }), temper: 'patient' });
});
afterEach(() => redis.close());

test('the bot is on until somebody turns it off, and then it says who did and when', async () => {
  const botSwitch = createBotSwitch(redis, () => 5_000);
  const untouched = { on: true, at: null, by: null };
  expect(await botSwitch.read()).toEqual(untouched);

  const off = { on: false, at: 5_000, by: 'ada@desk' };
  expect(await botSwitch.turn(false, 'ada@desk')).toEqual({ before: untouched, now: off });
  // Another process, or this one after a restart.
  expect(await createBotSwitch(redis).read()).toEqual(off);

  expect((await botSwitch.turn(true, 'grace@desk')).now).toEqual({ on: true, at: 5_000, by: 'grace@desk' });
});

test('who turns it to where it is does not take the place of who turned it', async () => {
  await createBotSwitch(redis, () => 5_000).turn(false, 'ada@desk');
  const { before, now } = await createBotSwitch(redis, () => 9_000).turn(false, 'grace@desk');
  expect(now).toEqual(before);
  expect(now).toEqual({ on: false, at: 5_000, by: 'ada@desk' });
});

test('a record that nobody can read counts as off: silent, and people have it', async () => {
  await redis.client.set('{switchyard:0}:bot-switch', 'on');
  expect(await createBotSwitch(redis).read()).toEqual({ on: false, at: null, by: null });
});

test('a name is kept up to a hundred characters', async () => {
  const { now } = await createBotSwitch(redis).turn(false, 'x'.repeat(1_000));
  expect(now.by).toHaveLength(100);
});
