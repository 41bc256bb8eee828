import { setTimeout as sleep } from 'node:timers/promises';
import { parseRedisUrl } from '@switchyard/config';
import type { Redis } from 'ioredis';
import type { RedisConnection } from './redis.ts';

/** What a Redis server that holds data says of itself; figures it does not tell are null. */
export interface RedisNodeHealth {
  /** `host:port`, or the name its sentinels know it by. */
  readonly node: string;
  readonly up: boolean;
  readonly version: string | null;
  readonly pingMs: number | null;
  readonly memoryUsedBytes: number | null;
  /** 0: no limit. */
  readonly memoryMaxBytes: number | null;
  readonly aofEnabled: boolean | null;
  readonly aofLastWriteOk: boolean | null;
  readonly evictedKeys: number | null;
  readonly connectedClients: number | null;
}

const UNKNOWN = {
  version: null,
  pingMs: null,
  memoryUsedBytes: null,
  memoryMaxBytes: null,
  aofEnabled: null,
  aofLastWriteOk: null,
  evictedKeys: null,
  connectedClients: null,
} as const;

/**
 * Asks every primary, each within `limitMs`; one that does not answer is not up. Never throws.
 *
 * @param url the address `redis` was made with: what can't be reached is known by its name there.
 */
export async function readRedisHealth(
  redis: RedisConnection,
  { url, limitMs }: { readonly url: string; readonly limitMs: number },
): Promise<RedisNodeHealth[]> {
  const isThere = redis.client.status === 'ready';
  const nodes = isThere ? redis.primaries() : [];
  const asked = await Promise.all(nodes.map((node) => healthOf(node, nameOf(node), limitMs)));
  if (asked.length === 0) return namesIn(url).map((node) => ({ node, up: false, ...UNKNOWN }));
  const first = nodes.find((_, index) => asked[index]?.up === true);
  const failed = first === undefined ? [] : await within(limitMs, failedPrimaries(first)).catch(() => []);
  const lost = failed.filter((node) => asked.every((one) => one.node !== node));
  return [...asked, ...lost.map((node) => ({ node, up: false, ...UNKNOWN }))];
}

async function healthOf(node: Redis, name: string, limitMs: number): Promise<RedisNodeHealth> {
  try {
    const begun = performance.now();
    await within(limitMs, node.ping());
    const pingMs = performance.now() - begun;
    return { node: name, up: true, ...figuresIn(await within(limitMs, node.info())), pingMs };
  } catch {
    return { node: name, up: false, ...UNKNOWN };
  }
}

function figuresIn(info: string): Omit<RedisNodeHealth, 'node' | 'up' | 'pingMs'> {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? null;
  const figure = (name: string) => {
    const text = field(name);
    return text === null || text === '' || Number.isNaN(Number(text)) ? null : Number(text);
  };
  const flag = (name: string, yes: string) => {
    const text = field(name);
    return text === null ? null : text === yes;
  };
  return {
    version: field('redis_version'),
    memoryUsedBytes: figure('used_memory'),
    memoryMaxBytes: figure('maxmemory'),
    aofEnabled: flag('aof_enabled', '1'),
    aofLastWriteOk: flag('aof_last_write_status', 'ok'),
    evictedKeys: figure('evicted_keys'),
    connectedClients: figure('connected_clients'),
  };
}

/** Primaries that serve slots of a cluster and that this node takes for failed; our client no longer knows them. */
async function failedPrimaries(node: Redis): Promise<string[]> {
  if (!/^cluster_enabled:1/m.test(await node.info('cluster'))) return [];
  const lines = String(await node.cluster('NODES')).split('\n');
  return lines.flatMap((line) => {
    const [, address = '', flags = '', , , , , , ...slots] = line.split(' ');
    const isLost = /\bmaster\b/.test(flags) && /\bfail\b/.test(flags) && slots.length > 0;
    return isLost ? [address.replace(/@.*$/, '')] : [];
  });
}

function nameOf({ options }: Redis): string {
  return options.sentinels ? (options.name ?? 'primary') : `${options.host}:${options.port}`;
}

/** Without the password that may stand in the address. */
function namesIn(url: string): string[] {
  const address = parseRedisUrl(url);
  if (address.kind === 'sentinel') return [address.name];
  if (address.kind === 'cluster') return address.nodes.map(({ host, port }) => `${host}:${port}`);
  const { hostname, port } = new URL(address.url);
  return [`${hostname}:${port === '' ? 6379 : port}`];
}

async function within<T>(limitMs: number, answer: Promise<T>): Promise<T> {
  const waited = new AbortController();
  const late = sleep(limitMs, undefined, { signal: waited.signal, ref: false }).then(
    () => Promise.reject(new Error('no answer in time')),
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    waited.abort();
  }
}
