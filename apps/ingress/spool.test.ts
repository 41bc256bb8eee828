import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger } from '@switchyard/telemetry';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSpool, type Spool, type SpoolSettings } from './spool.ts';
import { type OpenFile, openFile } from './spool-disk.ts';
import { encodeDelivery } from './spool-record.ts';
import { deliveryNamed, idsOf, temporaryDirectory } from './testing-deliveries.ts';

let dir: string;
let remove: () => Promise<void>;
let setAside: string[];
let spool: Spool | null;

beforeEach(async () => {
  ({ dir, remove } = await temporaryDirectory());
  setAside = [];
  spool = null;
});
afterEach(async () => {
  await spool?.close();
  await remove();
});

const log = createLogger({ app: 'test', level: 'silent' });

/** As a start of the process would: the one before is closed, unless it was killed. */
async function open(settings: Partial<SpoolSettings> = {}): Promise<Spool> {
  await spool?.close();
  spool = await openSpool({ dir, log, onSetAside: (reason) => setAside.push(reason), ...settings });
  return spool;
}

async function readAll(from: Spool, size = 7): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const read = await from.read(size);
    if (read.length === 0) return ids;
    ids.push(...idsOf(read));
    await from.drained(read.length);
  }
}

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const deliveries = (prefix: string, count: number) => names(prefix, count).map((id) => deliveryNamed(id));
const files = async () => (await readdir(dir)).filter((name) => name !== 'lock').sort();

describe('in one life', () => {
  test('gives back what was appended, in order, and is empty then', async () => {
    await open({ segmentBytes: 1_000 });
    for (let batch = 0; batch < 10; batch += 1) await spool?.append(deliveries(`${batch}-`, 3));
    expect(spool?.depth).toBe(30);
    expect(spool?.oldestAt).toBeGreaterThan(Date.now() - 60_000);
    expect((await files()).length).toBeGreaterThan(5);
    expect(spool && (await readAll(spool))).toEqual(
      Array.from({ length: 10 }, (_, batch) => names(`${batch}-`, 3)).flat(),
    );
    expect([spool?.depth, spool?.bytes, spool?.oldestAt]).toEqual([0, 0, null]);
    expect((await files()).filter((name) => name.endsWith('.spool'))).toEqual([]);
  });

  test('reads again what was read and not said to be drained', async () => {
    const one = await open();
    await one.append(deliveries('a', 5));
    expect(idsOf(await one.read(3))).toEqual(['a0', 'a1', 'a2']);
    expect(idsOf(await one.read(2))).toEqual(['a0', 'a1']);
    await one.drained(1);
    expect(idsOf(await one.read(9))).toEqual(['a1', 'a2', 'a3', 'a4']);
  });

  test('keeps appends in the order they were asked for, also those not waited for', async () => {
    const one = await open();
    await Promise.all(names('n', 20).map((id) => one.append([deliveryNamed(id)])));
    expect(await readAll(one)).toEqual(names('n', 20));
  });

  test('takes a delivery larger than what it reads at once', async () => {
    const one = await open();
    const large = deliveryNamed('large', 1, 'ä'.repeat(2_000_000));
    await one.append([deliveryNamed('before'), large, deliveryNamed('after')]);
    expect(await readAll(one)).toEqual(['before', 'large', 'after']);
    await one.append([large]);
    expect((await (await open()).read(1))[0]).toEqual(large);
  });

  test('acknowledges only once the disk has confirmed', async () => {
    const calls: string[] = [];
    const one = await open({ open: watched((call) => void calls.push(call)) });
    await one.append(deliveries('a', 3)).then(() => calls.push('acknowledged'));
    expect(calls.filter((call) => call !== 'read')).toEqual(['open', 'write', 'datasync', 'acknowledged']);
  });

  test('puts what Redis refuses into a file of its own', async () => {
    const one = await open();
    await one.append(deliveries('a', 3));
    await one.read(3);
    await one.reject();
    expect(await readAll(one)).toEqual(['a1', 'a2']);
    expect(await readFile(join(dir, '00000001.spool.rejected-0'), 'latin1')).toContain('"id":"a0"');
    expect(setAside).toEqual(['rejected']);
  });
});

describe('full or failing', () => {
  test('refuses what would exceed its limit, and takes again once drained', async () => {
    const size = encodeDelivery(deliveryNamed('a0')).length;
    const one = await open({ maxBytes: size * 3, segmentBytes: size });
    await one.append(deliveries('a', 3));
    await expect(one.append(deliveries('b', 1))).rejects.toMatchObject({ code: 'SPOOL_FULL' });
    await one.read(1);
    await one.drained(1);
    expect(await readAll(one)).toEqual(['a1', 'a2']);
    await one.append(deliveries('c', 1));
    expect(await readAll(one)).toEqual(['c0']);
  });

  test.each(['write', 'datasync', 'open'])('acknowledges nothing of a batch whose %s fails', async (what) => {
    let broken = false;
    const disk = watched((call) => {
      if (broken && call === what) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    });
    const one = await open({ open: disk, segmentBytes: what === 'open' ? 1 : 10_000 });
    await one.append(deliveries('a', 2));
    broken = true;
    await expect(one.append(deliveries('b', 2))).rejects.toMatchObject({ code: 'SPOOL_DISK' });
    await expect(one.append(deliveries('c', 2))).rejects.toMatchObject({ code: 'SPOOL_DISK' });
    expect(one.depth).toBe(2);
    broken = false;
    await one.append(deliveries('d', 2));
    // Another file: one whose fsync failed once is not trusted again.
    expect(await files()).toContain(what === 'open' ? '00000002.spool' : '00000003.spool');
    expect(await readAll(one)).toEqual(['a0', 'a1', 'd0', 'd1']);
  });

  test('sets a segment aside that the disk does not give back, and reads the others', async () => {
    let broken = false;
    const disk = watched((call) => {
      if (broken && call === 'read') throw Object.assign(new Error('i/o error'), { code: 'EIO' });
    });
    const one = await open({ open: disk, segmentBytes: 1 });
    await one.append(deliveries('a', 2));
    broken = true;
    expect(await one.read(9)).toEqual([]);
    broken = false;
    await one.append(deliveries('b', 2));
    expect(await readAll(one)).toEqual(['b0', 'b1']);
    expect([setAside, await files()]).toEqual([
      ['unreadable'],
      expect.arrayContaining(['00000001.spool.unreadable']),
    ]);
  });
});

describe('the next life', () => {
  test('goes on where the drain was, in files of its own', async () => {
    const one = await open();
    await one.append(deliveries('a', 4));
    await one.read(3);
    await one.drained(3);
    const two = await open();
    expect([two.depth, two.oldestAt]).toEqual([1, expect.any(Number)]);
    await two.append(deliveries('b', 2));
    expect(await readAll(await open())).toEqual(['a3', 'b0', 'b1']);
  });

  test('never uses a segment number twice, so that an old cursor hides nothing', async () => {
    const one = await open();
    await one.append(deliveries('a', 4));
    await one.read(2);
    await one.drained(2);
    await one.checkpoint();
    await readAll(one);
    const two = await open();
    await two.append(deliveries('b', 9));
    expect(await files()).toEqual(['00000002.spool', 'cursor']);
    expect(await readAll(await open())).toEqual(names('b', 9));
  });

  test.each(['', 'nonsense', '1', '1 999999 00000000\n', '99 3 00000000\n'])(
    'loses nothing through a cursor that says %j',
    async (cursor) => {
      await (await open()).append(deliveries('a', 3));
      await spool?.close();
      spool = null;
      await writeFile(join(dir, 'cursor'), cursor);
      expect(await readAll(await open())).toEqual(['a0', 'a1', 'a2']);
    },
  );

  test('sets a torn last record aside, wherever it is torn, and keeps the others', async () => {
    const last = encodeDelivery(deliveryNamed('torn')).length;
    // Every byte is tried in spool-record.test.ts; here each try costs a dozen fsyncs.
    for (let left = 1; left < last; left += left < 12 ? 1 : 23) {
      const before = setAside.length;
      await (await open()).append([deliveryNamed('whole'), deliveryNamed('torn')]);
      await spool?.close();
      spool = null;
      const [segment = ''] = (await files()).filter((name) => name.endsWith('.spool'));
      const { size } = await stat(join(dir, segment));
      await truncate(join(dir, segment), size - last + left);
      expect(await readAll(await open())).toEqual(['whole']);
      expect(setAside.slice(before)).toEqual(['torn']);
      const aside = join(dir, `${segment}.torn-${size - last}`);
      expect((await stat(aside)).size).toBe(left);
    }
  });

  test('steps over damage in the middle, and finds what comes behind', async () => {
    const one = await open({ segmentBytes: 2_000 });
    for (const prefix of ['a', 'b', 'c']) await one.append(deliveries(prefix, 8));
    await one.close();
    spool = null;
    const path = join(dir, '00000001.spool');
    const bytes = await readFile(path);
    bytes.fill(0, 900, 905);
    await writeFile(path, bytes);
    const found = await readAll(await open());
    const all = ['a', 'b', 'c'].flatMap((prefix) => names(prefix, 8));
    expect(found).toEqual(all.filter((id) => found.includes(id)));
    expect(found.length).toBeGreaterThanOrEqual(all.length - 2);
    expect(setAside).toEqual(['damaged']);
  });

  test('passes by files that are none of its own', async () => {
    await writeFile(join(dir, 'README'), 'hello');
    await (await open()).append(deliveries('a', 1));
    await appendFile(join(dir, '00000002.spool'), '');
    expect(await readAll(await open())).toEqual(['a0']);
  });
});

describe('killed at any moment', () => {
  test('loses nothing that was acknowledged and gives it back in order', { timeout: 300_000 }, async () => {
    const drained = new Set<string>();
    const acknowledged: string[] = [];
    const found: string[] = [];
    for (let life = 0; life < 12; life += 1) {
      const lines = await spoolAndDie(String(life));
      const lived = lines.filter((line) => line.startsWith('+')).map((line) => line.slice(1));
      expect(lived.length).toBeGreaterThan(0);
      acknowledged.push(...lived);
      for (const line of lines) if (line.startsWith('-')) drained.add(line.slice(1));
      if (life % 4 !== 3) continue;
      // Every few lives, what they left is read by a life of ours.
      const left = await readAll(await open());
      await spool?.close();
      spool = null;
      found.push(...left);
      const lost = acknowledged.filter((id) => !drained.has(id) && !left.includes(id));
      expect(lost).toEqual([]);
      acknowledged.length = 0;
    }
    expect(found).toEqual(found.toSorted(byLifeAndNumber));
    expect(setAside.filter((reason) => reason !== 'torn')).toEqual([]);
  });

  async function spoolAndDie(life: string): Promise<string[]> {
    const script = new URL('./spool-crash-child.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [script, dir, life], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      // Somewhere in its work: the moment of the first word varies, and so does how long the kill takes.
      if (text === '') setTimeout(() => child.kill('SIGKILL'), Math.random() * 60);
      text += chunk;
    });
    await once(child, 'close');
    // The last line may be cut in the middle of an id.
    return text.slice(0, text.lastIndexOf('\n')).split('\n');
  }
});

describe('the directory', () => {
  test('is made, and open to nobody else', async () => {
    dir = join(dir, 'deep', 'er');
    await (await open()).append(deliveries('a', 1));
    expect((await stat(dir)).mode & 0o077).toBe(0);
    expect((await stat(join(dir, '00000001.spool'))).mode & 0o077).toBe(0);
  });

  test('that can not be is one line for the operator', async () => {
    await writeFile(join(dir, 'file'), '');
    const wrong = openSpool({ dir: join(dir, 'file'), log });
    await expect(wrong).rejects.toMatchObject({
      lines: [expect.stringMatching(/^SPOOL_DIR: .*file.* can't be used/)],
    });
  });

  test('is not shared with another process, and the line says whose it is', async () => {
    await open();
    await expect(openSpool({ dir, log })).rejects.toMatchObject({
      lines: [expect.stringMatching(/^SPOOL_DIR: .* is in use by process \d+ on .*; give each/)],
    });
  });
});

function byLifeAndNumber(a: string, b: string): number {
  const [lifeA = 0, numberA = 0] = a.split('-').map(Number);
  const [lifeB = 0, numberB = 0] = b.split('-').map(Number);
  return lifeA - lifeB || numberA - numberB;
}

/** Opens real files that tell of each call, and fail it when the teller throws. */
function watched(tell: (call: string) => void): OpenFile {
  return async (path, flags, mode) => {
    if (flags === 'ax+') tell('open');
    const file = await openFile(path, flags, mode);
    for (const call of ['write', 'datasync', 'read']) {
      const real: unknown = Reflect.get(file, call);
      if (typeof real !== 'function') continue;
      Object.assign(file, {
        async [call](...args: unknown[]) {
          const answer: unknown = await Reflect.apply(real, file, args);
          tell(call);
          return answer;
        },
      });
    }
    return file;
  };
}
