import { spawn } from 'node:child_process';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { freePort } from './ports.ts';
import { type ProcessOptions, type RunningProcess, startProcess } from './processes.ts';

const started: RunningProcess[] = [];
const run = async (code: string, options: Partial<ProcessOptions> = {}) => {
  const running = await startProcess({
    name: 'it',
    command: process.execPath,
    args: ['-e', code],
    ...options,
  });
  started.push(running);
  return running;
};
afterEach(async () => {
  for (const running of started.splice(0)) await running.stop('SIGKILL');
});

const stayAlive = 'setInterval(() => {}, 1000);';

describe('startProcess', () => {
  it('waits for a line on either output', async () => {
    const running = await run(`console.error('ready 42'); ${stayAlive}`, { readyLine: /ready \d+/ });
    expect(running.logs()).toEqual(['ready 42']);
  });

  it('waits for an URL that answers', async () => {
    const port = await freePort();
    const code = `setTimeout(() => require('http').createServer((q, s) => s.end()).listen(${port}), 100)`;
    await run(code, { readyUrl: `http://127.0.0.1:${port}/readyz` });
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  });

  it('fails with the last lines when the process ends before it is ready', async () => {
    const code = "console.log('CRM_URL: not an URL'); process.exit(1)";
    await expect(run(code, { readyLine: 'listening' })).rejects.toThrow(
      /it ended \(exit code 1\) .*\n {2}CRM_URL: not an URL/,
    );
    await expect(run(code, { readyUrl: 'http://127.0.0.1:1/' })).rejects.toThrow(/exit code 1/);
  });

  it('fails, and leaves nothing running, when the process is not ready in time', async () => {
    const code = `console.log(process.pid); ${stayAlive}`;
    const error = await run(code, { readyLine: 'listening', readyMs: 500 }).catch(String);
    expect(error).toMatch(/took 500 ms/);
    const pid = Number(/^ {2}(\d+)$/m.exec(String(error))?.[1]);
    expect(isAlive(pid)).toBe(false);
  });

  it('names the program that is not there', async () => {
    await expect(startProcess({ name: 'nothing', command: '/no/such/program' })).rejects.toThrow(
      /nothing can't be started: .*ENOENT/,
    );
  });

  it('gives the child the environment it was told and no other', async () => {
    const running = await run('console.log(JSON.stringify(process.env))', { env: { ONLY: 'this' } });
    await running.exited;
    expect(JSON.parse(running.logs().join(''))).toMatchObject({ ONLY: 'this' });
    expect(running.logs().join('')).not.toContain('PATH');
  });

  it('stops with SIGTERM, and with SIGKILL after the grace', async () => {
    const polite = await run(
      `process.on('SIGTERM', () => process.exit(7)); console.log('up'); ${stayAlive}`,
      {
        readyLine: 'up',
      },
    );
    expect(await polite.stop()).toEqual({ code: 7, signal: null });
    const deaf = await run(`process.on('SIGTERM', () => {}); console.log('up'); ${stayAlive}`, {
      readyLine: 'up',
    });
    expect(await deaf.stop('SIGTERM', 100)).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await deaf.stop()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('keeps the last 2000 lines', async () => {
    const running = await run('for (let i = 0; i < 2500; i++) console.log(i)');
    await running.exited;
    expect(running.logs()).toHaveLength(2000);
    expect(running.logs().at(-1)).toBe('2499');
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'does not leave a child or its folder behind when its parent gets %s',
    async (signal) => {
      const folder = await mkdtemp(join(tmpdir(), 'switchyard-orphan-'));
      const script = `
        import { startProcess } from ${JSON.stringify(join(import.meta.dirname, 'processes.ts'))};
        const child = await startProcess({
          name: 'child', command: process.execPath, args: ['-e', ${JSON.stringify(stayAlive)}],
          detached: true, folder: ${JSON.stringify(folder)},
        });
        console.log(child.pid);`;
      const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const pid = await new Promise<number>((resolve) => {
        createInterface({ input: parent.stdout }).once('line', (line) => resolve(Number(line)));
      });
      expect(isAlive(pid)).toBe(true);
      parent.kill(signal);
      await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 30_000 });
      await vi.waitFor(() => expect(readdir(folder)).rejects.toThrow(/ENOENT/), { timeout: 30_000 });
    },
  );
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
