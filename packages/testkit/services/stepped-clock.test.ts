import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { startProcess } from './processes.ts';
import { startRedis } from './redis.ts';
import { createSteppedClock } from './stepped-clock.ts';

const TELL = 'setInterval(() => console.log(JSON.stringify([Date.now(), performance.now()])), 50)';

test('a running process has its wall clock stepped, forward and back, and its timers go on', async ({
  skip,
}) => {
  const clock = await createSteppedClock();
  if (clock === null) return skip('needs Debian or Ubuntu');
  const told = await startProcess({
    name: 'clock',
    command: process.execPath,
    args: ['--eval', TELL],
    env: { PATH: process.env.PATH, ...clock.env },
    readyLine: '[',
  });
  const wrongBy = () => (Number(JSON.parse(told.logs().at(-1) ?? '[0]')[0]) - Date.now()) / 1000;
  const until = async (seconds: number) => {
    while (Math.abs(wrongBy() - seconds) > 20) await sleep(50);
  };
  try {
    await until(0);
    await clock.step(240);
    await until(240);
    await clock.step(-240);
    await until(-240);
    const steps = told.logs().map((line) => Number(JSON.parse(line)[1]));
    expect(steps).toEqual(steps.toSorted((one, other) => one - other));
  } finally {
    await told.stop();
    await clock.close();
  }
});

test('so has a Redis', async ({ skip }) => {
  const clock = await createSteppedClock();
  if (clock === null) return skip('needs Debian or Ubuntu');
  const dir = await mkdtemp(join(tmpdir(), 'switchyard-clock-test-'));
  const redis = await startRedis({ owned: true, dir, env: { ...process.env, ...clock.redisEnv } });
  const client = new Redis(redis.url);
  const wrongBy = async () => Number((await client.time())[0]) - Date.now() / 1000;
  try {
    await client.set('kept', 'for a minute', 'EX', 60);
    expect(Math.abs(await wrongBy())).toBeLessThan(20);
    await clock.step(120);
    while ((await wrongBy()) < 100) await sleep(100);
    expect(await client.get('kept')).toBeNull();
  } finally {
    client.disconnect();
    await redis.close();
    await clock.close();
    await rm(dir, { recursive: true, force: true });
  }
});
