import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { dockerAnswers } from './docker.ts';

const servers: Server[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describe('dockerAnswers', () => {
  it('says yes to an engine on a socket that answers the ping', async () => {
    expect(await dockerAnswers({ DOCKER_HOST: await engine('OK') })).toBe(true);
  });

  it('says no within seconds to one that accepts and says nothing', async () => {
    const begun = Date.now();
    expect(await dockerAnswers({ DOCKER_HOST: await engine(null) })).toBe(false);
    expect(Date.now() - begun).toBeLessThan(15_000);
  });

  it.each(['unix:///no/such.sock', 'tcp://127.0.0.1:1', 'nonsense'])('says no to %s', async (host) => {
    expect(await dockerAnswers({ DOCKER_HOST: host })).toBe(false);
  });
});

async function engine(answer: string | null): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-docker-'));
  folders.push(folder);
  const server = createServer((request, response) => {
    if (answer !== null && request.url === '/_ping') response.end(answer);
  });
  servers.push(server);
  const path = join(folder, 'docker.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return `unix://${path}`;
}
