import { access, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianProgram } from './debian-program.ts';
import type { Environment } from './environment.ts';
import { runCommand } from './run-command.ts';

/** The wall clock of one or more processes, which can be set wrong while they run. Their monotonic clock stays right. */
export interface SteppedClock {
  /** What a process is started with to have this clock. */
  readonly env: Readonly<Record<string, string>>;
  /** And a Redis. Its jemalloc asks for the time before libfaketime can tell it; glibc's own malloc does not. */
  readonly redisEnv: Readonly<Record<string, string>>;
  /** How far it is from the right time from now on (within two seconds), in seconds; 0 puts it right. */
  step(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * A clock made with libfaketime, from Debian's or Ubuntu's own packages; right to begin with. null on a machine
 * without apt.
 *
 * @throws when the packages can't be downloaded or what is in them doesn't run.
 */
export async function createSteppedClock(env: Environment = process.env): Promise<SteppedClock | null> {
  const library = await faketimeLibrary(env);
  if (library === null) return null;
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-clock-'));
  const file = join(folder, 'offset');
  const step = async (seconds: number) => {
    // In one piece: a process reads it at any moment.
    await writeFile(`${file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    await rename(`${file}.new`, file);
  };
  await step(0);
  const settings = {
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  return {
    env: { ...settings, LD_PRELOAD: library },
    redisEnv: { ...settings, LD_PRELOAD: `libc_malloc_debug.so.0:${library}` },
    step,
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function faketimeLibrary(env: Environment): Promise<string | null> {
  const spec = {
    name: 'faketime',
    packages: ['faketime', 'libfaketime'],
    program: 'usr/bin/faketime',
    versionOf,
  };
  const found = await debianProgram(spec, env);
  if (found === null) return null;
  // The one for programs with threads.
  for (const folder of found.program.libraries) {
    const library = join(folder, 'faketime/libfaketimeMT.so.1');
    if (await isReadable(library)) return library;
  }
  throw new Error("no libfaketimeMT.so.1 in Debian's libfaketime package");
}

async function versionOf(
  command: string,
  _libraries: readonly string[],
  env: Environment,
): Promise<string | null> {
  try {
    const words = await runCommand(command, ['--version'], { env });
    return /Version (\S+)/i.exec(words)?.[1] ?? null;
  } catch {
    return null;
  }
}

function isReadable(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
