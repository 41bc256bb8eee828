import { createChatwootClient } from '@switchyard/chatwoot';
import { loadRoutingConfig, type RoutingWorkerConfig } from '@switchyard/config';
import { checkDirectory, createDirectory, createSend, routingReferences, runWorker } from '@switchyard/jobs';
import { type Running, type Runtime, runProcess } from '@switchyard/telemetry';
import { type Customers, createCustomers } from './customers.ts';
import { watchCustomers } from './customers-health.ts';
import { traceCustomers } from './customers-spans.ts';
import { createRoutingWorker } from './worker.ts';

await runProcess('routing', () => loadRoutingConfig(), start);

async function start(config: RoutingWorkerConfig, runtime: Runtime): Promise<Running> {
  const { chatwoot, routing } = config;
  const { log, health } = runtime;
  const sender = createSend({ target: 'chatwoot', timeoutMs: chatwoot.timeoutMs, runtime });
  const client = createChatwootClient({
    baseUrl: chatwoot.baseUrl,
    token: chatwoot.apiToken,
    send: sender.send,
  });
  const directory = createDirectory({ client });
  await checkDirectory({
    queue: 'routing',
    metrics: runtime.metrics,
    client,
    directory,
    accounts: chatwoot.accounts,
    references: routingReferences(routing),
    health: health.dependency('chatwoot'),
    log,
  });
  const customers = openCustomers(config, runtime);
  const watch =
    customers === null ? null : watchCustomers({ customers, health: health.dependency('customers'), log });
  const worker = createRoutingWorker({ routing, client, directory, customers });
  const running = await runWorker(worker, {
    config,
    runtime,
    accounts: { sources: config.sourceAccounts, client },
  });
  return {
    async close() {
      await running.close();
      await watch?.close();
      await customers?.close();
      await sender.close();
    },
  };
}

function openCustomers(
  { routing, customersDatabaseUrl }: RoutingWorkerConfig,
  { log, tracing }: Runtime,
): Customers | null {
  if (routing.customers === undefined || customersDatabaseUrl === null) return null;
  const customers = createCustomers({
    url: customersDatabaseUrl,
    ...routing.customers,
    onIdleError: (err) => log.warn({ err }, 'a connection to the customers database broke'),
  });
  return tracing === undefined ? customers : traceCustomers(customers, tracing);
}
