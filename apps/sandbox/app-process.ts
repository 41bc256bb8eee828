import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '@switchyard/testkit';
import { z } from 'zod';
import type { Board } from './board.ts';
import type { LogTail } from './log-tail.ts';
import type { ProcessState } from './view.ts';

export interface AppProcess {
  readonly name: string;
  /** Resolves when `/readyz` answers 200. @throws when the process ends first, or the time is up. */
  untilReady(signal: AbortSignal, ms?: number): Promise<void>;
  /** SIGKILL; it is started again like any app that dies. */
  kill(): void;
  /** SIGTERM, and SIGKILL when that takes too long; it stays down. */
  stop(): Promise<void>;
}

export interface AppProcessOptions {
  readonly name: string;
  readonly root: string;
  readonly env: Environment;
  readonly adminPort: number;
  readonly board: Board;
  readonly logs: LogTail;
}

const healthEveryMs = 300;
const stopMs = 5_000;
const firstPauseMs = 200;
const longestPauseMs = 5_000;

/**
 * Runs one app as a process of its own, watches its health and its lines for the board, and starts it again
 * when it dies.
 */
export function startAppProcess(options: AppProcessOptions): AppProcess {
  const { name, root, env, adminPort, board, logs } = options;
  const ended = new AbortController();
  let child: ChildProcess | null = null;
  let state: ProcessState = 'starting';
  let detail = '';
  let restarts = 0;
  let troubles = 0;
  let lastTrouble = '';
  let pauseMs = firstPauseMs;
  let gone = Promise.resolve();

  const show = () => {
    board.set(`process/${name}`, {
      name,
      kind: 'app',
      state,
      detail,
      pid: child?.pid ?? null,
      restarts,
      troubles,
    });
  };
  const become = (now: ProcessState, why = '') => {
    state = now;
    detail = why;
    show();
  };
  const note = (line: string) => {
    const { level, text } = logs.add(name, line);
    if (level !== 'warn' && level !== 'error') return;
    troubles += 1;
    if (level === 'error') lastTrouble = text;
    show();
  };

  const run = () => {
    const started = spawn(
      process.execPath,
      ['--import', import.meta.resolve('./end-with-parent.ts'), join(root, 'apps', name, 'main.ts')],
      // A session of its own: Ctrl-C is for the sandbox, which then stops the apps in order.
      { cwd: root, env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'], detached: true },
    );
    child = started;
    // A process that is already gone breaks the pipe; its end is noticed by 'close'.
    started.stdin.on('error', () => {});
    for (const output of [started.stdout, started.stderr])
      createInterface({ input: output }).on('line', note);
    become('starting');
    gone = new Promise((resolve) => {
      started.once('error', (error) => note(`can't be started: ${error.message}`));
      started.once('close', (code, signal) => {
        child = null;
        resolve();
        if (ended.signal.aborted) return;
        become('down', signal === null ? `ended with code ${code}` : `ended by ${signal}`);
        void startAgain();
      });
    });
  };
  const startAgain = async () => {
    const pause = pauseMs;
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    await sleep(pause, undefined, { signal: ended.signal }).catch(() => undefined);
    if (ended.signal.aborted) return;
    restarts += 1;
    run();
  };
  const watchHealth = async () => {
    while (!ended.signal.aborted) {
      const asked = child;
      const health = asked === null ? null : await askHealth(adminPort);
      // The answer of a process that died meanwhile says nothing of the next one.
      if (asked !== null && asked === child) {
        if (health?.ok === true) {
          pauseMs = firstPauseMs;
          become('ready', health.detail);
        } else if (state !== 'starting') {
          become('not-ready', health?.detail ?? 'does not answer');
        }
      }
      await sleep(healthEveryMs, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  };
  const endAtOnce = () => child?.kill('SIGKILL');

  process.on('exit', endAtOnce);
  run();
  void watchHealth();

  return {
    name,
    async untilReady(signal, ms = 30_000) {
      const deadline = Date.now() + ms;
      const restartsBefore = restarts;
      while (state !== 'ready') {
        signal.throwIfAborted();
        if (state === 'down' || restarts > restartsBefore) {
          throw new Error(lastTrouble === '' ? `${name} ${detail}` : lastTrouble);
        }
        if (Date.now() > deadline)
          throw new Error(`${name} was not ready within ${ms / 1_000} s: ${lastTrouble}`);
        await sleep(20);
      }
    },
    kill() {
      become('down', 'killed by the visitor');
      child?.kill('SIGKILL');
    },
    async stop() {
      ended.abort();
      child?.kill('SIGTERM');
      const timer = setTimeout(endAtOnce, stopMs);
      await gone;
      clearTimeout(timer);
      process.off('exit', endAtOnce);
    },
  };
}

const healthAnswer = z.record(z.string(), z.string());

async function askHealth(adminPort: number): Promise<{ ok: boolean; detail: string } | null> {
  try {
    const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`, {
      signal: AbortSignal.timeout(2_000),
    });
    const { status: _, ...dependencies } = healthAnswer.parse(await response.json());
    const wrong = Object.entries(dependencies).filter(([, words]) => words !== 'ok');
    return { ok: response.ok, detail: wrong.map(([name, words]) => `${name}: ${words}`).join('; ') };
  } catch {
    return null;
  }
}
