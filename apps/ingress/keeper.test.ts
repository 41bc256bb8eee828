import { setTimeout as sleep } from 'node:timers/promises';
import {
  connectRedis,
  createEnqueuer,
  type Enqueued,
  type Enqueuer,
  type PlannedDelivery,
  type RedisConnection,
} from '@switchyard/jobs';
import { createLogger } from '@switchyard/telemetry';
import { type RedisServer, startProxy, startRedis, type ToxicProxy } from '@switchyard/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createKeeper, type Keeper, type KeeperState } from './keeper.ts';
import { openSpool, type Spool } from './spool.ts';
import { deliveryNamed, idsOf, temporaryDirectory } from './testing-deliveries.ts';

const P = '{switchyard:0}';
/** The promise is a second; the rest is this machine's. */
const LIMIT_MS = 900;
/** A second is promised; a busy machine may hold up ourselves, and who waited for Redis would wait far longer. */
const PROMISED_MS = 5_000;
const log = createLogger({ app: 'test', level: 'silent' });

let server: RedisServer;
let proxy: ToxicProxy;
let control: RedisConnection;
let redis: RedisConnection;
let enqueuer: Enqueuer;
let dir: string;
let remove: () => Promise<void>;
let spool: Spool;
let keeper: Keeper;

beforeAll(async () => {
  server = await startRedis({ owned: true, appendonly: 'always' });
  proxy = await startProxy({ targetPort: server.port });
});
afterAll(async () => {
  await proxy.close();
  await server.close();
});

beforeEach(async () => {
  ({ dir, remove } = await temporaryDirectory());
  control = connectRedis({ url: server.url, log, temper: 'patient' });
  await control.client.flushall();
  redis = connectRedis({ url: proxy.url, log, temper: 'prompt' });
  redis.client.on('ready', () => keeper?.redisReady());
  enqueuer = createEnqueuer(redis, { dedupeMs: 600_000 });
  await vi.waitFor(() => expect(redis.client.status).toBe('ready'), 20_000);
  await start();
});
afterEach(async () => {
  await stop();
  await redis.close();
  await control.close();
  await remove();
});

async function start(
  enqueue: Enqueuer['enqueue'] = enqueuer.enqueue,
  onChange: (state: KeeperState) => void = () => {},
): Promise<void> {
  spool = await openSpool({ dir, log });
  keeper = createKeeper({ enqueue, spool, log, largestBatch: 50, limitMs: LIMIT_MS, onChange });
}

async function stop(): Promise<void> {
  await keeper.close();
  await spool.close();
}

/** Deliveries of three conversations, kept one after the other in this order; what was said, and after how long. */
function load() {
  const sent: PlannedDelivery[] = [];
  const answers: ('spooled' | Enqueued)[] = [];
  let slowest = 0;
  let running = true;
  const done = (async () => {
    for (let number = 0; running; number += 3) {
      const three = [0, 1, 2].map((lane) =>
        deliveryNamed(`n${String(number + lane).padStart(6, '0')}`, lane),
      );
      sent.push(...three);
      const from = performance.now();
      answers.push(...(await Promise.all(three.map((delivery) => keeper.keep(delivery)))));
      slowest = Math.max(slowest, performance.now() - from);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  return {
    seen: (answer: string, times = 30) =>
      vi.waitFor(
        () => expect(answers.filter((one) => one === answer).length).toBeGreaterThanOrEqual(times),
        20_000,
      ),
    answers,
    async end() {
      running = false;
      await done;
      return { sent, slowest };
    },
  };
}

/** Each lane's delivery ids, in the order a worker will see them. */
async function inRedis(): Promise<string[][]> {
  const waiting = await control.client.lrange(`${P}:routing:wait`, '0', '-1');
  return Promise.all(
    [0, 1, 2].map(async (lane) => {
      const holder = await control.client.hget(`${P}:lanes:routing`, `v3-${lane}`);
      expect(waiting).toContain(holder);
      const data = await control.client.hget(`${P}:routing:${holder}`, 'data');
      const behind = await control.client.lrangeBuffer(`${P}:lane:routing:v3-${lane}`, 0, -1);
      return [data ?? '', ...behind.map((job) => job.toString('latin1'))].map(
        (job) => /n\d{6}/.exec(job)?.[0] ?? '?',
      );
    }),
  );
}

function byLane(sent: readonly PlannedDelivery[]): string[][] {
  return [0, 1, 2].map((lane) => idsOf(sent.filter(({ jobs }) => jobs[0]?.lane === `v3-${lane}`)));
}

const isDirect = () => vi.waitFor(() => expect(keeper.mode).toBe('direct'), 20_000);

describe('whatever Redis does, each delivery is in it once and in order at the end, and nobody waited longer than a second', () => {
  const weather: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
    ['is cut off', () => proxy.cut(), () => proxy.restore()],
    ['gives no answer', async () => proxy.stall(), async () => proxy.resume()],
    ['is stopped in its tracks', () => server.pause(), () => server.resume()],
    ['is killed and comes back', () => server.kill(), () => server.restart()],
    ['is slower than the limit', async () => proxy.latency(1_000), async () => proxy.latency(0)],
    [
      'is paused by CLIENT PAUSE',
      () => control.client.call('CLIENT', 'PAUSE', '60000', 'WRITE'),
      () => control.client.call('CLIENT', 'UNPAUSE'),
    ],
    [
      'is out of memory',
      () => control.client.config('SET', 'maxmemory', '1'),
      () => control.client.config('SET', 'maxmemory', '0'),
    ],
    [
      'lacks the replicas it must have',
      () => control.client.config('SET', 'min-replicas-to-write', '1'),
      () => control.client.config('SET', 'min-replicas-to-write', '0'),
    ],
  ];

  test.each(weather)('when it %s', async (_title, worsen, mend) => {
    const traffic = load();
    await traffic.seen('accepted');
    await worsen();
    await traffic.seen('spooled');
    await mend();
    await isDirect();
    const before = traffic.answers.length;
    await vi.waitFor(() => expect(traffic.answers.slice(before)).toContain('accepted'), 20_000);
    const { sent, slowest } = await traffic.end();
    await isDirect();
    expect(await inRedis()).toEqual(byLane(sent));
    expect(slowest).toBeLessThan(PROMISED_MS);
    expect(spool.depth).toBe(0);
  });

  test('when it is demoted to a replica and promoted again', async () => {
    const traffic = load();
    await traffic.seen('accepted');
    await control.client.call('REPLICAOF', '127.0.0.1', '1');
    await traffic.seen('spooled');
    await control.client.call('REPLICAOF', 'NO', 'ONE');
    await isDirect();
    const { sent, slowest } = await traffic.end();
    await isDirect();
    expect(await inRedis()).toEqual(byLane(sent));
    expect(slowest).toBeLessThan(PROMISED_MS);
  });
});

test('once it spools, nobody waits for Redis', async () => {
  proxy.stall();
  expect(await keeper.keep(deliveryNamed('n000000', 0))).toBe('spooled');
  const from = performance.now();
  for (let number = 1; number <= 20; number += 1)
    expect(await keeper.keep(deliveryNamed(`n${String(number).padStart(6, '0')}`, 0))).toBe('spooled');
  // Each would wait its whole limit.
  expect(performance.now() - from).toBeLessThan(10 * LIMIT_MS);
  proxy.resume();
  await isDirect();
});

test('with Redis away at start it spools, and a next life drains what this one left, before anything new', async () => {
  await proxy.cut();
  await stop();
  await start();
  const first = [0, 3, 6].map((number) => deliveryNamed(`n00000${number}`, 0));
  expect(await Promise.all(first.map(keeper.keep))).toEqual(['spooled', 'spooled', 'spooled']);
  await stop();
  await start();
  expect([keeper.mode, spool.depth]).toEqual(['spooling', 3]);
  const later = deliveryNamed('n000009', 0);
  expect(await keeper.keep(later)).toBe('spooled');
  await proxy.restore();
  await isDirect();
  const lanes = await control.client.lrangeBuffer(`${P}:lane:routing:v3-0`, 0, -1);
  const holder = await control.client.hget(`${P}:lanes:routing`, 'v3-0');
  expect(await control.client.hget(`${P}:routing:${holder}`, 'data')).toContain('"n000000"');
  expect(lanes.map((job) => /n\d{6}/.exec(job.toString('latin1'))?.[0])).toEqual([
    'n000003',
    'n000006',
    'n000009',
  ]);
});

test('stopping while Redis does not answer takes no longer than what is under way', async () => {
  proxy.stall();
  const kept = keeper.keep(deliveryNamed('n000000', 0));
  const from = performance.now();
  await stop();
  expect(await kept).toBe('spooled');
  expect(performance.now() - from).toBeLessThan(20_000);
  proxy.resume();
  await start();
  await isDirect();
});

describe('a delivery that Redis refuses by itself', () => {
  class ReplyError extends Error {
    override readonly name = 'ReplyError';
  }
  const refusing =
    (bad: ReadonlySet<string>): Enqueuer['enqueue'] =>
    async (deliveries) => {
      if (idsOf(deliveries).some((id) => bad.has(id))) throw new ReplyError('WRONGTYPE of some key');
      return enqueuer.enqueue(deliveries);
    };

  test('is set aside once others pass, and holds none of them back', async () => {
    await stop();
    await start(refusing(new Set(['n000004', 'n000016'])));
    const all = Array.from({ length: 30 }, (_, number) =>
      deliveryNamed(`n${String(number).padStart(6, '0')}`, number % 3),
    );
    await Promise.all(all.map(keeper.keep));
    await isDirect();
    const good = all.filter((one) => !['n000004', 'n000016'].includes(one.event.delivery.id));
    expect(await inRedis()).toEqual(byLane(good));
  });

  test('a drain that stands still is not ready, and is again when it goes on', async () => {
    await stop();
    const states: KeeperState[] = [];
    await start(enqueuer.enqueue, (state) => states.push(state));
    await control.client.set(`${P}:routing:marker`, 'written over');
    const kept = [0, 1, 2].map((lane) => deliveryNamed(`n00000${lane}`, lane));
    await Promise.all(kept.map(keeper.keep));
    await vi.waitFor(() => expect(states.at(-1)?.standing).toBe(true), 30_000);
    // Nobody of them is to blame, so none is set aside, however often they are offered.
    await sleep(3_000);
    expect(spool.depth).toBe(3);
    await control.client.del(`${P}:routing:marker`);
    await isDirect();
    expect(states.at(-1)).toEqual({ mode: 'direct', failing: false, standing: false });
    expect(await inRedis()).toEqual(byLane(kept));
  });

  test('is kept while nothing shows that Redis takes others', async () => {
    await stop();
    let offers = 0;
    await start(async () => {
      offers += 1;
      throw new ReplyError('ERR of everything');
    });
    await Promise.all([0, 1, 2].map((lane) => keeper.keep(deliveryNamed(`n00000${lane}`, lane))));
    await vi.waitFor(() => expect(offers).toBeGreaterThan(8), 30_000);
    expect(spool.depth).toBe(3);
  });
});

test('what neither Redis nor the disk takes is rejected, and the state says so', async () => {
  await stop();
  const states: unknown[] = [];
  spool = await openSpool({ dir, log, maxBytes: 1 });
  keeper = createKeeper({
    enqueue: () => Promise.reject(new Error('away')),
    spool,
    log,
    largestBatch: 10,
    limitMs: 100,
    onChange: (state) => states.push(state),
  });
  await expect(keeper.keep(deliveryNamed('n000000'))).rejects.toMatchObject({ code: 'SPOOL_FULL' });
  // Redis is asked again with the next one, but it is not well until something was taken.
  await isDirect();
  expect(states.at(-1)).toEqual({ mode: 'direct', failing: true, standing: false });
});

test('stays spooling while an append is under way, however empty the spool is', async () => {
  await stop();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  let away = true;
  const real = await openSpool({ dir, log });
  let appends = 0;
  spool = {
    ...real,
    get depth() {
      return real.depth;
    },
    async append(deliveries) {
      appends += 1;
      if (appends === 2) await gate.promise;
      await real.append(deliveries);
    },
  };
  keeper = createKeeper({
    async enqueue(deliveries) {
      if (away) throw new Error('away');
      order.push(...idsOf(deliveries));
      return deliveries.map(() => 'accepted');
    },
    spool,
    log,
    largestBatch: 10,
    limitMs: 900,
  });
  await keeper.keep(deliveryNamed('first'));
  const second = keeper.keep(deliveryNamed('second'));
  await vi.waitFor(() => expect(appends).toBe(2), 20_000);
  away = false;
  await vi.waitFor(() => expect(spool.depth).toBe(0), 5_000);
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(keeper.mode).toBe('spooling');
  const third = keeper.keep(deliveryNamed('third'));
  gate.resolve();
  await Promise.all([second, third]);
  await isDirect();
  expect(order).toEqual(['first', 'second', 'third']);
});
