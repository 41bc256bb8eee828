import { type ConsoleConfig, loadConsoleConfig } from '@switchyard/config';
import {
  queues as catalogue,
  connectRedis,
  createBotSwitch,
  createDeadJobs,
  createQueueMonitor,
  createQueueSwitch,
  createStories,
  knownShards,
  readRedisHealth,
} from '@switchyard/jobs';
import {
  type DependencyHealth,
  listenFault,
  type Running,
  type Runtime,
  runProcess,
} from '@switchyard/telemetry';
import type { FastifyInstance } from 'fastify';
import { buildConsole } from './app.ts';
import { createDeadRuns } from './dead-runs.ts';
import { exportQueueMetrics } from './queue-metrics.ts';
import { watchYard } from './yard-watch.ts';

/** Nobody waits longer for Redis than this: not a scraper, not a page. */
const REDIS_LIMIT_MS = 2_000;

await runProcess('console', loadConsoleConfig, start);

async function start(config: ConsoleConfig, { log, metrics, health }: Runtime): Promise<Running> {
  const { redisUrl, shards, customQueues } = config;
  const redis = connectRedis({
    url: redisUrl,
    log,
    health: reachableWithoutRedis(health.dependency('redis')),
    temper: 'prompt',
    commandTimeoutMs: REDIS_LIMIT_MS,
  });
  const monitor = createQueueMonitor({ redis, shards, custom: customQueues });
  const yard = watchYard({
    monitor,
    redisHealth: () => readRedisHealth(redis, { url: redisUrl, limitMs: REDIS_LIMIT_MS / 2 }),
    shards: { told: shards, known: () => knownShards(redis) },
    bot: createBotSwitch(redis).read,
  });
  exportQueueMetrics(metrics, yard);
  const queues = [...catalogue.map(({ name }) => name), ...customQueues];
  const dead = createDeadJobs({ redis, shards, queues });
  const runs = createDeadRuns({ dead, log });
  const app = await buildConsole({
    ...config,
    queues,
    redis,
    yard,
    stories: createStories({ redis, shards, queues }),
    dead,
    runs,
    queueSwitch: createQueueSwitch({ redis, shards, queues }),
    log,
  });
  await listen(app, config);
  log.info(
    { address: app.server.address(), auth: config.password === null ? 'none' : 'password' },
    'listening',
  );
  return {
    async close() {
      await app.close();
      await runs.close();
      await monitor.close();
      await redis.close();
    },
  };
}

/** Without Redis there is little to show, but that is what operators then come for: it stays ready, and warns. */
function reachableWithoutRedis(health: DependencyHealth): DependencyHealth {
  health.ready('not there yet');
  return {
    ready(detail) {
      health.ready(detail);
      health.warn('connection', null);
    },
    notReady: (detail) => health.warn('connection', detail),
    warn: health.warn,
  };
}

/** A port that is taken ends the process with one line that names the variable (telemetry/process.ts). */
async function listen(
  app: FastifyInstance,
  { consoleHost: host, consolePort: port }: ConsoleConfig,
): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const line = listenFault(error, 'CONSOLE_PORT', 'CONSOLE_HOST');
    throw line === null ? error : Object.assign(new Error(line), { lines: [line] });
  }
}
