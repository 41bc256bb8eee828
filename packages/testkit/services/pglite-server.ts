// A Postgres for tests as a process of its own: PGlite behind a socket. A process and not a thread, so that a
// test can take it away for real, and so that its queries don't hold up our event loop.
//
//   node pglite-server.ts <data folder> <port> <cache folder>
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { z } from 'zod';
import { keepFirst } from './cache-folder.ts';

const [dataDir, port, cache] = process.argv.slice(2);
if (dataDir === undefined || port === undefined || cache === undefined) {
  throw new Error('usage: node pglite-server.ts <data folder> <port> <cache folder>');
}
if (await isEmpty(dataDir)) await cp(await initialised(cache), dataDir, { recursive: true });
const db = await PGlite.create({ dataDir });
const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: Number(port), maxConnections: 100 });
await server.start();
process.stdout.write(`listening on ${server.getServerConn()}\n`);
process.once('SIGTERM', async () => {
  await server.stop();
  await db.close();
  process.exit(0);
});

/**
 * An empty database, ready to be copied. To initialise one takes four seconds, to copy it a twentieth of one.
 */
async function initialised(cacheFolder: string): Promise<string> {
  const template = join(cacheFolder, `pglite-${await pgliteVersion()}`);
  if (!(await isEmpty(template))) return template;
  await mkdir(cacheFolder, { recursive: true });
  const draft = await mkdtemp(join(cacheFolder, '.initialising-pglite-'));
  try {
    const empty = await PGlite.create({ dataDir: draft });
    await empty.close();
    await keepFirst(draft, template);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return template;
}

async function pgliteVersion(): Promise<string> {
  const entry = fileURLToPath(import.meta.resolve('@electric-sql/pglite'));
  const manifest = await readFile(join(dirname(entry), '../package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(manifest)).version;
}

async function isEmpty(folder: string): Promise<boolean> {
  return (await readdir(folder).catch(() => [])).length === 0;
}
