import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './environment.ts';
import { runCommand } from './run-command.ts';

const network = ['-o', 'Acquire::http::Timeout=20', '-o', 'Acquire::Retries=2'];

/**
 * Downloads packages, with the libraries they need and this machine lacks, and unpacks them into `folder`.
 * Needs no root and installs nothing: apt only downloads, and dpkg-deb only unpacks.
 *
 * @throws when apt doesn't know a package or the download fails, also with fresh package lists.
 */
export async function unpackPackages(
  packages: readonly string[],
  folder: string,
  env: Environment,
): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'switchyard-apt-'));
  try {
    try {
      await downloadAll(packages, join(work, 'first'), [], env);
    } catch {
      // A fresh container has no package lists, and old lists name versions the mirror has dropped. Lists of
      // our own put that right without root, and leave the machine's as they were.
      const ownLists = await fetchLists(work, env);
      await downloadAll(packages, join(work, 'second'), ownLists, env);
    }
    for (const attempt of ['second', 'first']) {
      const debs = await readdir(join(work, attempt)).catch(() => []);
      const archives = debs.filter((name) => name.endsWith('.deb'));
      if (archives.length === 0) continue;
      for (const name of archives) {
        await runCommand('dpkg-deb', ['-x', join(work, attempt, name), folder], { env });
      }
      return;
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function downloadAll(
  packages: readonly string[],
  into: string,
  apt: readonly string[],
  env: Environment,
): Promise<void> {
  await mkdir(into, { recursive: true });
  const wanted = await withMissingLibraries(packages, apt, env);
  // As root, apt would download as user _apt, who may not write here, and warn about it.
  const args = [...apt, ...network, '-o', 'APT::Sandbox::User=root', 'download', ...wanted];
  await runCommand('apt-get', args, { env, cwd: into });
}

async function fetchLists(work: string, env: Environment): Promise<string[]> {
  const lists = join(work, 'lists');
  const cache = join(work, 'cache');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(cache, 'archives/partial'), { recursive: true });
  const own = [
    '-o',
    `Dir::State::lists=${lists}`,
    '-o',
    `Dir::Cache=${cache}`,
    '-o',
    'APT::Sandbox::User=root',
  ];
  // By default apt calls an update in which nothing could be fetched a success.
  const strict = ['-o', 'APT::Update::Error-Mode=any'];
  await runCommand('apt-get', [...own, ...network, ...strict, '-qq', 'update'], { env });
  return own;
}

async function withMissingLibraries(
  packages: readonly string[],
  apt: readonly string[],
  env: Environment,
): Promise<string[]> {
  const wanted = new Set(packages);
  const toAsk = [...packages];
  for (let name = toAsk.shift(); name !== undefined; name = toAsk.shift()) {
    const output = await runCommand('apt-cache', [...apt, 'depends', '--important', name], { env });
    for (const alternatives of parseDependencies(output)) {
      // Scripts for web pages are named like libraries, and no program needs them to run.
      const library = alternatives.find((one) => one.startsWith('lib') && !one.startsWith('libjs-'));
      if (library === undefined || wanted.has(library)) continue;
      if (await anyInstalled(alternatives, env)) continue;
      wanted.add(library);
      toAsk.push(library);
    }
  }
  return [...wanted];
}

async function anyInstalled(packages: readonly string[], env: Environment): Promise<boolean> {
  for (const name of packages) {
    const status = await runCommand('dpkg-query', ['-s', name], { env }).catch(() => '');
    if (status.includes('Status: install ok installed')) return true;
  }
  return false;
}

/**
 * The dependencies in the output of `apt-cache depends`, each with its alternatives. A `|` before `Depends`
 * says that the next one would do as well; an indented name below is a package that provides it.
 */
export function parseDependencies(output: string): string[][] {
  const groups: string[][] = [];
  let group: string[] | null = null;
  let joinNext = false;
  for (const line of output.split('\n')) {
    const [, mark, name] = /^ ([ |])(?:Pre)?Depends: <?([^<>\s]+)>?$/.exec(line) ?? [];
    const provider = /^ {4}(\S+)$/.exec(line)?.[1];
    if (name !== undefined) {
      if (group === null || !joinNext) {
        group = [];
        groups.push(group);
      }
      group.push(name);
      joinNext = mark === '|';
    } else if (provider !== undefined) {
      group?.push(provider);
    } else {
      group = null;
      joinNext = false;
    }
  }
  return groups;
}
