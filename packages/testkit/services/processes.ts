import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from './environment.ts';
import { tieToParent } from './lifeline.ts';
import { LogBuffer } from './log-buffer.ts';

export interface ProcessOptions {
  /** For messages: `ingress`, `Redis`. */
  name: string;
  command: string;
  args?: readonly string[];
  /** The child's whole environment; ours when left out. */
  env?: Environment;
  cwd?: string;
  /** The process is ready once it has written a line that has this in it, on either output. */
  readyLine?: string | RegExp;
  /** The process is ready once a GET here is answered with a 2xx. */
  readyUrl?: string;
  /** How long it may take to become ready; 180 000 when left out. */
  readyMs?: number;
  /** A file that takes what it writes, at its end; `logs` and `waitForLog` see nothing of it then. */
  output?: string;
  /** A session of its own, so that Ctrl-C in the terminal reaches us and not the child. */
  detached?: boolean;
  /** A temporary folder that is the child's own: removed if we die before the child is stopped. */
  folder?: string;
}

export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process is gone; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** The last 2 000 lines it wrote, standard output and standard error together. */
  logs(): string[];
  /** The first line that matches, written already or within `ms`. Throws on timeout and when it ends first. */
  waitForLog(pattern: string | RegExp, ms: number): Promise<string>;
  kill(signal?: NodeJS.Signals): void;
  /** Sends the signal (SIGTERM), and SIGKILL when it is still there after `graceMs` (10 000). */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<ProcessExit>;
}

/**
 * Starts a process and waits until it is ready (at once when neither `readyLine` nor `readyUrl` is given).
 * It doesn't outlive this process.
 *
 * @throws when it can't be started, ends before it is ready, or takes longer than `readyMs`; the message has
 * its last lines, and the process is gone by then.
 */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const { name, command, args = [], env, cwd, output, detached = false, folder } = options;
  const file = output === undefined ? null : openSync(output, 'a');
  const child = spawn(command, args, {
    stdio: ['ignore', file ?? 'pipe', file ?? 'pipe'],
    detached,
    ...(env === undefined ? {} : { env: { ...env } }),
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (file !== null) closeSync(file);
  const log = new LogBuffer();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) =>
      log.add(line),
    );
  }
  const pid = await spawned(child, name);
  const lifeline = tieToParent(pid, folder);
  let gone = false;
  // 'close' and not 'exit': by then everything it wrote has been read.
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  child.once('exit', () => {
    gone = true;
    lifeline.cut();
  });

  const running: RunningProcess = {
    name,
    pid,
    exited,
    logs: () => log.lines(),
    waitForLog: (pattern, ms) => waitForLog(running, log, pattern, ms),
    kill: (signal = 'SIGKILL') => {
      if (!gone) child.kill(signal);
    },
    stop: async (signal = 'SIGTERM', graceMs = 10_000) => {
      running.kill(signal);
      const timer = setTimeout(() => running.kill('SIGKILL'), graceMs);
      try {
        return await exited;
      } finally {
        clearTimeout(timer);
      }
    },
  };
  try {
    await untilReady(running, log, options);
  } catch (error) {
    await running.stop('SIGKILL');
    throw error;
  }
  return running;
}

function spawned(child: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`${name} can't be started: ${error.message}`)));
    child.once('spawn', () => {
      if (child.pid !== undefined) resolve(child.pid);
    });
  });
}

async function untilReady(running: RunningProcess, log: LogBuffer, options: ProcessOptions): Promise<void> {
  const { readyLine, readyUrl, readyMs = 180_000 } = options;
  const deadline = Date.now() + readyMs;
  if (readyLine !== undefined) await running.waitForLog(readyLine, readyMs);
  if (readyUrl !== undefined) await untilAnswered(running, log, readyUrl, deadline);
}

function waitForLog(
  running: RunningProcess,
  log: LogBuffer,
  pattern: string | RegExp,
  ms: number,
): Promise<string> {
  // search() and not test(): a /g pattern remembers where test() stopped.
  const matches = (line: string) =>
    typeof pattern === 'string' ? line.includes(pattern) : line.search(pattern) !== -1;
  const already = log.lines().find(matches);
  if (already !== undefined) return Promise.resolve(already);
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      unfollow();
      settle();
    };
    const fail = (what: string) =>
      finish(() => reject(new Error(`${running.name} ${what} before it wrote ${pattern}:\n${log.tail()}`)));
    const unfollow = log.follow((line) => {
      if (matches(line)) finish(() => resolve(line));
    });
    const timer = setTimeout(() => fail(`took ${ms} ms`), ms);
    void running.exited.then((exit) => fail(`ended (${describeExit(exit)})`));
  });
}

async function untilAnswered(
  running: RunningProcess,
  log: LogBuffer,
  url: string,
  deadline: number,
): Promise<void> {
  const ended = running.exited.then(describeExit);
  for (;;) {
    const answer = await Promise.race([answers(url), ended]);
    if (answer === true) return;
    if (typeof answer === 'string') {
      throw new Error(`${running.name} ended (${answer}) before it answered ${url}:\n${log.tail()}`);
    }
    if (Date.now() > deadline) {
      throw new Error(`${running.name} did not answer ${url} in time:\n${log.tail()}`);
    }
    await sleep(50);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

function describeExit(exit: ProcessExit): string {
  return exit.signal === null ? `exit code ${exit.code}` : exit.signal;
}
