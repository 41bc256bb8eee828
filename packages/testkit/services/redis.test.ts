import { execFile } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debianRedis } from './debian-redis.ts';
import { type RedisOptions, type RedisSources, startRedis } from './redis.ts';
import type { RedisServer } from './redis-server.ts';

describe('where a Redis comes from', () => {
  const cases: { name: string; options: RedisOptions; here: string[]; asked: string[]; kind: string }[] = [
    {
      name: 'the URL before all',
      options: { env: { REDIS_URL: 'redis://r:1' } },
      here: [],
      asked: [],
      kind: 'url',
    },
    {
      name: 'Docker first',
      options: { env: {} },
      here: ['docker', 'path'],
      asked: ['docker'],
      kind: 'docker',
    },
    {
      name: 'no URL for a test that owns its server',
      options: { owned: true, env: { REDIS_URL: 'redis://r:1' } },
      here: ['docker'],
      asked: ['docker'],
      kind: 'docker',
    },
    {
      name: 'the PATH without Docker',
      options: { env: {} },
      here: ['path', 'debian'],
      asked: ['docker', 'path'],
      kind: 'path',
    },
    {
      name: "Debian's package last",
      options: { env: {} },
      here: ['debian'],
      asked: ['docker', 'path', 'debian'],
      kind: 'debian',
    },
    {
      name: 'the next way when Docker answers and then fails',
      options: { env: {} },
      here: ['docker broken', 'path'],
      asked: ['docker', 'path'],
      kind: 'path',
    },
    {
      name: 'not Docker for a given data folder',
      options: { dir: '/tmp/x', env: {} },
      here: ['docker', 'path'],
      asked: ['path'],
      kind: 'path',
    },
  ];
  it.each(cases)('takes $name', async ({ options, here, asked, kind }) => {
    const sources = pretendSources(here);
    expect((await startRedis(options, sources)).kind).toBe(kind);
    expect(sources.asked).toEqual(asked);
  });

  it('says in one line what to install when there is no way', async () => {
    const failing = startRedis({ env: {} }, pretendSources(['docker broken']));
    await expect(failing).rejects.toThrow(
      /^No Redis .* install redis-server .* What was tried: Docker: no such image$/,
    );
  });

  it('does not kill, restart or pause a server that is not ours', async () => {
    const server = await startRedis({ env: { REDIS_URL: 'redis://127.0.0.1:6379' } });
    await expect(server.kill()).rejects.toThrow(/not ours to kill.*owned: true/);
    await expect(server.restart()).rejects.toThrow(/not ours to restart/);
    await expect(server.pause()).rejects.toThrow(/not ours to pause/);
    await server.close();
  });

  it('does not fall back to another server when REDIS_URL is wrong', async () => {
    await expect(startRedis({ env: { REDIS_URL: 'redis' } }, pretendSources(['path']))).rejects.toThrow(
      'REDIS_URL is not an URL',
    );
  });
});

describe('a Redis of our own', () => {
  const servers: RedisServer[] = [];
  const clients: Redis[] = [];
  const owned = async (options: RedisOptions = {}) => {
    const server = await startRedis({ owned: true, ...options });
    servers.push(server);
    return server;
  };
  const connect = (server: RedisServer) => {
    const client = new Redis(server.url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
    client.on('error', () => {});
    clients.push(client);
    return client;
  };
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    for (const server of servers) await server.close();
  });

  it('listens on 127.0.0.1 only, never evicts, and syncs its file every second', async () => {
    const client = connect(await owned());
    expect(await client.config('GET', 'bind')).toEqual(['bind', '127.0.0.1']);
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await client.config('GET', 'appendfsync')).toEqual(['appendfsync', 'everysec']);
  });

  it('keeps its port and its data over kill -9 and restart', async () => {
    const server = await owned({ appendonly: 'always' });
    const client = connect(server);
    await client.set('kept', 'yes');
    const pid = server.pid;
    await server.kill('SIGKILL');
    await server.restart();
    expect(server.pid).not.toBe(pid);
    expect(await client.get('kept')).toBe('yes');
    await server.restart();
    expect(await client.get('kept')).toBe('yes');
  });

  it('answers nothing while paused and everything once resumed', async () => {
    const server = await owned();
    const client = connect(server);
    await client.ping();
    await server.pause();
    const answer = client.ping();
    const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 200, 'silence'))]);
    expect(first).toBe('silence');
    await server.resume();
    expect(await answer).toBe('PONG');
  });

  it('removes its data when closed, and is gone, also when paused', async () => {
    const server = await owned();
    const client = connect(server);
    const [, dir] = (await client.config('GET', 'dir')) as [string, string];
    expect(await readdir(dir)).not.toEqual([]);
    await server.pause();
    await server.close();
    await expect(readdir(dir)).rejects.toThrow(/ENOENT/);
    await server.close();
    await expect(server.restart()).rejects.toThrow('closed');
  });

  it('leaves a folder it was given in place', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'switchyard-given-'));
    const server = await owned({ dir });
    await connect(server).set('kept', 'yes');
    await server.close();
    const again = await owned({ dir });
    expect(await connect(again).get('kept')).toBe('yes');
    await again.close();
    await rm(dir, { recursive: true });
  });

  it("has the server's own words in the error when it does not start", async () => {
    await expect(owned({ extraArgs: ['--no-such-setting', '1'] })).rejects.toThrow(/no-such-setting/);
  });

  it('does not take a port that is in use', async () => {
    const server = await owned();
    await expect(owned({ port: server.port })).rejects.toThrow(/Address already in use|Failed listening/);
  });
});

describe("Debian's package", () => {
  let cache: string;
  beforeAll(async () => {
    cache = await mkdtemp(join(tmpdir(), 'switchyard-cache-'));
  });
  afterAll(() => rm(cache, { recursive: true }));

  it('is fetched into an empty cache by two at once without harm, and once only after that', async (test) => {
    if (!(await mirrorAnswers()))
      test.skip("this machine has no apt, or its mirror's name is not to be resolved");
    const both = await Promise.all([debianRedis(process.env, cache), debianRedis(process.env, cache)]);
    expect(both.map((found) => found?.cached)).toEqual([false, false]);
    expect(await readdir(cache)).toEqual([expect.stringMatching(/^redis-\d+\.\d+\.\d+-\w+/)]);
    expect(await debianRedis(process.env, cache)).toMatchObject({ cached: true });
  }, 120_000);
});

/** Whether a mirror that apt is set up with can be found from here. */
async function mirrorAnswers(): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)('apt-get', ['indextargets', '--format', '$(SITE)']);
    await lookup(new URL(stdout.split('\n')[0] ?? '').hostname);
    return true;
  } catch {
    return false;
  }
}

function pretendSources(here: string[]): RedisSources & { asked: string[] } {
  const asked: string[] = [];
  const ask = (what: string) => {
    asked.push(what);
    return here.some((one) => one.startsWith(what));
  };
  const program = { command: '/bin/redis', version: '7.0.15', libraries: [] };
  const server = (kind: RedisServer['kind']): RedisServer => {
    const nothing = async () => {};
    const verbs = { kill: nothing, restart: nothing, pause: nothing, resume: nothing, close: nothing };
    return { url: 'redis://x', port: 1, pid: null, kind, label: kind, ...verbs };
  };
  return {
    asked,
    dockerAnswers: async () => ask('docker'),
    async inDocker() {
      if (here.includes('docker broken')) throw new Error('no such image');
      return server('docker');
    },
    findOnPath: async () => (ask('path') ? program.command : null),
    versionOf: async () => program.version,
    fromDebian: async () => (ask('debian') ? { program, cached: true } : null),
    asProcess: async (_program, from) => server(from.kind),
  };
}
