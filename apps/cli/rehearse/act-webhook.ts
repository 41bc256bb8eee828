import type { ChatwootClient } from '@switchyard/chatwoot';
import type { CliConfig } from '@switchyard/config';
import { judgeWebhooks } from '../doctor/webhook.ts';
import { neededSubscriptions } from '../subscriptions.ts';
import { failed, passed, type Row } from './row.ts';
import type { Played } from './stage.ts';
import type { Watch } from './watch.ts';

export interface WebhookParts {
  readonly client: Pick<ChatwootClient, 'webhooks'>;
  readonly config: CliConfig;
  readonly account: number;
}

/** Whether Chatwoot's webhook came, by which source; if not, what keeps it as far as Chatwoot itself shows. */
export async function webhook(parts: WebhookParts, watch: Watch, played: Played): Promise<Row> {
  const { found } = await watch.anyJob(played);
  if (found === null) return whyNot(parts);
  const source = parts.config.sources[found.source];
  const how = source !== undefined && 'unsigned' in source ? 'unsigned, guarded by its address' : 'signed';
  return passed('webhook', `came, ${how}, to source ${found.source}`, Date.now() - played.at);
}

async function whyNot({ client, config, account }: WebhookParts): Promise<Row> {
  const webhooks = await client.webhooks.list(account);
  const findings = judgeWebhooks({
    account,
    webhooks,
    url: null,
    needed: neededSubscriptions(config).needed,
    sources: config.sources,
    version: null,
  });
  const wrong = findings.find(({ status }) => status === 'fail');
  if (wrong !== undefined) return failed('webhook', `none came; ${wrong.name} ${wrong.detail}`, wrong.fix);
  return failed(
    'webhook',
    'none came, although Chatwoot has one that is right: Chatwoot does not reach its address, its background jobs wait, or the ingress refuses it',
    'switchyard doctor --url <its address> asks the ingress itself; its log says what it refuses.',
  );
}
