import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { freePort, type RunningProcess, startProcess, startRedis } from '@switchyard/testkit';
import { afterEach, expect, test, vi } from 'vitest';
import { PASSWORD } from './testing-console.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function environment() {
  return {
    PATH: process.env.PATH,
    REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
    HOST: '127.0.0.1',
    ADMIN_PORT: String(await freePort()),
    CONSOLE_PORT: String(await freePort()),
    CONSOLE_PASSWORD: PASSWORD,
  };
}

async function start(env: NodeJS.ProcessEnv, ready = true): Promise<RunningProcess> {
  const started = await startProcess({
    name: 'console',
    command: process.execPath,
    args: [join(import.meta.dirname, 'main.ts')],
    cwd: import.meta.dirname,
    env,
    ...(ready ? { readyUrl: `http://127.0.0.1:${env.ADMIN_PORT}/readyz` } : {}),
  });
  closing.push(() => started.stop());
  return started;
}

test.each([
  ['no password', { CONSOLE_PASSWORD: '' }, /^CONSOLE_PASSWORD: not set; .*CONSOLE_AUTH=none$/],
  ['a weak one', { CONSOLE_PASSWORD: 'password1234' }, /^CONSOLE_PASSWORD: expected at least 12 characters/],
])('with %s it says so in one line and does not start', async (_what, over, line) => {
  const started = await start({ ...(await environment()), ...over }, false);
  expect(await started.exited).toEqual({ code: 1, signal: null });
  expect(started.logs()).toEqual([expect.stringMatching(line)]);
});

test('with its port taken it names the variable', async () => {
  const env = await environment();
  const taker = createServer();
  await new Promise<void>((resolve) => taker.listen(Number(env.CONSOLE_PORT), '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => taker.close(resolve)));
  const started = await start(env, false);
  expect(await started.exited).toEqual({ code: 1, signal: null });
  expect(started.logs()).toContain(
    `CONSOLE_PORT: port ${env.CONSOLE_PORT} is in use on 127.0.0.1; choose another one`,
  );
});

test('without Redis it starts, says so on its pages, recovers by itself, and stops in order', async () => {
  const env = await environment();
  const started = await start({ ...env, CONSOLE_AUTH: 'none' });
  const page = () => fetch(`http://127.0.0.1:${env.CONSOLE_PORT}/dead`, { headers: { accept: 'text/html' } });
  const metrics = async () => (await fetch(`http://127.0.0.1:${env.ADMIN_PORT}/metrics`)).text();
  expect((await page()).status).toBe(503);
  expect(await metrics()).toMatch(/^switchyard_redis_up\{node="127\.0\.0\.1:\d+"\} 0$/m);
  const readiness = await fetch(`http://127.0.0.1:${env.ADMIN_PORT}/readyz`);
  expect([readiness.status, await readiness.text()]).toEqual([200, expect.stringContaining('away')]);

  const redis = await startRedis({ owned: true, port: Number(new URL(env.REDIS_URL).port) });
  closing.push(() => redis.close());
  await vi.waitFor(async () => expect((await page()).status).toBe(200), 20_000);
  const board = await fetch(`http://127.0.0.1:${env.CONSOLE_PORT}/jobs/api/queues`);
  expect(board.status).toBe(200);
  await vi.waitFor(async () => expect(await metrics()).toMatch(/^switchyard_redis_up\{.*\} 1$/m), 20_000);
  expect(await metrics()).toContain('switchyard_jobs{queue="routing",state="waiting"} 0');

  await redis.kill();
  await vi.waitFor(async () => expect((await page()).status).toBe(503), 20_000);
  expect(await started.stop('SIGTERM', 15_000)).toEqual({ code: 0, signal: null });
  expect(started.logs().join('\n')).not.toContain(PASSWORD);
});

test('GET //evil.example/x before the login sends the browser nowhere else', async () => {
  const env = await environment();
  await start({ ...env, CONSOLE_PASSWORD: PASSWORD });
  for (const path of ['//evil.example/x', '/\\evil.example/x']) {
    const headers = { accept: 'text/html', 'sec-fetch-site': 'cross-site' };
    const asked = get({ host: '127.0.0.1', port: Number(env.CONSOLE_PORT), path, headers });
    const [answer]: IncomingMessage[] = await once(asked, 'response');
    answer?.resume();
    expect([answer?.statusCode, answer?.headers.refresh]).toEqual([200, '0; url=/']);
  }
});
