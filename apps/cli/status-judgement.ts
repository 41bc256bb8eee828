import type { QueueCounts, RedisNodeHealth } from '@switchyard/jobs';
import { durationText } from './durations.ts';

/** What is known of the line at one moment. */
export interface LineStatus {
  readonly queues: Readonly<Record<string, QueueCounts>>;
  /** Worker processes by queue; null where Redis does not tell. */
  readonly workers: Readonly<Record<string, number>> | null;
  /** Queues that this installation's configuration gives work. */
  readonly used: readonly string[];
  readonly redis: readonly RedisNodeHealth[];
  /** null when the ingress was not asked. */
  readonly spool: SpoolStatus | null;
}

export interface SpoolStatus {
  readonly records: number;
  readonly oldestSeconds: number;
  /** Files of records that could not be used since the ingress started. */
  readonly setAside: number;
  readonly ready: boolean;
}

/** What somebody should look at, a sentence each with the command for it; empty when all is well. Pure. */
export function needsSomebody(status: LineStatus, slowMs: number): string[] {
  return [
    ...Object.entries(status.queues).flatMap(([name, queue]) => [...ofQueue(name, queue, status, slowMs)]),
    ...status.redis.flatMap((node) => [...ofRedis(node)]),
    ...(status.spool === null ? [] : ofSpool(status.spool)),
  ];
}

function* ofQueue(name: string, queue: QueueCounts, { workers, used }: LineStatus, slowMs: number) {
  const { waiting, active, delayed, dead, oldestWaitingMs, oldestDeadMs, breaker, paused } = queue;
  const work = waiting + active + delayed;
  if (dead > 0) {
    const since = oldestDeadMs === null ? '' : `, the oldest for ${durationText(oldestDeadMs)}`;
    yield `${name}: ${dead} dead ${dead === 1 ? 'job' : 'jobs'}${since} (switchyard dead list --queue ${name})`;
  }
  if (paused)
    yield `${name}: paused, ${work} ${work === 1 ? 'job waits' : 'jobs wait'} (switchyard resume ${name})`;
  else if (breaker !== null) yield `${name}: held back, because what it calls does not answer: ${breaker}`;
  else if (work > 0 && oldestWaitingMs !== null && oldestWaitingMs > slowMs) {
    yield `${name}: the oldest job has waited for ${durationText(oldestWaitingMs)}`;
  }
  const isWorked = workers === null || (workers[name] ?? 0) > 0;
  if (!isWorked && (work > 0 || used.includes(name))) {
    yield `${name}: no worker is connected${work > 0 ? `, and ${work} ${work === 1 ? 'job waits' : 'jobs wait'}` : ''} (start one: npm run ${commandOf(name)})`;
  }
}

function commandOf(queue: string): string {
  if (queue === 'handover') return 'healer';
  return ['crm-sync', 'bot-replies', 'routing'].includes(queue) ? queue : `custom-workers -- ${queue}`;
}

function* ofRedis({
  node,
  up,
  memoryUsedBytes,
  memoryMaxBytes,
  aofLastWriteOk,
  evictedKeys,
}: RedisNodeHealth) {
  if (!up) yield `Redis ${node}: does not answer`;
  if (aofLastWriteOk === false) yield `Redis ${node}: could not write its append-only file: look at its disk`;
  if ((evictedKeys ?? 0) > 0)
    yield `Redis ${node}: has evicted ${evictedKeys} keys; set maxmemory-policy noeviction`;
  if (memoryUsedBytes !== null && memoryMaxBytes !== null && memoryMaxBytes > 0) {
    const share = memoryUsedBytes / memoryMaxBytes;
    if (share > 0.85) yield `Redis ${node}: ${Math.round(share * 100)} % of its memory is used`;
  }
}

function* ofSpool({ records, oldestSeconds, setAside, ready }: SpoolStatus) {
  if (!ready) yield 'ingress: not ready, it may be refusing deliveries (look at its /readyz)';
  if (records > 0) {
    yield `ingress: ${records} ${records === 1 ? 'delivery lies' : 'deliveries lie'} in the spool, the oldest for ${durationText(oldestSeconds * 1000)}`;
  }
  if (setAside > 0)
    yield `ingress: ${setAside} spool records were set aside for you to look at (docs/operations.md, The spool)`;
}
