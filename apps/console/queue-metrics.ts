import type { QueueCounts, RedisNodeHealth } from '@switchyard/jobs';
import type { Metrics } from '@switchyard/telemetry';
import type { QueueView, YardWatch } from './yard-watch.ts';

const STATES = ['waiting', 'active', 'delayed', 'dead', 'done'] as const satisfies (keyof QueueCounts)[];

/**
 * The metrics of the queues as such, which belong to no process, and of Redis. They are looked up when they are asked
 * for. While Redis is away there are none of queues, rather than old ones, and `switchyard_redis_up` is 0.
 */
export function exportQueueMetrics(metrics: Metrics, yard: YardWatch): void {
  metrics.gauge('jobs', 'Jobs of a queue by state; done: of all time.', ['queue', 'state'], async (gauge) => {
    gauge.reset();
    for (const [queue, view] of queuesOf(await yard.look())) {
      for (const state of STATES) gauge.set({ queue, state }, view[state]);
    }
  });
  const ofQueue = (name: string, help: string, read: (view: QueueView) => number | null) =>
    metrics.gauge(name, help, ['queue'], async (gauge) => {
      gauge.reset();
      for (const [queue, view] of queuesOf(await yard.look())) {
        const value = read(view);
        if (value !== null) gauge.set({ queue }, value);
      }
    });
  ofQueue(
    'oldest_waiting_seconds',
    'Age of the oldest job that is accepted and not settled; 0 when there is none.',
    (view) => (view.oldestWaitingMs ?? 0) / 1_000,
  );
  ofQueue(
    'oldest_dead_seconds',
    'For how long the oldest dead job has been dead; 0 when there is none.',
    (view) => (view.oldestDeadMs ?? 0) / 1_000,
  );
  ofQueue('lanes', 'Lanes of a queue that have work.', (view) => view.lanes);
  ofQueue('workers', 'Worker processes connected to a queue.', (view) => view.workers);
  ofQueue('breaker_open', '1 while a queue holds because its target is away, on any shard.', (view) =>
    view.breaker === null ? 0 : 1,
  );
  ofQueue('queue_paused', '1 while a queue is paused by an operator.', (view) => (view.paused ? 1 : 0));
  exportRedisMetrics(metrics, yard);
}

function exportRedisMetrics(metrics: Metrics, yard: YardWatch): void {
  const ofNode = (name: string, help: string, read: (node: RedisNodeHealth) => number | boolean | null) =>
    metrics.gauge(name, help, ['node'], async (gauge) => {
      gauge.reset();
      for (const node of (await yard.look()).redis) {
        const value = read(node);
        if (value !== null) gauge.set({ node: node.node }, Number(value));
      }
    });
  ofNode('redis_up', '1 when this primary answers.', ({ up }) => up);
  ofNode('redis_memory_used_bytes', 'Memory that Redis uses.', ({ memoryUsedBytes }) => memoryUsedBytes);
  ofNode(
    'redis_memory_max_bytes',
    'Memory that Redis may use; 0: no limit.',
    ({ memoryMaxBytes }) => memoryMaxBytes,
  );
  ofNode('redis_aof_enabled', '1 when Redis keeps an append-only file.', ({ aofEnabled }) => aofEnabled);
  ofNode(
    'redis_aof_last_write_ok',
    '1 when the last write to the append-only file went well.',
    ({ aofLastWriteOk }) => aofLastWriteOk,
  );
  metrics.counter(
    'redis_evicted_keys_total',
    'Keys that Redis threw away for want of memory since it was started; any is a loss.',
    ['node'],
    async (counter) => {
      counter.reset();
      for (const { node, evictedKeys } of (await yard.look()).redis) {
        if (evictedKeys !== null) counter.inc({ node }, evictedKeys);
      }
    },
  );
  ofNode(
    'redis_connected_clients',
    'Connections that Redis has.',
    ({ connectedClients }) => connectedClients,
  );
  ofNode('redis_ping_seconds', 'How long the last PING took.', ({ pingMs }) =>
    pingMs === null ? null : pingMs / 1_000,
  );
}

function queuesOf({ queues }: { queues: Readonly<Record<string, QueueView>> | null }): [string, QueueView][] {
  return Object.entries(queues ?? {});
}
