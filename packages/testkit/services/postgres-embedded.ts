import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { freePort } from './ports.ts';
import { query } from './postgres-query.ts';
import type { PostgresServer } from './postgres-server.ts';
import { type RunningProcess, startProcess } from './processes.ts';

const portAttempts = 5;

/** Starts PGlite in a process of its own. Connections share one session: no temporary tables, no LISTEN. */
export async function startEmbeddedPostgres(cache = cacheFolder): Promise<PostgresServer> {
  const dir = await mkdtemp(join(tmpdir(), 'switchyard-postgres-'));
  const removeData = () => rm(dir, { recursive: true, force: true, maxRetries: 3 });
  const startOn = (port: number) =>
    startProcess({
      name: 'embedded Postgres',
      command: process.execPath,
      args: [join(import.meta.dirname, 'pglite-server.ts'), dir, String(port), cache],
      readyLine: 'listening on',
      // The first one ever initialises a database, which takes seconds on a slow machine.
      readyMs: 60_000,
      detached: true,
      folder: dir,
    });
  const started = await startOnFreePort(startOn).catch(async (error: unknown) => {
    await removeData();
    throw error;
  });
  const { port } = started;
  let running: RunningProcess | null = started.running;
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres?sslmode=disable`;
  const stop = async () => {
    const stopping = running;
    running = null;
    await stopping?.stop('SIGTERM', 5_000);
  };
  const server = (version: string): PostgresServer => ({
    url,
    kind: 'embedded',
    label: `Postgres ${version} embedded (PGlite)`,
    stop,
    async start() {
      running ??= await startOn(port);
    },
    async close() {
      running?.kill('SIGKILL');
      await stop();
      await removeData();
    },
  });
  try {
    const [row] = await query(url, [{ text: 'SHOW server_version' }]);
    return server(String(row?.server_version));
  } catch (error) {
    await server('').close();
    throw error;
  }
}

async function startOnFreePort(
  startOn: (port: number) => Promise<RunningProcess>,
): Promise<{ port: number; running: RunningProcess }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { port, running: await startOn(port) };
    } catch (error) {
      const clash = error instanceof Error && error.message.includes('EADDRINUSE');
      if (!clash || attempt === portAttempts) throw error;
    }
  }
}
