import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LockedError, lockDirectory } from './spool-lock.ts';
import { temporaryDirectory } from './testing-deliveries.ts';

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryDirectory());
});
afterEach(() => remove());

const leave = (pid: number, host: string, started: string) =>
  writeFile(join(dir, 'lock'), `${JSON.stringify({ pid, host, started })}\n`);

async function deadPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}

test('one at a time; free again once released', async () => {
  const lock = await lockDirectory(dir);
  await expect(lockDirectory(dir)).rejects.toThrow(LockedError);
  await lock.release();
  expect(await readdir(dir)).toEqual([]);
  await (await lockDirectory(dir)).release();
});

test('of a dead process is taken over at once', async () => {
  await leave(await deadPid(), hostname(), '123');
  await (await lockDirectory(dir)).release();
});

test('of an earlier process with the pid of a living one, ours too, is taken over', async () => {
  for (const pid of [process.pid, process.ppid]) {
    await leave(pid, hostname(), '1');
    await (await lockDirectory(dir)).release();
  }
});

test('that is no lock of ours is taken over once it is silent', async () => {
  await writeFile(join(dir, 'lock'), '{"pi');
  await (await lockDirectory(dir, { beatMs: 10 })).release();
});

test('of another host holds while it beats, whatever its pid is here, and no longer', async () => {
  await leave(process.pid, 'another', '1');
  const path = join(dir, 'lock');
  let beats = 0;
  const beat = setInterval(() => {
    beats += 1;
    void utimes(path, beats, beats);
  }, 10);
  await expect(lockDirectory(dir, { beatMs: 30 })).rejects.toThrow(/process \d+ on another/);
  clearInterval(beat);
  await (await lockDirectory(dir, { beatMs: 30 })).release();
});

test('of many that want a stale one, one gets it', async () => {
  await leave(await deadPid(), hostname(), '123');
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(dir)));
  const won = tries.filter((one) => one.status === 'fulfilled');
  expect(won).toHaveLength(1);
  for (const { value } of won) await value.release();
});
