import { createChatwootClient } from '@switchyard/chatwoot';
import { type IngressConfig, loadIngressConfig } from '@switchyard/config';
import {
  agreeOnShards,
  connectRedis,
  createCatalogue,
  createEnqueuer,
  createSend,
  customQueue,
  type RedisConnection,
  type SoleAccount,
  tellSoleAccount,
  watchDurability,
  watchSoleAccount,
} from '@switchyard/jobs';
import { type Runtime, runProcess } from '@switchyard/telemetry';
import { buildIngress } from './app.ts';
import { createIngressMetrics } from './ingress-metrics.ts';
import { createKeeper } from './keeper.ts';
import { createKeeperHealth } from './keeper-health.ts';
import { createPlanFaults } from './plan-faults.ts';
import { sourcesFrom } from './sources.ts';
import { openSpool } from './spool.ts';
import { createSpoolMetrics } from './spool-metrics.ts';

/** No request waits on Redis longer than a second. */
const REDIS_LIMIT_MS = 900;
const LARGEST_BATCH = 200;
/** What `runProcess` allows on top of SHUTDOWN_TIMEOUT_MS. */
const STOPPING_MARGIN_MS = 5_000;

await runProcess('ingress', loadIngressConfig, async (config, runtime) => {
  const { log, metrics, health, tracing } = runtime;
  const spoolMetrics = createSpoolMetrics(metrics);
  const spool = await openSpool({
    dir: config.spoolDir,
    log,
    onSetAside: spoolMetrics.setAside,
    // As long as an ingress that was told to stop may take.
    waitMs: config.shutdownTimeoutMs + STOPPING_MARGIN_MS,
  });
  spoolMetrics.show(spool);

  const keeperHealth = createKeeperHealth(health.dependency('redis'));
  const redis = connectRedis({ url: config.redisUrl, log, health: keeperHealth.redis, temper: 'prompt' });
  const durability = watchDurability({ redis, health: keeperHealth.redis, metrics, log });
  const enqueuer = createEnqueuer(redis, {
    dedupeMs: config.dedupeHours * 3_600_000,
    shards: config.shards,
    keepStoriesMs: config.keepStoriesMs,
  });
  // Until it is mended, Redis takes nothing from us and deliveries lie in the spool.
  const tellShards = (err: unknown) => log.error({ err }, 'SHARDS could not be agreed on');
  // A Redis that is there is connected within this time; one that is not is no reason to turn deliveries away.
  if (await redis.readyWithin(REDIS_LIMIT_MS)) await agreeOnShards(redis, config.shards);
  else redis.client.once('ready', () => void agreeOnShards(redis, config.shards).catch(tellShards));
  const keeper = createKeeper({
    enqueue: enqueuer.enqueue,
    spool,
    log,
    largestBatch: LARGEST_BATCH,
    limitMs: REDIS_LIMIT_MS,
    onChange: keeperHealth.update,
    count: spoolMetrics,
  });
  redis.client.on('ready', keeper.redisReady);

  const catalogue = createCatalogue({
    custom: Object.entries(config.workers).map(([name, worker]) => customQueue(name, worker)),
    enabled: new Set(config.queues),
    onFault: createPlanFaults(log, metrics),
  });

  const account = findSoleAccount(config, redis, runtime);
  const app = buildIngress({
    sources: sourcesFrom(config.sources),
    plan: catalogue.plan,
    keep: keeper.keep,
    now: Date.now,
    soleAccount: account.current,
    http: config.http,
    log,
    metrics: createIngressMetrics(metrics),
    ...(tracing === undefined ? {} : { tracing }),
  });
  await app.listen({ host: config.host, port: config.port });
  log.info(
    { address: app.server.address(), sources: Object.keys(config.sources), queues: config.queues },
    'listening',
  );
  return {
    async close() {
      await app.close();
      await keeper.close();
      await spool.close();
      durability.close();
      await account.close();
      await redis.close();
    },
  };
});

/** For sources that name no account. A worker tells it in Redis; with a token of its own the ingress does, too. */
function findSoleAccount(
  { sources, chatwoot }: IngressConfig,
  redis: RedisConnection,
  runtime: Runtime,
): SoleAccount {
  if (Object.values(sources).every(({ account }) => account !== undefined)) {
    return { current: () => null, close: () => Promise.resolve() };
  }
  const watch = watchSoleAccount(redis);
  if (chatwoot === null) return watch;
  const { baseUrl, apiToken: token, timeoutMs } = chatwoot;
  const sender = createSend({ target: 'chatwoot', timeoutMs, runtime });
  const client = createChatwootClient({ baseUrl, token, send: sender.send });
  const telling = tellSoleAccount({ redis, client, log: runtime.log });
  return {
    current: watch.current,
    async close() {
      await telling.close();
      await watch.close();
      await sender.close();
    },
  };
}
