import { type ChatwootClient, createChatwootClient } from '@switchyard/chatwoot';
import { type BotRepliesConfig, loadBotRepliesConfig } from '@switchyard/config';
import {
  botReferences,
  checkDirectory,
  createDirectory,
  createSend,
  type Directory,
  runWorker,
} from '@switchyard/jobs';
import { type Running, type Runtime, runProcess } from '@switchyard/telemetry';
import { requireTeamIds } from './references.ts';
import { createBotRepliesWorker } from './worker.ts';

await runProcess('bot-replies', () => loadBotRepliesConfig(), start);

async function start(config: BotRepliesConfig, runtime: Runtime): Promise<Running> {
  const { chatwoot, bot } = config;
  const sender = createSend({ target: 'chatwoot', timeoutMs: chatwoot.timeoutMs, runtime });
  const client = createChatwootClient({
    baseUrl: chatwoot.baseUrl,
    token: chatwoot.apiToken ?? undefined,
    botToken: chatwoot.botToken ?? undefined,
    send: sender.send,
  });
  const canListMessages = chatwoot.apiToken !== null;
  const directory = canListMessages ? createDirectory({ client }) : null;
  // Rules that can't be used are reported before Chatwoot is waited for.
  const worker = createBotRepliesWorker({ bot, client, directory, canListMessages });
  await checkTeams(config, runtime, client, directory);
  const running = await runWorker(worker, { config, runtime });
  return {
    async close() {
      await running.close();
      await sender.close();
    },
  };
}

async function checkTeams(
  { bot, chatwoot }: BotRepliesConfig,
  { health, log }: Runtime,
  client: ChatwootClient,
  directory: Directory | null,
): Promise<void> {
  const references = botReferences(bot);
  if (directory === null) return requireTeamIds(references);
  await checkDirectory({
    client,
    directory,
    accounts: chatwoot.accounts,
    references,
    health: health.dependency('chatwoot'),
    log,
  });
}
