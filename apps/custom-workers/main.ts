import { type ChatwootClient, createChatwootClient } from '@switchyard/chatwoot';
import { type CustomWorkersConfig, loadCustomWorkersConfig } from '@switchyard/config';
import { createSend, customQueue, runWorker, type Sender } from '@switchyard/jobs';
import { type Running, type Runtime, runProcess } from '@switchyard/telemetry';
import { createCustomWorker } from './worker.ts';

/** `npm run custom-workers -- vip-alerts` runs that one alone; without a name, all of the config file. */
const only = process.argv[2] ?? null;

await runProcess('custom-workers', () => loadCustomWorkersConfig({}, only), start);

async function start(config: CustomWorkersConfig, runtime: Runtime): Promise<Running> {
  const opened: Sender[] = [];
  const sender = (target: string, timeoutMs: number) => {
    const made = createSend({ target, timeoutMs, runtime });
    opened.push(made);
    return made;
  };
  const chatwoot = chatwootClient(config, sender);
  const running = await Promise.all(
    Object.entries(config.workers).map(([name, worker]) =>
      runWorker(createCustomWorker({ name, worker, chatwoot, sender: sender(name, worker.timeoutMs) }), {
        config,
        runtime,
        queue: customQueue(name, worker),
        accounts: { sources: config.sourceAccounts, client: chatwoot },
      }),
    ),
  );
  return {
    async close() {
      await Promise.all(running.map((one) => one.close()));
      await Promise.all(opened.map((one) => one.close()));
    },
  };
}

function chatwootClient(
  { chatwoot }: CustomWorkersConfig,
  sender: (target: string, timeoutMs: number) => Sender,
): ChatwootClient | null {
  if (chatwoot === null) return null;
  return createChatwootClient({
    baseUrl: chatwoot.baseUrl,
    token: chatwoot.apiToken,
    botToken: chatwoot.botToken ?? undefined,
    send: sender('chatwoot', chatwoot.timeoutMs).send,
  });
}
