import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createAskBotOfInbox, createChatwootClient } from '@switchyard/chatwoot';
import { type HealerConfig, loadHealerConfig } from '@switchyard/config';
import {
  connectRedis,
  createBotSwitch,
  createEnqueuer,
  createHandoverClaims,
  createOwedJobs,
  createSend,
  runWorker,
} from '@switchyard/jobs';
import { createLogger, type Running, type Runtime, runProcess } from '@switchyard/telemetry';
import { runDuties } from './duties.ts';
import { createHandoverWorker } from './handover/worker.ts';
import { createHandOverOwed } from './owed/hand-over-owed.ts';
import { createHandOverPending } from './switched-off/hand-over-pending.ts';

const REDIS_ANSWERS_MS = 2_000;

await runProcess('healer', () => loadHealerConfig(), start);

async function start(config: HealerConfig, runtime: Runtime): Promise<Running> {
  const { chatwoot, bot, shards } = config;
  const sender = createSend({ target: 'chatwoot', timeoutMs: chatwoot.timeoutMs, runtime });
  const client = createChatwootClient({
    baseUrl: chatwoot.baseUrl,
    token: chatwoot.apiToken,
    botToken: chatwoot.botToken ?? undefined,
    send: sender.send,
  });
  const redis = connectRedis({
    url: config.redisUrl,
    // That Redis is away is said once, by the worker's own connection.
    log: createLogger({ app: runtime.app, level: 'silent' }),
    temper: 'prompt',
    commandTimeoutMs: REDIS_ANSWERS_MS,
  });
  const botOfInbox = createAskBotOfInbox({ client, botToken: chatwoot.botToken });
  const owed = createOwedJobs(redis, shards);
  const botSwitch = createBotSwitch(redis);
  const worker = createHandoverWorker({
    ...{ client, botOfInbox, owed, botSwitch },
    claims: createHandoverClaims(redis, shards),
    notes: {
      overdue: bot.handOverNote,
      dead: bot.handOverNote,
      'bot-off': bot.offNote,
      undelivered: bot.undeliveredNote,
    },
  });
  const running = await runWorker(worker, { config, runtime });
  const enqueuer = createEnqueuer(redis, {
    dedupeMs: config.dedupeHours * 3_600_000,
    shards,
    keepStoriesMs: config.keepStoriesMs,
  });
  const duties = runDuties({
    redis,
    runtime,
    owner: `${hostname()}-${randomUUID()}`,
    duties: [
      createHandOverOwed({ owed, botOfInbox, enqueuer, handOverAfterMs: bot.handOverAfterMinutes * 60_000 }),
      createHandOverPending({ botSwitch, client, botOfInbox, enqueuer, accounts: chatwoot.accounts }),
    ],
  });
  return {
    async close() {
      // Who stands by can begin while our jobs in hand are finished.
      await duties.close();
      await running.close();
      await redis.close();
      await sender.close();
    },
  };
}
