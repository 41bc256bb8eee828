import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type RedisServer, type RunningProcess, startProcess } from '@switchyard/testkit';
import { Redis } from 'ioredis';
import { makeRequests, SECRET } from './deliveries.ts';
import { median, percentileOf, row } from './figures.ts';
import { load } from './load.ts';

const REQUESTS = 20_000;
const ROUNDS = 3;
const CONNECTIONS = 128;

interface Contender {
  readonly name: string;
  readonly script: string;
  /** What a good answer's body says. */
  readonly outcome: 'accepted' | 'spooled';
}

const BARE = 'bare Fastify POST';
const contenders: readonly Contender[] = [
  { name: BARE, script: 'bench/references/bare.ts', outcome: 'accepted' },
  { name: 'Switchyard ingress', script: 'apps/ingress/main.ts', outcome: 'accepted' },
  { name: 'Switchyard ingress, Redis down', script: 'apps/ingress/main.ts', outcome: 'spooled' },
  { name: '  verify + parse alone', script: 'bench/references/verify-parse.ts', outcome: 'accepted' },
  { name: '  BullMQ add + 2 keys, each', script: 'bench/references/bullmq-add.ts', outcome: 'accepted' },
  {
    name: '  BullMQ add + 2 keys, batched',
    script: 'bench/references/bullmq-batched.ts',
    outcome: 'accepted',
  },
  { name: '  raw XADD', script: 'bench/references/xadd.ts', outcome: 'accepted' },
];

interface Measured {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
}

/** Acknowledged requests a second beside a bare Fastify server and what one would build first. */
export async function benchIngress(redis: RedisServer): Promise<void> {
  process.stdout.write(
    `Acknowledged deliveries, ${ROUNDS} rounds of ${REQUESTS} over ${CONNECTIONS} connections, ${redis.label}, AOF everysec\n`,
  );
  const results = new Map<string, Measured[]>();
  let firstId = 1;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const contender of contenders) {
      const measured = await measure(contender, redis, firstId);
      firstId += 2 * REQUESTS;
      results.set(contender.name, [...(results.get(contender.name) ?? []), measured]);
    }
  }
  const bare = results.get(BARE) ?? [];
  row(['', 'req/s', '÷ bare', 'p50 ms', 'p99 ms']);
  for (const [name, rounds] of results) {
    const ratios = rounds.map(({ rate }, index) => rate / (bare[index]?.rate ?? Number.NaN));
    row([
      name,
      median(rounds.map(({ rate }) => rate)).toFixed(0),
      median(ratios).toFixed(2),
      median(rounds.map(({ p50 }) => p50)).toFixed(2),
      median(rounds.map(({ p99 }) => p99)).toFixed(2),
    ]);
  }
}

async function measure(contender: Contender, redis: RedisServer, firstId: number): Promise<Measured> {
  await empty(redis);
  const server = await startServer(contender.script, contender.outcome === 'spooled' ? null : redis);
  try {
    await load(makeRequests(REQUESTS / 4, firstId).requests, { port: server.port, connections: CONNECTIONS });
    const { requests } = makeRequests(REQUESTS, firstId + REQUESTS);
    const result = await load(requests, { port: server.port, connections: CONNECTIONS });
    const good = result.outcomes[contender.outcome] ?? 0;
    if (good !== REQUESTS) {
      throw new Error(
        `${contender.name}: ${good} of ${REQUESTS} ${contender.outcome}; answers: ${JSON.stringify(result.statuses)} ${JSON.stringify(result.outcomes)}`,
      );
    }
    return {
      rate: result.requests / result.seconds,
      p50: percentileOf(result.latencies, 0.5),
      p99: percentileOf(result.latencies, 0.99),
    };
  } finally {
    await server.close();
  }
}

/** The acknowledgement at a steady 500 deliveries a second. */
export async function benchSteady(redis: RedisServer): Promise<void> {
  const rate = 500;
  const seconds = 30;
  await empty(redis);
  const server = await startServer('apps/ingress/main.ts', redis);
  try {
    await load(makeRequests(2_000, 1).requests, { port: server.port, connections: 32, rate });
    const { requests } = makeRequests(rate * seconds, 10_000);
    const result = await load(requests, { port: server.port, connections: 32, rate });
    process.stdout.write(`\nAcknowledgement at ${rate} deliveries/s for ${seconds} s\n`);
    row(['', 'answers 200', 'others', 'p50 ms', 'p99 ms']);
    const good = result.statuses['200'] ?? 0;
    row([
      'Switchyard ingress',
      String(good),
      String(result.requests - good),
      percentileOf(result.latencies, 0.5).toFixed(1),
      percentileOf(result.latencies, 0.99).toFixed(1),
    ]);
  } finally {
    await server.close();
  }
}

/** Resident memory over a million deliveries, and while the spool fills and is full. */
export async function benchMemory(redis: RedisServer): Promise<void> {
  const million = 1_000_000;
  const chunk = 50_000;
  for (const [name, server] of [
    ['into Redis', await startServer('apps/ingress/main.ts', redis)],
    ['into the spool, Redis down', await startServer('apps/ingress/main.ts', null)],
  ] as const) {
    process.stdout.write(`\nMemory of the ingress over ${million} deliveries ${name}\n`);
    row(['deliveries', 'RSS MB', 'heap MB', 'answers']);
    for (let sent = 0; sent < million; sent += chunk) {
      // What is measured is the ingress; Redis is not to hold a million jobs for it.
      await empty(redis);
      const { requests } = makeRequests(chunk, 1 + sent);
      const result = await load(requests, { port: server.port, connections: CONNECTIONS });
      if ((sent / chunk) % 2 === 1) {
        const { rss, heap } = await server.memory();
        row([String(sent + chunk), rss.toFixed(0), heap.toFixed(0), JSON.stringify(result.statuses)]);
      }
    }
    await server.close();
  }
}

interface BenchServer {
  readonly port: number;
  /** Megabytes. */
  memory(): Promise<{ rss: number; heap: number }>;
  close(): Promise<void>;
}

/** `redis` null: the address of a Redis that is not there. */
async function startServer(script: string, redis: RedisServer | null): Promise<BenchServer> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const spoolDir = await mkdtemp(join(tmpdir(), 'switchyard-bench-'));
  const isApp = script.startsWith('apps/');
  const started: RunningProcess = await startProcess({
    name: script,
    command: process.execPath,
    args: [script],
    env: {
      ...process.env,
      REDIS_URL: redis?.url ?? `redis://127.0.0.1:${await freePort()}`,
      CHATWOOT_WEBHOOK_SECRET: SECRET,
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      SPOOL_DIR: spoolDir,
      LOG_LEVEL: 'warn',
    },
    ...(isApp ? { readyUrl: `http://127.0.0.1:${adminPort}/readyz` } : { readyLine: 'listening' }),
  });
  return {
    port,
    async memory() {
      const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
      const megabytes = (name: string) =>
        Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]) / 1024 / 1024;
      return {
        rss: megabytes('switchyard_process_resident_memory_bytes'),
        heap: megabytes('switchyard_nodejs_heap_size_used_bytes'),
      };
    },
    async close() {
      await started.stop();
      await rm(spoolDir, { recursive: true, force: true });
    },
  };
}

async function empty(redis: RedisServer): Promise<void> {
  const client = new Redis(redis.url);
  await client.flushall();
  await client.quit();
}
