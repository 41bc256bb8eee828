// The door of every root script: `node scripts/run.mjs <file.ts | tool> [arguments]`.
//
// It works on a machine that has only Node >= 20 and npm. It brings the pinned Node and pnpm from the npm
// registry into .cache/ when the machine's own are older, installs the workspace when the lockfile changed,
// and then runs the file (or the tool of that name) with the pinned Node. Plain JavaScript, because Node 20
// can't run TypeScript.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, '.cache');
const toolchain = join(cache, 'toolchain');
const pinnedMajor = 24;

const [target, ...args] = process.argv.slice(2);
if (target === undefined) fail('usage: node scripts/run.mjs <file.ts | tool> [arguments]');

const node = await underLock('setup.lock', () => {
  const bin = ensureToolchain();
  ensureWorkspace(bin);
  return bin.node;
});
runTarget(node);

/** Finds the pinned Node and pnpm, installing them under .cache/toolchain when they are missing. */
function ensureToolchain() {
  const ownNodeFits = Number(process.versions.node.split('.')[0]) === pinnedMajor;
  const stamp = fingerprint('scripts/toolchain/package-lock.json');
  const modules = join(toolchain, 'node_modules');
  if (readStamp(toolchain) !== stamp) {
    say('Fetching the pinned Node and pnpm (once) ...');
    mkdirSync(toolchain, { recursive: true });
    for (const name of ['package.json', 'package-lock.json']) {
      writeFileSync(join(toolchain, name), readFileSync(join(root, 'scripts/toolchain', name)));
    }
    must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], toolchain, {});
    writeStamp(toolchain, stamp);
  }
  const platform = `${process.platform}-${process.arch}`;
  const node = ownNodeFits ? process.execPath : join(modules, `node-${platform}`, 'bin', 'node');
  const pinnedPnpm = join(modules, '@pnpm', `exe.${platform}`, 'pnpm');
  // No pinned pnpm for this platform (macOS, Windows): the one on the PATH, which `npm i -g pnpm@12` brings.
  const pnpm = existsSync(pinnedPnpm) ? pinnedPnpm : 'pnpm';
  if (!existsSync(node)) {
    fail(
      `Switchyard runs on Node ${pinnedMajor}; this machine has ${process.versions.node}, and no Node ${pinnedMajor} ` +
        `is pinned for ${platform}. Install Node ${pinnedMajor} and run this again.`,
    );
  }
  return { node, pnpm };
}

/** Installs the workspace's packages from the lockfile when they differ from what it says. */
function ensureWorkspace(bin) {
  const stamp = fingerprint('pnpm-lock.yaml') + fingerprint('package.json');
  const modules = join(root, 'node_modules');
  if (readStamp(modules) === stamp) return;
  say('Installing packages from the lockfile (once) ...');
  must(bin.pnpm, ['install', '--frozen-lockfile', '--reporter=silent'], root, {
    PATH: [dirname(bin.node), process.env.PATH].join(delimiter),
  });
  writeStamp(modules, stamp);
}

/** Runs the target with the pinned Node first on the PATH; its exit code or signal becomes ours. */
function runTarget(nodePath) {
  const isFile = /\.(ts|mts|mjs|js)$/.test(target);
  const command = isFile ? nodePath : join(root, 'node_modules', '.bin', target);
  const commandArgs = isFile ? [join(root, target), ...args] : args;
  if (!isFile && !existsSync(command)) fail(`no tool "${target}" in node_modules/.bin`);
  const isApp = /^apps\/(?!cli\/|sandbox\/)[^/]+\/main\.ts$/.test(target);
  const child = spawn(command, commandArgs, {
    stdio: 'inherit',
    // An app has a process group of its own: a signal to the whole group reaches us and npm, which passes it on to us
    // once more. The app gets it from us, once; the second would tell it to leave at once.
    detached: isApp,
    env: { ...process.env, PATH: [dirname(nodePath), process.env.PATH].join(delimiter) },
  });
  const echoMs = 1_000;
  let passedAt = Number.NEGATIVE_INFINITY;
  const pass = (signal) => {
    if (performance.now() - passedAt < echoMs) return;
    passedAt = performance.now();
    child.kill(signal);
  };
  // A terminal sends Ctrl-C to the whole group, so a child in our group has it already; we only stay until it is done.
  process.on('SIGINT', () => isApp && pass('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => pass(signal));
  if (isApp && process.env.npm_lifecycle_event !== undefined) stopWithParent(() => pass('SIGTERM'));
  child.on('error', (error) => fail(`can't start ${target}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + (constants.signals[signal] ?? 0) : code));
}

/** npm passes a signal to its shell alone, and not every shell passes it on: that ours is gone is told by our parent. */
function stopWithParent(stop) {
  const parent = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    stop();
  }, 200);
  looking.unref();
}

/** Two scripts started at once on a fresh clone must not install over each other. */
async function underLock(name, work) {
  mkdirSync(cache, { recursive: true });
  const path = join(cache, name);
  const staleMs = 10 * 60_000;
  for (;;) {
    try {
      closeSync(openSync(path, 'wx'));
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
      if (age > staleMs) rmSync(path, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return work();
  } finally {
    release();
    process.off('exit', release);
  }
}

function must(command, commandArgs, cwd, env) {
  const result = spawnSync(command, commandArgs, {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  if (result.error) fail(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0) fail(`${command} ${commandArgs.join(' ')} failed; its own words are above.`);
}

function fingerprint(path) {
  return createHash('sha256')
    .update(readFileSync(join(root, path)))
    .digest('hex');
}

function readStamp(folder) {
  const path = join(folder, '.switchyard-stamp');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function writeStamp(folder, stamp) {
  writeFileSync(join(folder, '.switchyard-stamp'), stamp);
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(line) {
  say(line);
  process.exit(1);
}
