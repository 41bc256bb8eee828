import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startProcess } from '@switchyard/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-run-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** `npm run ingress` as an operator starts it, in a process group of its own. */
async function npmRunIngress() {
  const port = await freePort();
  const started = await startProcess({
    name: 'npm run ingress',
    command: 'npm',
    args: ['run', 'ingress'],
    cwd: root,
    detached: true,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: '0',
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
      SPOOL_DIR: join(folder, `spool-${port}`),
      CHATWOOT_WEBHOOK_SECRET: 'hG7kQ2mVx9RtYb4LnWc8ZpDs',
    },
    readyLine: 'listening',
  });
  return { started, port };
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  const free = await Promise.race([
    once(server, 'listening').then(() => true),
    once(server, 'error').then(() => false),
  ]);
  server.close();
  return free;
}

test('npm run ingress passes SIGTERM on: the app stops in order and leaves its port', async () => {
  const { started, port } = await npmRunIngress();
  started.kill('SIGTERM');
  await started.waitForLog('"msg":"stopped"', 30_000);
  await started.exited;
  expect(await isFree(port)).toBe(true);
});

test('SIGTERM to the whole group of npm run ingress stops it in order, each time', async () => {
  for (let turn = 0; turn < 3; turn += 1) {
    const { started, port } = await npmRunIngress();
    process.kill(-started.pid, 'SIGTERM');
    await started.waitForLog('"msg":"stopped"', 30_000);
    await started.exited;
    expect(started.logs().join('\n')).not.toContain('a second time');
    expect(await isFree(port)).toBe(true);
  }
});
