import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, keepFirst } from './cache-folder.ts';
import { unpackPackages } from './debian-packages.ts';
import type { Environment } from './environment.ts';
import { findOnPath, isExecutable } from './executables.ts';
import { runCommand } from './run-command.ts';

/** A Redis server program that can be started as it is. */
export interface RedisProgram {
  command: string;
  /** `7.0.15` */
  version: string;
  /** Folders its libraries are in, for LD_LIBRARY_PATH. Empty for an installed one. */
  libraries: readonly string[];
}

/**
 * Redis from Debian's or Ubuntu's own packages, unpacked under the project's cache folder; null on a machine
 * without apt. Needs the network the first time only.
 *
 * @throws when the packages can't be downloaded or what is in them doesn't run.
 */
export async function debianRedis(
  env: Environment,
  cache = cacheFolder,
): Promise<{ program: RedisProgram; cached: boolean } | null> {
  for (const tool of ['apt-get', 'apt-cache', 'dpkg-deb', 'dpkg-query']) {
    if ((await findOnPath([tool], env)) === null) return null;
  }
  // A project folder may be shared with a container of another release or processor.
  const machine = `${await release()}-${process.arch}`;
  const kept = await inCache(cache, machine, env);
  if (kept !== null) return { program: kept, cached: true };
  await fetchInto(cache, machine, env);
  const fetched = await inCache(cache, machine, env);
  if (fetched === null)
    throw new Error(`the redis-server package was unpacked under ${cache} but does not run`);
  return { program: fetched, cached: false };
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

/** The environment in which a program finds its libraries. */
export function withLibraries(env: Environment, libraries: readonly string[]): Environment {
  return libraries.length === 0 ? env : { ...env, LD_LIBRARY_PATH: libraries.join(':') };
}

async function inCache(cache: string, machine: string, env: Environment): Promise<RedisProgram | null> {
  const names = await readdir(cache).catch(() => []);
  const fitting = names.filter((name) => name.startsWith('redis-') && name.endsWith(`-${machine}`));
  for (const name of fitting.sort().reverse()) {
    const program = await programIn(join(cache, name), env);
    if (program !== null) return program;
  }
  return null;
}

async function programIn(folder: string, env: Environment): Promise<RedisProgram | null> {
  const command = join(folder, 'usr/bin/redis-server');
  if (!(await isExecutable(command))) return null;
  const libraries = await libraryFolders(folder);
  const version = await redisVersion(command, libraries, env);
  return version === null ? null : { command, version, libraries };
}

/** Debian keeps libraries in a folder named for the processor, such as `usr/lib/x86_64-linux-gnu`. */
async function libraryFolders(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const base of ['usr/lib', 'lib']) {
    const names = await readdir(join(folder, base)).catch(() => []);
    found.push(...names.filter((name) => name.includes('-linux-')).map((name) => join(folder, base, name)));
  }
  return found;
}

async function fetchInto(cache: string, machine: string, env: Environment): Promise<void> {
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, '.fetching-redis-'));
  try {
    await unpackPackages(['redis-server', 'redis-tools'], draft, env);
    const program = await programIn(draft, env);
    if (program === null) throw new Error('what is in the redis-server package does not run on this machine');
    const name = join(cache, `redis-${program.version}-${machine}`);
    // What is there already may lack a library since the machine was upgraded.
    if ((await programIn(name, env)) === null) await rm(name, { recursive: true, force: true });
    await keepFirst(draft, name);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function release(): Promise<string> {
  const words = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(words)?.[1] ?? 'unknown';
  return `${field('ID')}${field('VERSION_ID')}`;
}
