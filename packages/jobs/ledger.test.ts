import { CallFailure } from '@switchyard/chatwoot';
import { createLogger } from '@switchyard/telemetry';
import { emptyRedis } from '@switchyard/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { openLedger } from './ledger.ts';
import { createLockedWrite, LockLost } from './lock.ts';
import { connectRedis, type RedisConnection } from './redis.ts';

const P = '{switchyard:0}';
const KEY = `${P}:ledger:routing:j1`;
const lock = { key: `${P}:routing:j1:lock`, token: 'mine' };
const begun = expect.stringMatching(/^begun:\d+$/);
const doneWith = (result: unknown) =>
  expect.stringMatching(`^{"at":\\d+,"result":${JSON.stringify(result)}}$`);

let redis: RedisConnection;
beforeAll(async () => {
  const log = createLogger({ app: 'test', level: 'silent' });
  redis = connectRedis({ url: await emptyRedis(inject('redisUrl')), log, temper: 'patient' });
});
beforeEach(async () => {
  await redis.client.flushdb();
  await redis.client.set(lock.key, lock.token);
  await redis.client.pexpire(lock.key, 600_000);
});
afterAll(() => redis.close());

const stored = () => redis.client.hgetall(KEY);
/** The ledger of one attempt, the first unless told otherwise. */
function open(over: { restarted?: boolean; surelyHeld?: boolean } = {}) {
  const { restarted = false, surelyHeld = true } = over;
  return openLedger({
    ...{ redis: redis.client, prefix: P, queue: 'routing', jobId: 'j1', lock, restarted },
    ...{ fresh: !restarted, signal: new AbortController().signal, surelyHeld: () => surelyHeld },
    write: createLockedWrite(redis, P),
  });
}
/** A step that never ends: its worker dies over it. */
const never = () => new Promise<never>(() => {});
const failed = { at: 1, code: 'X', message: 'x', step: null, next: 'retry', nextAt: 2 } as const;

describe('the first step of a job', () => {
  test('begins without a word, and is confirmed all the same when its worker died over it', async () => {
    const first = await open();
    const called = Promise.withResolvers<void>();
    void first.step('send', () => {
      called.resolve();
      return never();
    });
    await called.promise;
    expect(await stored()).toEqual({});

    const second = await open({ restarted: true });
    const perform = vi.fn();
    const confirm = vi.fn(async () => ({ done: true as const, result: 7 }));
    expect(await second.step('send', perform, { confirm })).toBe(7);
    expect(perform).not.toHaveBeenCalled();
    expect(await second.close()).toEqual({ send: doneWith(7), '=unsure': '1' });
  });

  test('is written down before it begins when the lock may have run out', async () => {
    const ledger = await open({ surelyHeld: false });
    await ledger.step('send', async () => void expect(await stored()).toEqual({ send: begun }));
  });

  test('is not performed when another worker has the job and that can be known', async () => {
    await redis.client.set(lock.key, 'theirs');
    const perform = vi.fn();
    const ledger = await open({ surelyHeld: false });
    await expect(ledger.step('send', perform)).rejects.toThrow(LockLost);
    expect(perform).not.toHaveBeenCalled();
  });
});

describe('after an attempt that ended without a word', () => {
  test('every step that is not there may have begun, also when a further attempt died over another one', async () => {
    const second = await open({ restarted: true });
    void second.step('other', never);
    await vi.waitFor(async () => expect(await stored()).toEqual({ other: begun, '=unsure': '1' }), 20_000);
    const third = await open({ restarted: true });
    const confirm = vi.fn(async () => ({ done: false as const }));
    await third.step('send', async () => 'sent', { confirm });
    expect(confirm).toHaveBeenCalledOnce();
  });

  test.each([
    ['failed, and said so', async () => (await open()).fail(failed, null)],
    ['failed in a step that surely did nothing, and said so', failSurely],
  ])('nothing is asked when it %s', async (_title, attempt) => {
    await attempt();
    const confirm = vi.fn();
    expect(await (await open({ restarted: true })).step('send', async () => 'sent', { confirm })).toBe(
      'sent',
    );
    expect(confirm).not.toHaveBeenCalled();
  });

  async function failSurely() {
    const ledger = await open();
    const refused = new CallFailure('transient', 'not now', { code: 'X', target: 'test' });
    await expect(ledger.step('send', () => Promise.reject(refused))).rejects.toBe(refused);
    await ledger.fail(failed, null);
  }
});

describe('a result', () => {
  test('is stored together with the beginning of the next step', async () => {
    const ledger = await open();
    await ledger.step('one', async () => 1);
    await ledger.step('two', async () => {
      expect(await stored()).toEqual({ one: doneWith(1), two: begun });
    });
  });

  test('is stored by itself when nothing follows at once', async () => {
    const ledger = await open();
    await ledger.step('one', async () => 1);
    await vi.waitFor(async () => expect(await stored()).toEqual({ one: doneWith(1) }), 20_000);
    expect(await ledger.close()).toEqual({});
  });

  test('that is not stored yet is left to who settles the job, and then not written by itself', async () => {
    const ledger = await open();
    await ledger.step('one', async () => 1);
    expect(await ledger.close()).toEqual({ one: doneWith(1) });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await stored()).toEqual({});
  });

  test('is stored with the attempt that fails after it; a step of unknown outcome then stays begun', async () => {
    const ledger = await open();
    await ledger.step('one', async () => 1);
    const unknown = new CallFailure('unknown-outcome', 'no answer', { code: 'X', target: 'test' });
    await expect(ledger.step('two', () => Promise.reject(unknown))).rejects.toBe(unknown);
    await ledger.fail(failed, { action: 'reply', reason: 'rule' });
    expect(await stored()).toEqual({
      one: doneWith(1),
      two: begun,
      '=attempts': expect.any(String),
      '=decision': expect.any(String),
    });
  });

  test('of a first step of unknown outcome is told as begun by the attempt that fails', async () => {
    const ledger = await open();
    const unknown = new CallFailure('unknown-outcome', 'no answer', { code: 'X', target: 'test' });
    await expect(ledger.step('one', () => Promise.reject(unknown))).rejects.toBe(unknown);
    await ledger.fail(failed, null);
    expect(await stored()).toMatchObject({ one: begun });
  });

  test('is not stored by a worker that has lost the job', async () => {
    const ledger = await open();
    await ledger.step('one', async () => 1);
    await redis.client.set(lock.key, 'theirs');
    await expect(ledger.step('two', async () => 2)).rejects.toThrow(LockLost);
    expect(await stored()).toEqual({});
  });
});

test('no step has a name of the ledger’s own', async () => {
  const ledger = await open();
  await expect(ledger.step('=outcome', async () => 1)).rejects.toThrow('does not begin with "="');
});
