import { debianRedis, redisVersion } from './debian-redis.ts';
import { dockerAnswers } from './docker.ts';
import type { Environment } from './environment.ts';
import { findOnPath } from './executables.ts';
import { firstWay, type Way } from './first-way.ts';
import { startRedisContainer } from './redis-container.ts';
import { startRedisProcess } from './redis-process.ts';
import type { RedisServer, RedisSettings } from './redis-server.ts';

export interface RedisOptions extends RedisSettings {
  /** A server nobody else uses, which may be killed and paused: REDIS_URL is then passed over. */
  owned?: boolean;
  /** Where REDIS_URL, DOCKER_HOST and PATH are read; the process's own environment when left out. */
  env?: Environment;
}

/** What stands behind each way to a Redis. Passed in, so that their order can be tested on any machine. */
export interface RedisSources {
  dockerAnswers(env: Environment): Promise<boolean>;
  inDocker(settings: RedisSettings): Promise<RedisServer>;
  findOnPath: typeof findOnPath;
  versionOf: typeof redisVersion;
  fromDebian: typeof debianRedis;
  asProcess: typeof startRedisProcess;
}

const realSources: RedisSources = {
  dockerAnswers,
  inDocker: startRedisContainer,
  findOnPath,
  versionOf: redisVersion,
  fromDebian: debianRedis,
  asProcess: startRedisProcess,
};

const advice = 'Set REDIS_URL, start Docker, or install redis-server (macOS: brew install redis).';

/**
 * A real Redis, with nothing set up beforehand. Tried in this order: REDIS_URL, a Docker engine,
 * `redis-server` or `valkey-server` on the PATH, Debian's package unpacked under the project's cache folder.
 * One that is started here listens on 127.0.0.1, refuses to evict, and ends with this process.
 *
 * @throws one line that says what to install, and what went wrong with the ways that were open.
 */
export async function startRedis(
  options: RedisOptions = {},
  sources: RedisSources = realSources,
): Promise<RedisServer> {
  const { owned = false, env = process.env, ...settings } = options;
  // A wrong URL ends it here: falling back to another server would hide the mistake.
  if (!owned && env.REDIS_URL) return givenRedis(env.REDIS_URL);
  return firstWay(redisWays(settings, env, sources), 'Redis', advice);
}

function redisWays(settings: RedisSettings, env: Environment, sources: RedisSources): Way<RedisServer>[] {
  return [
    {
      name: 'Docker',
      // A folder of this machine would need a mount, and the container's user could own its files.
      attempt: async () =>
        settings.dir === undefined && (await sources.dockerAnswers(env)) ? sources.inDocker(settings) : null,
    },
    { name: 'PATH', attempt: () => installed(settings, env, sources) },
    {
      name: "Debian's package",
      async attempt() {
        const found = await sources.fromDebian(env);
        if (found === null) return null;
        const how = found.cached ? 'cached' : 'just fetched';
        const label = `Redis ${found.program.version} from Debian's package (${how})`;
        return sources.asProcess(found.program, { kind: 'debian', label }, settings, env);
      },
    },
  ];
}

async function installed(
  settings: RedisSettings,
  env: Environment,
  sources: RedisSources,
): Promise<RedisServer | null> {
  const command = await sources.findOnPath(['redis-server', 'valkey-server'], env);
  if (command === null) return null;
  const version = await sources.versionOf(command, [], env);
  if (version === null) throw new Error(`${command} --version fails`);
  const from = { kind: 'path' as const, label: `Redis ${version} (${command})` };
  return sources.asProcess({ command, version, libraries: [] }, from, settings, env);
}

/** Someone else's server: used, and otherwise left alone. */
function givenRedis(url: string): RedisServer {
  if (!URL.canParse(url)) throw new Error('REDIS_URL is not an URL');
  const { port, host } = new URL(url);
  const refuse = (what: string) => async () => {
    throw new Error(`the Redis in REDIS_URL is not ours to ${what}; ask for startRedis({ owned: true })`);
  };
  return {
    url,
    port: port === '' ? 6379 : Number(port),
    pid: null,
    kind: 'url',
    label: `Redis at ${host} (REDIS_URL)`,
    kill: refuse('kill'),
    restart: refuse('restart'),
    pause: refuse('pause'),
    resume: refuse('resume'),
    close: async () => {},
  };
}
