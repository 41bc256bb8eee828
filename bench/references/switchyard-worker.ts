import { createSend, runWorker } from '@switchyard/jobs';
import { runProcess } from '@switchyard/telemetry';
import { oneEffect } from './effect-definition.ts';
import { workerSettings } from './worker-settings.ts';

/** Switchyard's engine on one queue, as an app runs it: lanes, ledger, metrics, a log line a job. */
const { redisUrl, effectUrl, concurrency, adminPort } = workerSettings();
const config = {
  file: null,
  adminHost: '127.0.0.1',
  adminPort,
  logLevel: 'info',
  shutdownTimeoutMs: 5_000,
  redisUrl,
  concurrency,
};

await runProcess(
  'bench-worker',
  () => Promise.resolve(config),
  async (_config, runtime) => {
    const sender = createSend({ target: 'bench', timeoutMs: 10_000, runtime });
    const running = await runWorker(oneEffect(sender.send, effectUrl), { config, runtime });
    return {
      async close() {
        await running.close();
        await sender.close();
      },
    };
  },
);
