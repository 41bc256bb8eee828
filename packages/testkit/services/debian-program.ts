import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, keepFirst } from './cache-folder.ts';
import { unpackPackages } from './debian-packages.ts';
import type { Environment } from './environment.ts';
import { findOnPath, isExecutable } from './executables.ts';

/** A program out of packages of Debian or Ubuntu. */
export interface DebianSpec {
  /** What its folder in the cache begins with: `redis`. */
  readonly name: string;
  readonly packages: readonly string[];
  /** Where the program lies in them: `usr/bin/redis-server`. */
  readonly program: string;
  /** What it says its version is; null when it doesn't run. */
  readonly versionOf: (
    command: string,
    libraries: readonly string[],
    env: Environment,
  ) => Promise<string | null>;
}

export interface DebianProgram {
  readonly command: string;
  readonly version: string;
  /** Folders its libraries are in, for LD_LIBRARY_PATH. */
  readonly libraries: readonly string[];
}

/**
 * A program of Debian's or Ubuntu's own packages, unpacked under the project's cache folder; null on a machine
 * without apt. Needs the network the first time only.
 *
 * @throws when the packages can't be downloaded or what is in them doesn't run.
 */
export async function debianProgram(
  spec: DebianSpec,
  env: Environment,
  cache = cacheFolder,
): Promise<{ program: DebianProgram; cached: boolean } | null> {
  for (const tool of ['apt-get', 'apt-cache', 'dpkg-deb', 'dpkg-query']) {
    if ((await findOnPath([tool], env)) === null) return null;
  }
  // A project folder may be shared with a container of another release or processor.
  const machine = `${await release()}-${process.arch}`;
  const kept = await inCache(spec, cache, machine, env);
  if (kept !== null) return { program: kept, cached: true };
  await fetchInto(spec, cache, machine, env);
  const fetched = await inCache(spec, cache, machine, env);
  if (fetched === null)
    throw new Error(`the ${spec.packages[0]} package was unpacked under ${cache} but does not run`);
  return { program: fetched, cached: false };
}

/** The environment in which a program finds its libraries. */
export function withLibraries(env: Environment, libraries: readonly string[]): Environment {
  return libraries.length === 0 ? env : { ...env, LD_LIBRARY_PATH: libraries.join(':') };
}

async function inCache(
  spec: DebianSpec,
  cache: string,
  machine: string,
  env: Environment,
): Promise<DebianProgram | null> {
  const names = await readdir(cache).catch(() => []);
  const fitting = names.filter((name) => name.startsWith(`${spec.name}-`) && name.endsWith(`-${machine}`));
  for (const name of fitting.sort().reverse()) {
    const program = await programIn(spec, join(cache, name), env);
    if (program !== null) return program;
  }
  return null;
}

async function programIn(spec: DebianSpec, folder: string, env: Environment): Promise<DebianProgram | null> {
  const command = join(folder, spec.program);
  if (!(await isExecutable(command))) return null;
  const libraries = await libraryFolders(folder);
  const version = await spec.versionOf(command, libraries, env);
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

async function fetchInto(spec: DebianSpec, cache: string, machine: string, env: Environment): Promise<void> {
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, `.fetching-${spec.name}-`));
  try {
    await unpackPackages(spec.packages, draft, env);
    const program = await programIn(spec, draft, env);
    if (program === null)
      throw new Error(`what is in the ${spec.packages[0]} package does not run on this machine`);
    const name = join(cache, `${spec.name}-${program.version}-${machine}`);
    // What is there already may lack a library since the machine was upgraded.
    if ((await programIn(spec, name, env)) === null) await rm(name, { recursive: true, force: true });
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
