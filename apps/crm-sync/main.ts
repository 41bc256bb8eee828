import { createChatwootClient } from '@switchyard/chatwoot';
import { type CrmSyncConfig, loadCrmSyncConfig } from '@switchyard/config';
import { createSend, runWorker } from '@switchyard/jobs';
import { type Running, type Runtime, runProcess } from '@switchyard/telemetry';
import { createCrm } from './crm.ts';
import { checkTemplates } from './fields.ts';
import { createCrmSyncWorker } from './worker.ts';

await runProcess('crm-sync', () => loadCrmSyncConfig(), start);

async function start(config: CrmSyncConfig, runtime: Runtime): Promise<Running> {
  checkTemplates(config.crm);
  const sender = createSend({ target: 'crm', timeoutMs: config.crm.timeoutMs, runtime });
  const crm = createCrm({ config: config.crm, send: sender.send });
  const worker = createCrmSyncWorker({
    chatwootBaseUrl: config.chatwootBaseUrl,
    crm,
    fields: { created: Object.keys(config.crm.fields), updated: Object.keys(config.crm.contactFields) },
  });
  const chatwoot = openChatwoot(config, runtime);
  const accounts = { sources: config.sourceAccounts, client: chatwoot?.client ?? null };
  const running = await runWorker(worker, { config, runtime, accounts });
  return {
    async close() {
      await running.close();
      await chatwoot?.sender.close();
      await sender.close();
    },
  };
}

/** Only for events that name no account, so null where there is no token. */
function openChatwoot({ chatwoot }: CrmSyncConfig, runtime: Runtime) {
  if (chatwoot === null) return null;
  const { baseUrl, apiToken: token, timeoutMs } = chatwoot;
  const sender = createSend({ target: 'chatwoot', timeoutMs, runtime });
  return { sender, client: createChatwootClient({ baseUrl, token, send: sender.send }) };
}
