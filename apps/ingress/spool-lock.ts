import { link, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FILE_MODE } from './spool-disk.ts';

export interface Lock {
  release(): Promise<void>;
}

export interface LockSettings {
  /** How often a holder shows that it lives, in milliseconds. */
  readonly beatMs?: number;
  /** This process, as it writes itself into the lock; another in tests. */
  readonly holder?: Holder;
  /**
   * How long a living holder is waited for, in milliseconds: a supervisor may start the next process while the one
   * before still stops. 0 when left out.
   */
  readonly waitMs?: number;
  /** The wait begins. */
  readonly onWait?: (holder: string) => void;
}

const LOOK_AGAIN_MS = 100;

export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in the kernel's words; tells a living process from another with its pid. */
  readonly started: string;
}

/** A holder on another host (a container on the same volume) is dead when it was silent this many beats. */
const BEATS = 5;

/**
 * Makes this process the only one that uses the directory. On the same host a dead holder is known by its pid and
 * start time and replaced at once; on another host, where pids say nothing, by its silence.
 *
 * @throws {LockedError} naming the holder.
 */
export async function lockDirectory(dir: string, settings: LockSettings = {}): Promise<Lock> {
  const { beatMs = 1_000, holder = await thisProcess(), waitMs = 0, onWait } = settings;
  const giveUpAt = performance.now() + waitMs;
  let waiting = false;
  const path = join(dir, 'lock');
  const mine = `${JSON.stringify(holder)}\n`;
  while (!(await create(path, mine))) {
    const theirs = await readFile(path, 'utf8').catch(() => null);
    if (theirs === null) continue;
    if (await isAlive(path, theirs, holder, beatMs)) {
      const locked = new LockedError(parseHolder(theirs));
      if (performance.now() >= giveUpAt) throw locked;
      if (!waiting) onWait?.(locked.message);
      waiting = true;
      await sleep(LOOK_AGAIN_MS);
      continue;
    }
    await removeStale(path, theirs, holder);
  }
  // The beat is the file's time; a failing one is noticed by whoever reads it, not by us.
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, beatMs);
  beat.unref();
  return {
    async release() {
      clearInterval(beat);
      const now = await readFile(path, 'utf8').catch(() => '');
      if (now === mine) await unlink(path).catch(() => {});
    },
  };
}

export class LockedError extends Error {
  override readonly name = 'LockedError';

  constructor(holder: Holder | null) {
    super(holder === null ? 'in use' : `in use by process ${holder.pid} on ${holder.host}`);
  }
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: FILE_MODE });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function isAlive(path: string, content: string, self: Holder, beatMs: number): Promise<boolean> {
  const holder = parseHolder(content);
  if (holder !== null && holder.host === self.host) {
    // In a container every process is number 1, so a pid alone says nothing, our own least of all.
    if (holder.started === '') return holder.pid !== self.pid && isRunning(holder.pid);
    const now = await statOf(holder.pid);
    // A zombie (Z, X): dead, and only not reaped by its parent yet. It answers a signal, and holds nothing.
    return isRunning(holder.pid) && now.started === holder.started && !/^[ZX]/.test(now.state);
  }
  const before = await touchedAt(path);
  await sleep(beatMs * BEATS);
  return (await touchedAt(path)) !== before;
}

/**
 * Moves the dead holder's lock away. Two processes may be at it at once: the second one may have moved the first
 * one's new lock, and then puts it back.
 */
async function removeStale(path: string, stale: string, self: Holder): Promise<void> {
  const moved = `${path}.${self.host}-${self.pid}`;
  await rename(path, moved).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
  const content = await readFile(moved, 'utf8').catch(() => stale);
  if (content !== stale) await link(moved, path).catch(() => {});
  await unlink(moved).catch(() => {});
}

async function thisProcess(): Promise<Holder> {
  return { pid: process.pid, host: hostname(), started: (await statOf(process.pid)).started };
}

/**
 * Fields 3 and 22 of /proc/<pid>/stat (proc(5)): its state, and when it started in ticks since boot. Counted behind
 * the name, which may hold anything. Empty where there is no /proc.
 */
async function statOf(pid: number): Promise<{ readonly state: string; readonly started: string }> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', started: fields[19] ?? '' };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

async function touchedAt(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.mtimeMs ?? 0;
}

function parseHolder(content: string): Holder | null {
  const [, pid, host, started] =
    /^\{"pid":(\d+),"host":("(?:[^"\\]|\\.)*"),"started":"(\d*)"\}/.exec(content) ?? [];
  if (pid === undefined || host === undefined || started === undefined) return null;
  return { pid: Number(pid), host: String(JSON.parse(host)), started };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'code') : undefined;
}
