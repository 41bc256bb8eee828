import { type ChatwootClient, leadsToIngress } from '@switchyard/chatwoot';
import type { CliConfig } from '@switchyard/config';
import { CommandFailure } from '../command-failure.ts';
import { postDelivery } from '../post-delivery.ts';
import { failed, passed, type Row, skipped } from './row.ts';
import type { Played, Stage } from './stage.ts';

export interface DoubleParts {
  readonly client: Pick<ChatwootClient, 'webhooks'>;
  readonly config: CliConfig;
  readonly stage: Stage;
}

const NAME = 'a copy';

/** The first message comes once more, under another delivery id, as when two webhooks point here (contract §1.6). */
export async function double({ client, config, stage }: DoubleParts, played: Played): Promise<Row> {
  const webhooks = await client.webhooks.list(stage.account);
  const secrets = new Map(
    Object.entries(config.sources).flatMap(([name, source]) =>
      'secrets' in source ? source.secrets.map((secret) => [secret, name] as const) : [],
    ),
  );
  const target = webhooks.find(
    ({ url, secret }) => leadsToIngress(url) && (secret === null || secrets.has(secret)),
  );
  if (target === undefined) return skipped(NAME, 'no webhook whose secret is known here');
  try {
    const body = JSON.stringify(copyOf(stage, played));
    const since = Date.now();
    const { result, status } = await postDelivery({ url: target.url, body, secret: target.secret });
    if (result === 'duplicate') {
      return passed(NAME, 'the same message under another delivery id: duplicate', Date.now() - since);
    }
    return failed(
      NAME,
      `the same message under another delivery id was answered ${status} ${result ?? ''}`.trim(),
    );
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return skipped(NAME, `the ingress can't be reached from here: ${error.message}`);
  }
}

/** As much of the payload as says which message it is. */
function copyOf({ account, inbox }: Stage, { conversation, contact, message }: Played) {
  return {
    event: 'message_created',
    id: message,
    message_type: 'incoming',
    private: false,
    account: { id: account },
    inbox: { id: inbox.id, name: inbox.name },
    conversation: {
      id: conversation,
      inbox_id: inbox.id,
      meta: { sender: { id: contact, type: 'contact' } },
    },
    sender: { id: contact },
  };
}
