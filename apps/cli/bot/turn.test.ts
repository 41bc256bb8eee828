import { emptyRedis } from '@switchyard/testkit';
import { beforeEach, expect, inject, test } from 'vitest';
import { type CliRun, runCli } from '../testing-cli.ts';

let url: string;
beforeEach(async () => {
  url = await emptyRedis(inject('redisUrl'));
});

function bot(...args: readonly string[]): Promise<CliRun> {
  return runCli(['bot', ...args], { env: { REDIS_URL: url } });
}

test('turns the bot off and on, and tells who did and since when', async () => {
  expect(await bot('status')).toMatchObject({ code: 0, stdout: expect.stringContaining('the bot is on') });

  const off = await bot('off', '--by', 'Ada\u001b[2J, on call');
  expect(off).toMatchObject({ code: 0, stdout: expect.stringContaining('the bot is off') });
  const again = await bot('off', '--by', 'Grace');
  expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/off already.*by Ada\[2J, on call/) });
  const asked = await bot('status', '--json');
  expect(asked.code).toBe(1);
  expect(JSON.parse(asked.stdout)).toEqual({
    bot: { on: false, at: expect.any(Number), by: 'Ada\u001b[2J, on call' },
  });

  expect(await bot('on')).toMatchObject({ code: 0, stdout: expect.stringContaining('answers again') });
  expect(JSON.parse((await bot('status', '--json')).stdout)).toMatchObject({
    bot: { on: true, by: expect.stringContaining('@') },
  });
});
