import { createAskBotOfInbox, createChatwootClient, createPeople } from '@switchyard/chatwoot';
import { type BotRepliesConfig, loadBotRepliesConfig } from '@switchyard/config';
import {
  botReferences,
  checkDirectory,
  connectRedis,
  createBotSwitch,
  createDirectory,
  createHandoverClaims,
  createSend,
  runWorker,
} from '@switchyard/jobs';
import { createLogger, type Running, type Runtime, runProcess } from '@switchyard/telemetry';
import { createBotIsOff } from './bot-off.ts';
import { createUndeliveredMetric } from './undelivered-metric.ts';
import { createBotRepliesWorker } from './worker.ts';

await runProcess('bot-replies', () => loadBotRepliesConfig(), start);

async function start(config: BotRepliesConfig, runtime: Runtime): Promise<Running> {
  const { chatwoot, bot } = config;
  const sender = createSend({ target: 'chatwoot', timeoutMs: chatwoot.timeoutMs, runtime });
  const client = createChatwootClient({
    baseUrl: chatwoot.baseUrl,
    token: chatwoot.apiToken,
    botToken: chatwoot.botToken ?? undefined,
    send: sender.send,
  });
  const directory = createDirectory({ client });
  // That Redis is away is said once, by the worker's own connection.
  const quiet = createLogger({ app: runtime.app, level: 'silent' });
  const redis = connectRedis({ url: config.redisUrl, log: quiet, temper: 'patient' });
  const botSwitch = createBotSwitch(redis);
  // Rules that can't be used are reported before Chatwoot is waited for.
  const worker = createBotRepliesWorker({
    bot,
    client,
    directory,
    people: createPeople({ client }),
    botOfInbox: createAskBotOfInbox({ client, botToken: chatwoot.botToken }),
    botIsOff: createBotIsOff(() => botSwitch.read()),
    claims: createHandoverClaims(redis, config.shards),
    countUndelivered: createUndeliveredMetric(runtime.metrics),
  });
  await checkDirectory({
    queue: 'bot-replies',
    metrics: runtime.metrics,
    client,
    directory,
    accounts: chatwoot.accounts,
    references: botReferences(bot),
    health: runtime.health.dependency('chatwoot'),
    log: runtime.log,
  });
  const running = await runWorker(worker, {
    config,
    runtime,
    accounts: { sources: config.sourceAccounts, client },
  });
  return {
    async close() {
      await running.close();
      await redis.close();
      await sender.close();
    },
  };
}
