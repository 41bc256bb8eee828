import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, type RunningProcess, startProcess } from '@switchyard/testkit';

const PROGRAM = 'redis-server';
const root = join(import.meta.dirname, '..');
const [cached] = globSync('.cache/redis-*/usr/bin/redis-server', { cwd: root });
const libraries = globSync('.cache/redis-*/usr/lib/*-linux-gnu', { cwd: root }).map((path) =>
  join(root, path),
);

/** Whether a Redis can be had here whose disk is full. */
export function hasRedisServer(): boolean {
  return cached !== undefined || spawnSync(PROGRAM, ['--version']).error === undefined;
}

/** A Redis as compose runs it: with what deploy/redis/redis.conf asks of its disk, and started again whenever it ends. */
export interface SupervisedRedis {
  readonly url: string;
  /** How often it ended by itself. */
  readonly ends: number;
  /** What it wrote, all starts together. */
  said(): string;
  /** Its disk takes not a byte more. */
  fillDisk(): void;
  /** Room on its disk again. */
  makeRoom(): void;
  close(): Promise<void>;
}

/** A full disk is played by a limit on the size of files, which its append-only file has passed already. */
export async function superviseRedis(): Promise<SupervisedRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'switchyard-full-disk-'));
  const port = await freePort();
  const program = cached === undefined ? PROGRAM : join(root, cached);
  const said: string[] = [];
  let limit = 'unlimited';
  let ends = 0;
  const wake = new AbortController();
  let closed = false;
  const start = () =>
    startProcess({
      name: 'Redis',
      command: 'sh',
      args: [
        '-c',
        `trap '' XFSZ; ulimit -f ${limit}; exec "$0" "$@"`,
        program,
        ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ''],
        ...['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'],
      ],
      env: { PATH: process.env.PATH, LD_LIBRARY_PATH: libraries.join(':') },
      readyLine: 'Ready to accept connections',
      detached: true,
    });
  let running: RunningProcess = await start();

  /** As Docker does: after 0.1 s, twice as long each time, up to a minute; from the start again once it ran for 10 s. */
  async function supervise(): Promise<void> {
    let waitMs = 100;
    while (!closed) {
      const startedAt = performance.now();
      await running.exited;
      said.push(...running.logs());
      if (closed) return;
      ends += 1;
      waitMs = performance.now() - startedAt > 10_000 ? 100 : Math.min(waitMs * 2, 60_000);
      await sleep(waitMs, null, { signal: wake.signal }).catch(() => {});
      if (!closed) running = await start();
    }
  }
  const supervised = supervise();

  return {
    url: `redis://127.0.0.1:${port}`,
    get ends() {
      return ends;
    },
    said: () => [...said, ...running.logs()].join('\n'),
    fillDisk() {
      limit = '1';
      running.kill('SIGKILL');
    },
    makeRoom() {
      limit = 'unlimited';
      wake.abort();
    },
    async close() {
      closed = true;
      wake.abort();
      await running.stop('SIGKILL');
      await supervised;
      await rm(dir, { recursive: true, force: true });
    },
  };
}
