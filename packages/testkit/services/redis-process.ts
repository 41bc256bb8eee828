import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLibraries } from './debian-program.ts';
import type { RedisProgram } from './debian-redis.ts';
import type { Environment } from './environment.ts';
import { freePort } from './ports.ts';
import { type RunningProcess, startProcess } from './processes.ts';
import { untilPong } from './redis-ping.ts';
import { type RedisKind, type RedisServer, type RedisSettings, redisArgs } from './redis-server.ts';

/** Long: a disk that everybody writes to may keep a Redis for a while. */
const readyMs = 60_000;
const portAttempts = 5;

/** Starts a Redis of our own as a child process, listening on 127.0.0.1 only. */
export async function startRedisProcess(
  program: RedisProgram,
  from: { kind: RedisKind; label: string },
  settings: RedisSettings,
  env: Environment,
): Promise<RedisServer> {
  const temporary = settings.dir === undefined;
  const dir = settings.dir ?? (await mkdtemp(join(tmpdir(), 'switchyard-redis-')));
  await mkdir(dir, { recursive: true });
  const removeData = () => (temporary ? rm(dir, { recursive: true, force: true, maxRetries: 3 }) : undefined);
  const start = async (port: number) => {
    const redis = await startProcess({
      name: from.label,
      command: program.command,
      args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, ...redisArgs(settings)],
      env: withLibraries(env, program.libraries),
      // Its own line before PING: on a port that was taken meanwhile, another server would answer that.
      readyLine: 'Ready to accept connections',
      readyMs,
      detached: true,
      ...(temporary ? { folder: dir } : {}),
    });
    try {
      await untilPong('127.0.0.1', port, readyMs);
    } catch (error) {
      await redis.stop('SIGKILL');
      throw error;
    }
    return redis;
  };
  const started = await startOnSomePort(settings.port, start).catch(async (error: unknown) => {
    await removeData();
    throw error;
  });
  const { port } = started;
  let running = started.running;
  let closed = false;

  const end = async (signal: NodeJS.Signals) => {
    // A stopped process takes no signal but SIGKILL until it runs again.
    running.kill('SIGCONT');
    await running.stop(signal);
  };
  const mustBeOpen = () => {
    if (closed) throw new Error('this Redis was closed');
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return running.pid;
    },
    kind: from.kind,
    label: from.label,
    async kill(signal = 'SIGKILL') {
      mustBeOpen();
      await end(signal);
    },
    async restart() {
      mustBeOpen();
      await end('SIGTERM');
      running = await start(port);
    },
    async pause() {
      mustBeOpen();
      running.kill('SIGSTOP');
    },
    async resume() {
      mustBeOpen();
      running.kill('SIGCONT');
    },
    async close() {
      if (closed) return;
      closed = true;
      // Whoever named the folder may read it later, so there the server gets to finish its files.
      await end(temporary ? 'SIGKILL' : 'SIGTERM');
      await removeData();
    },
  };
}

async function startOnSomePort(
  asked: number | undefined,
  start: (port: number) => Promise<RunningProcess>,
): Promise<{ port: number; running: RunningProcess }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = asked ?? (await freePort());
    try {
      return { port, running: await start(port) };
    } catch (error) {
      const clash = error instanceof Error && /Address already in use|Failed listening/.test(error.message);
      if (!clash || asked !== undefined || attempt === portAttempts) throw error;
    }
  }
}
