import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';

// The tests' own Redis has brought the tool along, or it is on the PATH.
void inject('redisUrl');
const root = join(import.meta.dirname, '../..');
const [cached] = globSync('.cache/redis-*/usr/bin/redis-check-aof', { cwd: root });
const tool = 'redis-check-aof';
const onPath = spawnSync(tool, ['--version']).error === undefined;
const libraries = globSync('.cache/redis-*/usr/lib/*-linux-gnu', { cwd: root }).map((path) =>
  join(root, path),
);

const set = (key: string, value: string) => command('SET', key, value);
const transaction = `${command('MULTI')}${set('b', '2')}${set('c', '3')}${command('EXEC')}`;
const good = `${command('SELECT', '0')}${set('a', '1')}${transaction}`;

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-aof-'));
  mkdirSync(join(folder, 'appendonlydir'));
  file = join(folder, 'appendonlydir/appendonly.aof.1.incr.aof');
  writeFileSync(
    join(folder, 'appendonlydir/appendonly.aof.manifest'),
    'file appendonly.aof.1.incr.aof seq 1 type i\n',
  );
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/docker-entrypoint.sh'), '#!/bin/sh\necho "started: $*"\n', { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(cached === undefined && !onPath)('the start of Redis', () => {
  it('leaves a whole file alone', () => {
    writeFileSync(file, good);
    expect(start()).toMatchObject({
      status: 0,
      said: 'started: redis-server /usr/local/etc/redis/redis.conf\n',
    });
    expect(readFileSync(file, 'utf8')).toBe(good);
  });

  it.each([
    ['in the middle of a command', transaction.slice(0, -14)],
    ['between two commands of a transaction', `${command('MULTI')}${set('b', '2')}`],
    ['in a long value', `${command('MULTI')}${set('b', 'x'.repeat(100_000)).slice(0, -20_000)}`],
  ])('cuts off a transaction that was torn %s, and keeps it', (_where, torn) => {
    writeFileSync(file, good + torn);
    expect(start()).toMatchObject({ status: 0, said: expect.stringContaining('started: redis-server') });
    expect(readFileSync(file, 'utf8')).toBe(good);
    const [kept = ''] = readdirSync(folder).filter((name) => name.startsWith('torn-'));
    expect(readFileSync(join(folder, kept), 'utf8')).toBe(torn);
  });

  it('does not start on a file that is damaged in the middle, and leaves it as it is', () => {
    const damaged = `${good}*3\r\n$3\r\nSET\r\n$9\r\n${'more that is good'.repeat(1_000)}${set('z', '9')}`;
    writeFileSync(file, damaged);
    expect(start()).toMatchObject({ status: 1, said: expect.stringContaining('A damaged append-only file') });
    expect(readFileSync(file, 'utf8')).toBe(damaged);
  });

  it('starts where there is no file yet', () => {
    rmSync(join(folder, 'appendonlydir'), { recursive: true });
    expect(start().status).toBe(0);
  });
});

function start(): { readonly status: number | null; readonly said: string } {
  const tools = cached === undefined ? [] : [dirname(join(root, cached))];
  const { status, stdout, stderr } = spawnSync('sh', [join(import.meta.dirname, 'start.sh')], {
    encoding: 'utf8',
    env: {
      PATH: [join(folder, 'bin'), ...tools, process.env.PATH].join(':'),
      LD_LIBRARY_PATH: libraries.join(':'),
      REDIS_DATA: folder,
    },
  });
  return { status, said: stdout + stderr };
}

function command(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}
