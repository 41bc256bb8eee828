import { setTimeout as sleep } from 'node:timers/promises';
import { startContainer } from './container.ts';
import { query } from './postgres-query.ts';
import type { PostgresServer } from './postgres-server.ts';

const image = 'postgres:17-alpine';
const readyMs = 30_000;

/** Starts a Postgres of our own in a Docker container. */
export async function startPostgresContainer(): Promise<PostgresServer> {
  const container = await startContainer({
    image,
    containerPort: 5432,
    environment: { POSTGRES_PASSWORD: 'postgres' },
    // The image starts it once to initialise the data, without a port, and then for good.
    readyLine: 'database system is ready to accept connections',
    readyTimes: 2,
  });
  const url = `postgres://postgres:postgres@${container.host}:${container.port}/postgres`;
  return {
    url,
    kind: 'docker',
    label: `Postgres in Docker (${image})`,
    // SIGINT is Postgres's fast shutdown: it breaks connections where SIGTERM would wait for them to end.
    stop: () => container.end('SIGINT'),
    async start() {
      await container.start();
      await untilAnswers(url);
    },
    close: () => container.remove(),
  };
}

async function untilAnswers(url: string): Promise<void> {
  const deadline = Date.now() + readyMs;
  for (;;) {
    try {
      await query(url, [{ text: 'SELECT 1' }]);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}
