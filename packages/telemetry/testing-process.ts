import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Running, runProcess } from './process.ts';

/**
 * A process for the tests of runProcess: `node testing-process.ts <what it does> [admin port]`. It prints what
 * it opens and closes.
 */
const [does = '', adminPort = '0'] = process.argv.slice(2);
const never = new Promise<never>(() => {});

class Told extends Error {
  readonly lines = ['ONE: wrong', 'TWO: wrong too'];
}

await runProcess('test', loadConfig, async (_config, { health, log }) => {
  const say = (what: string) => log.info(what);
  say('starting work');
  if (does === 'refuses-to-start') throw new Told();
  if (does === 'crashes-at-start') throw new Error('boom at start');
  if (does === 'starts-for-ever') await never;
  if (does === 'fails-when-stopped-at-start') {
    await new Promise((resolve) => process.once('SIGTERM', resolve));
    throw new Error('cut off');
  }
  if (does === 'starts-while-it-stops') {
    await new Promise((resolve) => process.once('SIGTERM', resolve));
    return closable('late work', say);
  }
  if (does === 'listens') await listen(Number(adminPort));
  health.dependency('redis').ready();
  if (does === 'rejects-later') setTimeout(() => void Promise.reject(new Error('boom later')), 50);
  if (does === 'throws-later') {
    setTimeout(() => {
      throw new Error('boom later');
    }, 50);
  }
  say('working');
  return closable('work', say);
});

async function loadConfig() {
  process.stdout.write('{"msg":"loading"}\n');
  if (does === 'has-no-config') throw new Told();
  if (does === 'loads-for-ever') {
    setInterval(() => {}, 1_000);
    await never;
  }
  return {
    file: null,
    adminHost: does === 'has-a-foreign-host' ? '192.0.2.1' : '127.0.0.1',
    adminPort: does === 'listens' ? 0 : Number(adminPort),
    logLevel: does === 'has-no-config' ? 'silent' : 'info',
    // close-with-grace gets 5 s on top.
    shutdownTimeoutMs: does === 'never-closes' ? -4_000 : 1_000,
  };
}

function closable(what: string, say: (what: string) => void): Running {
  return {
    async close() {
      if (does === 'never-closes' || does === 'closes-slowly') say('closing');
      if (does === 'never-closes') await never;
      if (does === 'closes-slowly') await sleep(3_000);
      if (does === 'fails-to-close') throw new Error('boom at close');
      say(`closed ${what}`);
    },
  };
}

async function listen(port: number): Promise<void> {
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(null));
  });
}
