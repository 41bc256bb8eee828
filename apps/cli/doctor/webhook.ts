import { type ChatwootVersion, leadsToIngress, type Webhook } from '@switchyard/chatwoot';
import type { CliConfig } from '@switchyard/config';
import { shownAddress } from '../address/source-address.ts';
import { leadsHere, urlWarnings } from '../address/webhook-url.ts';
import { type Finding, fail, ok, warn } from './check.ts';
import { judgeGuard } from './guard.ts';

export interface WebhookFacts {
  readonly account: number;
  readonly webhooks: readonly Webhook[];
  /** null: any that looks like Switchyard's. */
  readonly url: string | null;
  readonly needed: readonly string[];
  /** As configured here; empty when this machine knows none. */
  readonly sources: CliConfig['sources'];
  readonly version: ChatwootVersion | null;
}

/** Whether an account's webhook is there, points here, brings what is needed, and is signed with a secret we know. Pure. */
export function judgeWebhooks(facts: WebhookFacts): Finding[] {
  const { account, webhooks, url } = facts;
  const ours = webhooks.filter((one) => leadsHere(one.url, url));
  const connect = `switchyard connect --account ${account} --url ${url ?? 'https://<your host>'}`;
  if (ours.length === 0) {
    const others = webhooks.map((one) => shownAddress(one.url)).join(', ');
    const there = others === '' ? 'it has none' : `it has: ${others}`;
    const what = url === null ? "that looks like Switchyard's" : `to ${url}`;
    return [fail('webhook', `account ${account} has no webhook ${what}; ${there}`, `Make it: ${connect}`)];
  }
  const elsewhere = webhooks.filter((one) => !ours.includes(one) && leadsToIngress(one.url));
  const several = [...ours, ...elsewhere];
  return [
    ...ours.flatMap((webhook) => judgeOne(webhook, facts)),
    ...(several.length > 1
      ? [
          warn(
            'webhook',
            `account ${account} has ${several.length} webhooks that look like Switchyard's (${several.map(({ id, url }) => `${id}: ${shownAddress(url)}`).join(', ')}): every event comes from each; the repeats are told apart and dropped`,
            'Delete those that are not needed in Chatwoot → Settings → Integrations → Webhooks.',
          ),
        ]
      : []),
  ];
}

function judgeOne(webhook: Webhook, { account, needed, sources, version }: WebhookFacts): Finding[] {
  const missing = needed.filter((name) => !webhook.subscriptions.includes(name));
  const name = `webhook ${webhook.id}`;
  const findings = [
    ...(missing.length > 0
      ? [
          fail(
            name,
            `is not subscribed to ${missing.join(', ')}, which the configuration works on`,
            `switchyard connect --account ${account} --url ${shownAddress(webhook.url)}`,
          ),
        ]
      : []),
    ...judgeGuard(name, webhook, sources, 'account'),
    ...urlWarnings(webhook.url, version).map((text) => warn(name, text)),
  ];
  if (findings.some(({ status }) => status === 'fail')) return findings;
  return [ok(name, `${shownAddress(webhook.url)}, with every subscription that is needed`), ...findings];
}
