import { loadIngressConfig } from '@switchyard/config';
import { connectRedis, createEnqueuer } from '@switchyard/jobs';
import { runProcess } from '@switchyard/telemetry';
import { buildIngress } from './app.ts';
import { createBatch } from './batch.ts';
import { createIngressMetrics } from './ingress-metrics.ts';
import { sourcesFrom } from './sources.ts';

/** No request waits on Redis longer than a second. */
const REDIS_LIMIT_MS = 900;
const LARGEST_BATCH = 200;

await runProcess('ingress', loadIngressConfig, async (config, { log, metrics, health }) => {
  const redis = connectRedis({
    url: config.redisUrl,
    log,
    health: health.dependency('redis'),
    temper: 'prompt',
    commandTimeoutMs: REDIS_LIMIT_MS,
  });
  const enqueuer = createEnqueuer(redis, { dedupeMs: config.dedupeHours * 3_600_000 });
  const batch = createBatch({ handle: enqueuer.enqueue, largest: LARGEST_BATCH });
  const app = buildIngress({
    sources: sourcesFrom(config.sources),
    enabledQueues: new Set(config.queues),
    keep: batch.add,
    now: Date.now,
    http: config.http,
    log,
    metrics: createIngressMetrics(metrics),
  });
  await app.listen({ host: config.host, port: config.port });
  log.info(
    { address: app.server.address(), sources: Object.keys(config.sources), queues: config.queues },
    'listening',
  );
  return {
    async close() {
      await app.close();
      await batch.idle();
      await redis.close();
    },
  };
});
