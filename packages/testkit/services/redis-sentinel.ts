import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { withLibraries } from './debian-program.ts';
import { freePort } from './ports.ts';
import { type RunningProcess, startProcess } from './processes.ts';
import { startRedisProcess } from './redis-process.ts';
import { findRedisProgram } from './redis-program.ts';
import type { RedisServer } from './redis-server.ts';

const NAME = 'main';
const READY_MS = 60_000;

/** A primary, a replica, and sentinels that promote the replica when the primary is gone. */
export interface RedisSentinel {
  /** `redis+sentinel://127.0.0.1:…,…/main` */
  readonly url: string;
  /** The primary at first, and the replica. */
  readonly servers: readonly [RedisServer, RedisServer];
  /** The port of the primary, as the sentinels have it. */
  primaryPort(): Promise<number>;
  close(): Promise<void>;
}

/** Starts them on 127.0.0.1; `downAfterMs` is how long the primary may be silent before it is taken for gone. */
export async function startRedisSentinel({
  sentinels: count = 3,
  downAfterMs = 1_000,
}: {
  sentinels?: number;
  downAfterMs?: number;
} = {}): Promise<RedisSentinel> {
  const { program, from } = await findRedisProgram();
  const dir = await mkdtemp(join(tmpdir(), 'switchyard-sentinel-'));
  const opened: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })];
  const close = async () => {
    for (const end of opened.toReversed()) await end();
    opened.length = 0;
  };
  try {
    const primary = await startRedisProcess(program, from, {}, process.env);
    opened.push(primary.close);
    const follow = ['--replicaof', '127.0.0.1', String(primary.port), '--repl-diskless-sync-delay', '0'];
    const replica = await startRedisProcess(program, from, { extraArgs: follow }, process.env);
    opened.push(replica.close);
    await until('the replica follows', async () => {
      return /master_link_status:up/.test(await ask(replica.port, (redis) => redis.info('replication')));
    });
    const ports: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const port = await freePort();
      const file = join(dir, `sentinel-${index}.conf`);
      await writeFile(file, sentinelConf({ port, dir, primaryPort: primary.port, count, downAfterMs }));
      const running: RunningProcess = await startProcess({
        name: `sentinel ${index}`,
        command: program.command,
        args: [file, '--sentinel'],
        env: withLibraries(process.env, program.libraries),
        readyLine: '+monitor',
        detached: true,
      });
      opened.push(() => running.stop('SIGKILL'));
      ports.push(port);
    }
    for (const port of ports) {
      await until('the sentinels know each other and the replica', async () => {
        const known = await ask(port, (redis) => redis.call('SENTINEL', 'MASTER', NAME));
        const flat = Array.isArray(known) ? known.map(String) : [];
        const field = (name: string) => Number(flat[flat.indexOf(name) + 1]);
        return field('num-other-sentinels') === count - 1 && field('num-slaves') === 1;
      });
    }
    return {
      url: `redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/${NAME}`,
      servers: [primary, replica],
      async primaryPort() {
        const answer = await ask(ports[0] ?? 0, (redis) =>
          redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME),
        );
        return Number(Array.isArray(answer) ? answer[1] : 0);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function sentinelConf(of: {
  port: number;
  dir: string;
  primaryPort: number;
  count: number;
  downAfterMs: number;
}): string {
  const quorum = Math.floor(of.count / 2) + 1;
  return [
    `port ${of.port}`,
    'bind 127.0.0.1',
    `dir ${of.dir}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${of.primaryPort} ${quorum}`,
    `sentinel down-after-milliseconds ${NAME} ${of.downAfterMs}`,
    `sentinel failover-timeout ${NAME} 5000`,
    `sentinel parallel-syncs ${NAME} 1`,
    '',
  ].join('\n');
}

async function ask<T>(port: number, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: 0, retryStrategy: null });
  redis.on('error', () => {});
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`not within ${READY_MS} ms: ${what}`);
    await sleep(100);
  }
}
