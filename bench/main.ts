import { type RunningProcess, type RedisServer, freePort, startProcess, startRedis } from '@switchyard/testkit';
import { Redis } from 'ioredis';
import { makeRequests, SECRET } from './deliveries.ts';
import { load, percentile } from './load.ts';

/**
 * `npm run bench`: acknowledged requests a second, side by side in one run, on one machine, with one load
 * generator and one body. Machines differ and are noisy, so what counts is the ratio to the bare server of the
 * same round.
 */
const REQUESTS = 20_000;
const ROUNDS = 3;
const CONNECTIONS = 64;

interface Contender {
  readonly name: string;
  readonly script: string;
  readonly redis: boolean;
}

const contenders: readonly Contender[] = [
  { name: 'bare Fastify POST', script: 'bench/references/bare.ts', redis: false },
  { name: 'Switchyard ingress', script: 'apps/ingress/main.ts', redis: true },
  { name: '  verify + parse alone', script: 'bench/references/verify-parse.ts', redis: false },
  { name: '  BullMQ add + 2 keys, each', script: 'bench/references/bullmq-add.ts', redis: true },
  { name: '  BullMQ add + 2 keys, batched', script: 'bench/references/bullmq-batched.ts', redis: true },
  { name: '  raw XADD', script: 'bench/references/xadd.ts', redis: true },
];

interface Measured {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
}

const redis = await startRedis({ owned: true, appendonly: 'everysec' });
try {
  process.stdout.write(
    `${ROUNDS} rounds of ${REQUESTS} requests over ${CONNECTIONS} connections, ${redis.label} with AOF everysec, Node ${process.versions.node}\n\n`,
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
  report(results);
} finally {
  await redis.close();
}

async function measure(contender: Contender, server: RedisServer, firstId: number): Promise<Measured> {
  await empty(server);
  const port = await freePort();
  const process = await start(contender, server, port);
  try {
    const warm = makeRequests(REQUESTS / 4, firstId);
    await load(warm.requests, { port, connections: CONNECTIONS });
    const { requests } = makeRequests(REQUESTS, firstId + REQUESTS);
    const result = await load(requests, { port, connections: CONNECTIONS });
    const accepted = result.outcomes.accepted ?? 0;
    if (accepted !== REQUESTS) {
      throw new Error(`${contender.name}: ${accepted} of ${REQUESTS} accepted; answers: ${JSON.stringify(result.statuses)}`);
    }
    return {
      rate: result.requests / result.seconds,
      p50: percentile(result.latencies, 0.5),
      p99: percentile(result.latencies, 0.99),
    };
  } finally {
    await process.stop();
  }
}

async function start({ name, script }: Contender, server: RedisServer, port: number): Promise<RunningProcess> {
  const adminPort = await freePort();
  return startProcess({
    name,
    command: process.execPath,
    args: [script],
    env: {
      ...process.env,
      REDIS_URL: server.url,
      CHATWOOT_WEBHOOK_SECRET: SECRET,
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      LOG_LEVEL: 'warn',
    },
    ...(script.startsWith('apps/')
      ? { readyUrl: `http://127.0.0.1:${adminPort}/readyz` }
      : { readyLine: 'listening' }),
  });
}

async function empty(server: RedisServer): Promise<void> {
  const client = new Redis(server.url);
  await client.flushall();
  await client.quit();
}

function report(results: ReadonlyMap<string, readonly Measured[]>): void {
  const bare = results.get('bare Fastify POST') ?? [];
  const row = (cells: readonly string[]) =>
    process.stdout.write(`${cells.map((cell, index) => (index === 0 ? cell.padEnd(32) : cell.padStart(10))).join('')}\n`);
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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
