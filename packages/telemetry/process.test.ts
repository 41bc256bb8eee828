import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

describe('a process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('stops in reverse order on %s and exits 0', async (signal) => {
    await using process = run('works');
    await process.says('working');
    const admin = `http://127.0.0.1:${process.find('starting')?.adminPort}`;
    expect(await (await fetch(`${admin}/readyz`)).json()).toEqual({
      status: 'ready',
      process: 'ok',
      redis: 'ok',
    });
    process.kill(signal);
    expect(await process.ended).toBe(0);
    expect(process.story()).toEqual([
      'loading',
      'starting',
      'starting work',
      'working',
      'stopping',
      'closed work',
      'stopped',
    ]);
    expect(process.find('stopping')).toMatchObject({ level: 'info', app: 'test', signal });
    expect(process.stderr).toBe('');
  });

  it('answers not ready while it starts and while it stops', async () => {
    await using process = run('closes-slowly');
    await process.says('working');
    const readyz = `http://127.0.0.1:${process.find('starting')?.adminPort}/readyz`;
    process.kill('SIGTERM');
    await process.says('closing');
    const answer = await fetch(readyz);
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { status: 'not ready', process: 'stopping', redis: 'ok' },
    ]);
    process.kill('SIGTERM');
    expect(await process.ended).toBe(1);
    expect(process.story().at(-1)).toBe('told to stop a second time; leaving at once');

    await using starting = run('starts-for-ever');
    await starting.says('starting work');
    const early = await fetch(`http://127.0.0.1:${starting.find('starting')?.adminPort}/readyz`);
    expect([early.status, await early.json()]).toEqual([503, { status: 'not ready', process: 'starting' }]);
  });

  it.each([
    ['loads-for-ever', 'loading', ['loading']],
    ['starts-for-ever', 'starting work', ['loading', 'starting', 'starting work', 'stopping', 'stopped']],
    [
      'fails-when-stopped-at-start',
      'starting work',
      ['loading', 'starting', 'starting work', 'stopping', 'start-up was cut short', 'stopped'],
    ],
    [
      'starts-while-it-stops',
      'starting work',
      ['loading', 'starting', 'starting work', 'stopping', 'closed late work', 'stopped'],
    ],
  ])('that %s stops promptly and exits 0 on a signal', async (does, moment, story) => {
    await using process = run(does);
    await process.says(moment);
    const toldAt = performance.now();
    process.kill('SIGTERM');
    expect(await process.ended).toBe(0);
    expect(performance.now() - toldAt).toBeLessThan(20_000);
    expect(process.story()).toEqual(story);
    expect(process.stderr).toBe('');
  });

  it('exits 0 on a signal at whatever moment of its start', async () => {
    for (const delayMs of [0, 2, 5, 10, 20, 40]) {
      await using process = run('works');
      await process.says('loading');
      await sleep(delayMs);
      process.kill('SIGTERM');
      expect(await process.ended).toBe(0);
      expect(process.stderr).toBe('');
      const story = process.story();
      expect(story.includes('closed work')).toBe(story.includes('working'));
    }
  });

  it('with a wrong config says each fault on standard error, and nothing else, and exits 1', async () => {
    await using process = run('has-no-config');
    expect(await process.ended).toBe(1);
    expect(process.stderr).toBe('ONE: wrong\nTWO: wrong too\n');
    expect(process.story()).toEqual(['loading']);
  });

  it('says the faults its work finds at start in the same way', async () => {
    await using process = run('refuses-to-start');
    expect(await process.ended).toBe(1);
    expect(process.stderr).toBe('ONE: wrong\nTWO: wrong too\n');
  });

  it.each([
    ['crashes-at-start', 'boom at start', ['stopped']],
    ['rejects-later', 'boom later', ['closed work', 'stopped']],
    ['throws-later', 'boom later', ['closed work', 'stopped']],
  ])('that %s logs it as fatal, closes what is open and exits 1', async (does, message, after) => {
    await using process = run(does);
    expect(await process.ended).toBe(1);
    const story = process.story();
    expect(story.slice(story.indexOf('stopping after an error nobody handled') + 1)).toEqual(after);
    expect(process.find('stopping after an error nobody handled')).toMatchObject({
      level: 'fatal',
      err: { type: 'Error', message, stack: expect.stringContaining('testing-process.ts') },
    });
  });

  it('that can’t close one thing says so, closes the others and exits 1', async () => {
    await using process = run('fails-to-close');
    await process.says('working');
    process.kill('SIGTERM');
    expect(await process.ended).toBe(1);
    expect(process.find('could not be closed in order')).toMatchObject({
      level: 'error',
      err: { message: 'boom at close' },
    });
    expect(process.story().at(-1)).toBe('stopped');
  });

  it('that never closes is ended at its limit, and says so', async () => {
    await using process = run('never-closes');
    await process.says('working');
    process.kill('SIGTERM');
    expect(await process.ended).toBe(1);
    expect(process.find('not stopped within the limit; leaving all the same')).toMatchObject({
      level: 'fatal',
      limitMs: 1_000,
    });
  });

  it.each([
    ['works', 'ADMIN_PORT'],
    ['listens', 'PORT'],
  ])('that %s on a port in use says which variable to change, and exits 1', async (does, variable) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await using process = run(does, String(port));
    expect(await process.ended).toBe(1);
    expect(process.stderr).toBe(`${variable}: port ${port} is in use on 127.0.0.1; choose another one\n`);
    await new Promise((resolve) => taken.close(resolve));
  });

  it('on an address of another machine names ADMIN_HOST, and exits 1', async () => {
    await using process = run('has-a-foreign-host');
    expect(await process.ended).toBe(1);
    expect(process.stderr).toBe('ADMIN_HOST: 192.0.2.1 is not an address of this machine\n');
  });
});

interface TestProcess extends AsyncDisposable {
  readonly stderr: string;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves once it logged this. */
  says(what: string): Promise<void>;
  /** What it logged, in order. */
  story(): string[];
  find(message: string): Record<string, unknown> | undefined;
}

function run(...args: readonly string[]): TestProcess {
  const program = fileURLToPath(new URL('./testing-process.ts', import.meta.url));
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let over = false;
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on('close', (code, signal) => {
      over = true;
      resolve(code ?? signal);
    });
  });
  const entries = (): Record<string, unknown>[] =>
    stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const story = () => entries().map(({ msg }) => String(msg));

  return {
    get stderr() {
      return stderr;
    },
    ended,
    kill: (signal) => void child.kill(signal),
    async says(what) {
      while (!story().includes(what)) {
        if (over) throw new Error(`ended without saying "${what}": ${stdout}${stderr}`);
        await sleep(5);
      }
    },
    story,
    find: (message) => entries().find(({ msg }) => msg === message),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
