import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEvent } from '@switchyard/chatwoot';
import { connectRedis, createEnqueuer, type PlannedDelivery } from '@switchyard/jobs';
import { createLogger } from '@switchyard/telemetry';
import { fixture, freePort, type RedisServer, type RunningProcess, startProcess } from '@switchyard/testkit';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { makeRequests, SECRET } from './deliveries.ts';
import { type EffectTarget, startEffectTarget } from './effects.ts';
import { median, percentileOf, row } from './figures.ts';
import { load } from './load.ts';

const JOBS = 8_000;
/**
 * Where processors are shared with others, the machine is now faster, now slower, from one run to the next: what
 * counts is the median of many, and the ratio of the medians.
 */
const ROUNDS = 9;
const BACKLOG_ROUNDS = 3;
const CONCURRENCY = 20;
/** Of each measured run, the first jobs are left out: they pay for connections and compilation. */
const WARM_UP = 1_000;
/** Log lines go to a file, as they do under Docker: read here, they would take processor time from all that is measured. */
const LINES = join(tmpdir(), `switchyard-bench-${process.pid}.log`);
/** A process compiles what it does often; it is as fast as it will be after some thousand jobs. */
const LONG_RUN = { jobs: 16_000, warmUp: 6_000 };
/** So few lanes of an account that BullMQ has all of their jobs from the start, as it has the bare worker's. */
const ACCOUNTS = 200;

/** The engine beside a bare BullMQ worker, one process beside two, an empty backlog beside a long one. */
export async function benchWorkers(redis: RedisServer): Promise<void> {
  const target = await startEffectTarget();
  try {
    await benchThroughput(redis, target);
    await benchLatency(redis, target);
    await benchScaling(redis, target);
    await benchBacklog(redis, target);
  } finally {
    await target.close();
    rmSync(LINES, { force: true });
  }
}

async function benchThroughput(redis: RedisServer, target: EffectTarget): Promise<void> {
  const { jobs } = LONG_RUN;
  process.stdout.write(
    `\nA job with one effect, ${jobs} jobs, concurrency ${CONCURRENCY}, ${ROUNDS} rounds\n`,
  );
  const manyAccounts = (index: number) => 1 + (index % ACCOUNTS);
  const bare: Speed[] = [];
  const ours: Speed[] = [];
  const oneAccount: Speed[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await empty(redis);
    await fillBare(redis, jobs);
    bare.push(await speedOf(redis, target, 'bare-worker'));
    await empty(redis);
    await fill(
      redis,
      deliveries(jobs, (index) => index, manyAccounts),
    );
    ours.push(await speedOf(redis, target, 'switchyard-worker'));
    await empty(redis);
    await fill(
      redis,
      deliveries(jobs, (index) => index),
    );
    oneAccount.push(await speedOf(redis, target, 'switchyard-worker'));
  }
  row(['', 'jobs/s', '÷ bare', 'worker µs', 'Redis µs']);
  for (const [name, speeds] of [
    ['bare BullMQ worker', bare],
    ['Switchyard worker', ours],
    ['the same, one account, its lanes in line', oneAccount],
  ] as const) {
    const rate = medianRate(speeds);
    row([
      name,
      rate.toFixed(0),
      (rate / medianRate(bare)).toFixed(2),
      median(speeds.map(({ workerMicros }) => workerMicros)).toFixed(0),
      median(speeds.map(({ redisMicros }) => redisMicros)).toFixed(0),
    ]);
  }
}

interface Speed {
  /** Jobs a second. */
  readonly rate: number;
  /** Time of a processor for each job; NaN where the system does not tell. */
  readonly workerMicros: number;
  readonly redisMicros: number;
}

function medianRate(speeds: readonly Speed[]): number {
  return median(speeds.map(({ rate }) => rate));
}

async function speedOf(redis: RedisServer, target: EffectTarget, script: string): Promise<Speed> {
  const { jobs, warmUp } = LONG_RUN;
  target.clear();
  const worker = await start(`bench/references/${script}.ts`, redis, target);
  await target.reached(warmUp);
  const before = { worker: cpuMicros(worker.pid), redis: cpuMicros(redis.pid), at: target.arrivals.length };
  await target.reached(jobs);
  const done = target.arrivals.length - before.at;
  const workerMicros = (cpuMicros(worker.pid) - before.worker) / done;
  const redisMicros = (cpuMicros(redis.pid) - before.redis) / done;
  await worker.stop();
  return { rate: rateOf(target.arrivals.slice(warmUp)), workerMicros, redisMicros };
}

/** Processor time a process has used, in hundredths of a second (proc(5), utime and stime). */
function cpuMicros(pid: number | null): number {
  try {
    const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    const numbers = fields.split(' ');
    return (Number(numbers[11]) + Number(numbers[12])) * 10_000;
  } catch {
    return Number.NaN;
  }
}

async function benchLatency(redis: RedisServer, target: EffectTarget): Promise<void> {
  await empty(redis);
  target.clear();
  const port = await freePort();
  const ingress = await start('apps/ingress/main.ts', redis, target, { PORT: String(port) });
  const worker = await start('bench/references/switchyard-worker.ts', redis, target);
  try {
    const count = 3_000;
    const { requests } = makeRequests(count, 1, Date.now(), 'conversation_created');
    const sentAt = new Map<string, number>();
    await load(requests, {
      port,
      connections: 16,
      rate: 100,
      onSend: (index, at) => sentAt.set(`00000000-0000-4000-8000-${String(1 + index).padStart(12, '0')}`, at),
    });
    await target.reached(count);
    const latencies = [...sentAt].map(([id, at]) => (target.arrivalOf.get(id) ?? Number.NaN) - at).slice(300);
    process.stdout.write(
      `\nFrom the webhook to its effect on an idle line, 100 deliveries/s for ${count / 100} s\n`,
    );
    row(['', 'p50 ms', 'p99 ms']);
    row([
      'ingress → Redis → worker → effect',
      percentileOf(latencies, 0.5).toFixed(1),
      percentileOf(latencies, 0.99).toFixed(1),
    ]);
  } finally {
    await ingress.stop();
    await worker.stop();
  }
}

async function benchScaling(redis: RedisServer, target: EffectTarget): Promise<void> {
  const jobs = 2_000;
  const rates: number[] = [];
  target.delayMs = 50;
  for (const processes of [1, 2]) {
    await empty(redis);
    await fill(
      redis,
      deliveries(jobs, (index) => index),
    );
    target.clear();
    const workers = await Promise.all(
      Array.from({ length: processes }, () => start('bench/references/switchyard-worker.ts', redis, target)),
    );
    await target.reached(jobs);
    rates.push(rateOf(target.arrivals.slice(200)));
    await Promise.all(workers.map((worker) => worker.stop()));
  }
  target.delayMs = 0;
  const [one = Number.NaN, two = Number.NaN] = rates;
  process.stdout.write(
    `\nWork that waits 50 ms on the network, ${jobs} jobs, concurrency ${CONCURRENCY} a process\n`,
  );
  row(['', 'jobs/s', '÷ one']);
  row(['one worker process', one.toFixed(0), '1.00']);
  row(['two worker processes', two.toFixed(0), (two / one).toFixed(2)]);
}

async function benchBacklog(redis: RedisServer, target: EffectTarget): Promise<void> {
  const backlog = 100_000;
  const cases: [name: string, waiting: PlannedDelivery[]][] = [
    ['empty backlog', []],
    ['100,000 jobs in 1 lane', deliveries(backlog, () => 999_999_999)],
    ['100,000 jobs in 50,000 lanes', deliveries(backlog, (index) => 1_000_000 + (index % 50_000))],
  ];
  process.stdout.write('\nThroughput and memory of a worker with a backlog\n');
  row(['', 'jobs/s', '÷ empty', 'RSS MB']);
  const rates = cases.map((): number[] => []);
  const memories = cases.map((): number[] => []);
  for (let round = 0; round < BACKLOG_ROUNDS; round += 1) {
    for (const [index, [, waiting]] of cases.entries()) {
      await empty(redis);
      await fill(redis, waiting);
      // The backlog is another account's; what is measured is that the others go on as before.
      await fill(
        redis,
        deliveries(
          JOBS,
          (conversation) => conversation,
          () => 4,
        ),
      );
      target.clear();
      const worker = await start('bench/references/switchyard-worker.ts', redis, target);
      await target.reached(JOBS);
      rates[index]?.push(rateOf(target.arrivals.slice(WARM_UP, JOBS)));
      memories[index]?.push(await residentMegabytes(worker));
      await worker.stop();
    }
  }
  const empties = median(rates[0] ?? []);
  for (const [index, [name]] of cases.entries()) {
    const rate = median(rates[index] ?? []);
    row([name, rate.toFixed(0), (rate / empties).toFixed(2), median(memories[index] ?? []).toFixed(0)]);
  }
}

function rateOf(arrivals: readonly number[]): number {
  const [first = Number.NaN] = arrivals;
  return (arrivals.length - 1) / (((arrivals.at(-1) ?? Number.NaN) - first) / 1000);
}

interface BenchProcess extends RunningProcess {
  readonly adminPort: number;
}

async function start(
  script: string,
  redis: RedisServer,
  target: EffectTarget,
  env: Readonly<Record<string, string>> = {},
): Promise<BenchProcess> {
  const adminPort = await freePort();
  const started = await startProcess({
    name: script,
    command: process.execPath,
    args: [script],
    env: {
      ...process.env,
      REDIS_URL: redis.url,
      EFFECT_URL: target.url,
      CONCURRENCY: String(CONCURRENCY),
      ADMIN_PORT: String(adminPort),
      CHATWOOT_WEBHOOK_SECRET: SECRET,
      HOST: '127.0.0.1',
      ...env,
    },
    ...(script.includes('bare')
      ? { readyLine: 'listening' }
      : { readyUrl: `http://127.0.0.1:${adminPort}/readyz`, output: LINES }),
  });
  return { ...started, adminPort };
}

async function residentMegabytes({ adminPort }: BenchProcess): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  return Number(/^switchyard_process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 1024 / 1024;
}

let made = 0;

function deliveries(
  count: number,
  conversationOf: (index: number) => number,
  accountOf: (index: number) => number = () => 3,
): PlannedDelivery[] {
  const { body } = fixture('conversation_created');
  const template = parseEvent(body, { id: 'x', source: 'default', kind: 'account', receivedAt: Date.now() });
  return Array.from({ length: count }, (_, index) => {
    made += 1;
    const conversation = conversationOf(index);
    const account = accountOf(index);
    return {
      event: {
        ...template,
        account,
        delivery: { ...template.delivery, id: `bench-${made}`, receivedAt: Date.now() },
      },
      jobs: [{ queue: 'routing', lane: `v${account}-${conversation}` }],
      semanticKey: null,
      replayKey: null,
    };
  });
}

async function fill(redis: RedisServer, all: readonly PlannedDelivery[]): Promise<void> {
  const connection = connectRedis({
    url: redis.url,
    log: createLogger({ app: 'bench', level: 'silent' }),
    temper: 'patient',
  });
  const enqueuer = createEnqueuer(connection, { dedupeMs: 3_600_000 });
  for (let at = 0; at < all.length; at += 200) await enqueuer.enqueue(all.slice(at, at + 200));
  await connection.close();
}

async function fillBare(redis: RedisServer, count: number): Promise<void> {
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
  const queue = new Queue('bare', { connection, prefix: '{bare}' });
  const jobs = deliveries(count, (index) => index).map(({ event }) => ({
    name: event.name,
    data: { lane: 'x', event },
    opts: { jobId: event.delivery.id },
  }));
  for (let at = 0; at < jobs.length; at += 200) await queue.addBulk(jobs.slice(at, at + 200));
  await queue.close();
  await connection.quit();
}

async function empty(redis: RedisServer): Promise<void> {
  const client = new Redis(redis.url);
  await client.flushall();
  await client.quit();
}
