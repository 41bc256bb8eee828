import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './ports.ts';
import { startRedisProcess } from './redis-process.ts';
import { findRedisProgram } from './redis-program.ts';
import type { RedisServer } from './redis-server.ts';

const SLOTS = 16_384;
/** After so long without a word from it, the others take a node for gone. */
const NODE_TIMEOUT_MS = 2_000;
const FORMED_MS = 60_000;

/** A Redis Cluster of primaries, each with an equal share of the slots and its data in an append-only file. */
export interface RedisCluster {
  /** `redis+cluster://127.0.0.1:…,…` */
  readonly url: string;
  readonly nodes: readonly RedisServer[];
  /** Resolves once every node sees all the others and all slots served. */
  whole(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a cluster on 127.0.0.1. */
export async function startRedisCluster({ nodes: count }: { nodes: number }): Promise<RedisCluster> {
  const { program, from } = await findRedisProgram();
  const nodes: RedisServer[] = [];
  const cluster: RedisCluster = {
    get url() {
      return `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
    },
    nodes,
    whole: () => untilWhole(nodes),
    close: async () => void (await Promise.all(nodes.map((node) => node.close()))),
  };
  try {
    const buses: number[] = [];
    for (let index = 0; index < count; index += 1) {
      // The standard bus port is the port plus 10 000, which may be more than there are.
      const bus = await freePort();
      const extraArgs = [
        ...['--cluster-enabled', 'yes', '--cluster-port', String(bus)],
        ...['--cluster-node-timeout', String(NODE_TIMEOUT_MS), '--cluster-announce-ip', '127.0.0.1'],
      ];
      nodes.push(await startRedisProcess(program, from, { extraArgs }, process.env));
      buses.push(bus);
    }
    await join(nodes, buses);
    await untilWhole(nodes);
    return cluster;
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

async function join(nodes: readonly RedisServer[], buses: readonly number[]): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    await using redis = connect(node);
    const [first, end] = [index, index + 1].map((share) => Math.round((share * SLOTS) / nodes.length));
    await redis.client.call('CLUSTER', 'ADDSLOTSRANGE', first ?? 0, (end ?? SLOTS) - 1);
    // Two nodes that start with the same epoch settle it by themselves, but slowly.
    await redis.client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    if (index === 0) continue;
    await redis.client.call('CLUSTER', 'MEET', '127.0.0.1', nodes[0]?.port ?? 0, buses[0] ?? 0);
  }
}

async function untilWhole(nodes: readonly RedisServer[]): Promise<void> {
  const deadline = Date.now() + FORMED_MS;
  for (const node of nodes) {
    for (;;) {
      const missing = await missingOf(node, nodes.length).catch((error: unknown) => String(error));
      if (missing === null) break;
      if (Date.now() > deadline) throw new Error(`the Redis cluster is not whole: ${missing}`);
      await sleep(100);
    }
  }
}

async function missingOf(node: RedisServer, count: number): Promise<string | null> {
  await using redis = connect(node);
  const info = String(await redis.client.call('CLUSTER', 'INFO'));
  const isWhole = info.includes('cluster_state:ok') && info.includes(`cluster_size:${count}`);
  return isWhole ? null : info.replaceAll('\r\n', ' ');
}

function connect({ port }: RedisServer) {
  const client = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: 0, retryStrategy: null });
  client.on('error', () => {});
  return {
    client,
    async [Symbol.asyncDispose]() {
      client.disconnect();
    },
  };
}
