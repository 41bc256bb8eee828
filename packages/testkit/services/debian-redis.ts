import { type DebianProgram, debianProgram, withLibraries } from './debian-program.ts';
import type { Environment } from './environment.ts';
import { runCommand } from './run-command.ts';

/** A Redis server program that can be started as it is. Its `libraries` are empty for an installed one. */
export type RedisProgram = DebianProgram;

/**
 * Redis from Debian's or Ubuntu's own packages; null on a machine without apt.
 *
 * @throws when the packages can't be downloaded or what is in them doesn't run.
 */
export function debianRedis(
  env: Environment,
  cache?: string,
): Promise<{ program: RedisProgram; cached: boolean } | null> {
  return debianProgram(
    {
      name: 'redis',
      packages: ['redis-server', 'redis-tools'],
      program: 'usr/bin/redis-server',
      versionOf: redisVersion,
    },
    env,
    cache,
  );
}

/** What a Redis or Valkey program says its version is; null when it doesn't run. */
export async function redisVersion(
  command: string,
  libraries: readonly string[],
  env: Environment,
): Promise<string | null> {
  try {
    const words = await runCommand(command, ['--version'], {
      env: withLibraries(env, libraries),
      timeoutMs: 15_000,
    });
    return /v=(\S+)/.exec(words)?.[1] ?? null;
  } catch {
    return null;
  }
}
