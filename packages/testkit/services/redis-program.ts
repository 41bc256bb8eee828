import { debianRedis, type RedisProgram, redisVersion } from './debian-redis.ts';
import type { Environment } from './environment.ts';
import { findOnPath } from './executables.ts';
import type { RedisKind } from './redis-server.ts';

/**
 * A Redis server that can be started as a process of ours: a cluster and Sentinel tell clients the addresses at which
 * they know each other, and those of Docker's network are none for us.
 *
 * @throws when there is none.
 */
export async function findRedisProgram(
  env: Environment = process.env,
): Promise<{ program: RedisProgram; from: { kind: RedisKind; label: string } }> {
  const command = await findOnPath(['redis-server', 'valkey-server'], env);
  const version = command === null ? null : await redisVersion(command, [], env);
  if (command !== null && version !== null) {
    const from = { kind: 'path' as const, label: `Redis ${version} (${command})` };
    return { program: { command, version, libraries: [] }, from };
  }
  const debian = await debianRedis(env);
  if (debian === null) throw new Error('no redis-server on the PATH; install it (macOS: brew install redis)');
  const label = `Redis ${debian.program.version} from Debian's package`;
  return { program: debian.program, from: { kind: 'debian', label } };
}
