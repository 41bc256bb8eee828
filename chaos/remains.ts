import type { Redis } from 'ioredis';
import type { DeadJob, Remains } from './history.ts';

const PREFIX = '{switchyard:0}';
const QUEUES = ['crm-sync', 'bot-replies', 'routing'] as const;
/** Where BullMQ keeps jobs that are not over: lists, and sorted sets. */
const BULLMQ_LISTS = ['wait', 'paused', 'active'] as const;
const BULLMQ_SETS = ['delayed', 'prioritized', 'waiting-children'] as const;
/** Keys that live as long as there is work, or a fault. */
const TRANSIENT = ['lanes', 'lane', 'line', 'admitted', 'breaker'] as const;

/** What is left to do, in Redis and in the ingress's spool, and what has died. @throws when either is away. */
export async function lookForRemains(redis: Redis, ingressAdminUrl: string): Promise<Remains> {
  const [left, keys, spooled, dead] = await Promise.all([
    Promise.all(QUEUES.map((queue) => leftOf(redis, queue))),
    transientKeys(redis),
    spoolDepth(ingressAdminUrl),
    Promise.all(QUEUES.map((queue) => deadOf(redis, queue))),
  ]);
  return {
    busy: [...left.flat(), ...keys, ...(spooled === 0 ? [] : [`spool: ${spooled}`])],
    dead: dead.flat(),
  };
}

async function leftOf(redis: Redis, queue: string): Promise<readonly string[]> {
  const counts = await Promise.all([
    count('unsettled', redis.zcard(`${PREFIX}:unsettled:${queue}`)),
    ...BULLMQ_LISTS.map((name) => count(name, redis.llen(`${PREFIX}:${queue}:${name}`))),
    ...BULLMQ_SETS.map((name) => count(name, redis.zcard(`${PREFIX}:${queue}:${name}`))),
  ]);
  return counts.flatMap(({ name, size }) => (size === 0 ? [] : [`${name} of ${queue}: ${size}`]));
}

async function count(name: string, size: Promise<number>) {
  return { name, size: await size };
}

async function transientKeys(redis: Redis): Promise<readonly string[]> {
  const found = new Set<string>();
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${PREFIX}:*`, 'COUNT', 5_000);
    for (const key of keys) {
      const kind = key.slice(PREFIX.length + 1).split(':', 1)[0];
      if (TRANSIENT.some((each) => each === kind)) found.add(key.slice(PREFIX.length + 1));
    }
    cursor = next;
  } while (cursor !== '0');
  return [...found].slice(0, 20);
}

async function deadOf(redis: Redis, queue: string): Promise<readonly DeadJob[]> {
  const ids = await redis.zrange(`${PREFIX}:${queue}:failed`, '0', '-1');
  return Promise.all(
    ids.map(async (delivery) => {
      const reason = await redis.hget(`${PREFIX}:${queue}:${delivery}`, 'failedReason');
      return { queue, delivery, reason: reason ?? 'unknown' };
    }),
  );
}

async function spoolDepth(ingressAdminUrl: string): Promise<number> {
  const answer = await fetch(`${ingressAdminUrl}/metrics`, { signal: AbortSignal.timeout(5_000) });
  const text = await answer.text();
  return Number(/^switchyard_spool_records(?:\{[^}]*\})? (\d+)/m.exec(text)?.[1] ?? Number.NaN);
}
