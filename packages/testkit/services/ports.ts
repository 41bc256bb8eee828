import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that systems give to outgoing connections, so that none of those takes it meanwhile. */
const FIRST = 10_000;
const LAST = 32_000;
const TRIES = 100;

/** What this process was given already: it may not listen there yet. */
const given = new Set<number>();

/**
 * A TCP port on 127.0.0.1 that was free a moment ago and that nobody else in this process was given. Out of many
 * thousand, so that processes that ask at the same time hardly ever get the same one.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = randomInt(FIRST, LAST);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free TCP port between ${FIRST} and ${LAST}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
