import type { Webhook } from '@switchyard/chatwoot';
import { looksLikeOurs, sameUrl, urlWarnings } from '../address/webhook-url.ts';
import { type Finding, fail, ok, warn } from './check.ts';

export interface WebhookFacts {
  readonly account: number;
  readonly webhooks: readonly Webhook[];
  /** null: any that looks like Switchyard's. */
  readonly url: string | null;
  readonly needed: readonly string[];
  /** Of all sources; empty when this machine knows none. */
  readonly secrets: readonly string[];
  readonly hasUnsigned: boolean;
}

/** Whether an account's webhook is there, points here, brings what is needed, and is signed with a secret we know. Pure. */
export function judgeWebhooks(facts: WebhookFacts): Finding[] {
  const { account, webhooks, url } = facts;
  const ours = webhooks.filter((one) => (url === null ? looksLikeOurs(one.url) : sameUrl(one.url, url)));
  const connect = `switchyard connect --account ${account} --url ${url ?? 'https://<your host>'}`;
  if (ours.length === 0) {
    const others = webhooks.map((one) => one.url).join(', ');
    const there = others === '' ? 'it has none' : `it has: ${others}`;
    const what = url === null ? "that looks like Switchyard's" : `to ${url}`;
    return [fail('webhook', `account ${account} has no webhook ${what}; ${there}`, `Make it: ${connect}`)];
  }
  const elsewhere = webhooks.filter((one) => !ours.includes(one) && looksLikeOurs(one.url));
  const several = [...ours, ...elsewhere];
  return [
    ...ours.flatMap((webhook) => judgeOne(webhook, facts)),
    ...(several.length > 1
      ? [
          warn(
            'webhook',
            `account ${account} has ${several.length} webhooks that look like Switchyard's (${several.map(({ id, url }) => `${id}: ${url}`).join(', ')}): every event comes from each; the repeats are told apart and dropped`,
            'Delete those that are not needed in Chatwoot → Settings → Integrations → Webhooks.',
          ),
        ]
      : []),
  ];
}

function judgeOne(webhook: Webhook, { account, needed, secrets, hasUnsigned }: WebhookFacts): Finding[] {
  const missing = needed.filter((name) => !webhook.subscriptions.includes(name));
  const name = `webhook ${webhook.id}`;
  const findings = [
    ...(missing.length > 0
      ? [
          fail(
            name,
            `is not subscribed to ${missing.join(', ')}, which the configuration works on`,
            `switchyard connect --account ${account} --url ${webhook.url}`,
          ),
        ]
      : []),
    ...judgeSecret(name, webhook, secrets, hasUnsigned),
    ...urlWarnings(webhook.url, null).map((text) => warn(name, text)),
  ];
  if (findings.some(({ status }) => status === 'fail')) return findings;
  return [ok(name, `${webhook.url}, with every subscription that is needed`), ...findings];
}

function judgeSecret(
  name: string,
  { secret }: Webhook,
  secrets: readonly string[],
  hasUnsigned: boolean,
): Finding[] {
  if (secret === null) {
    if (hasUnsigned)
      return [
        warn(name, 'is not signed: this Chatwoot is older than 4.11.2', 'Upgrade Chatwoot when you can.'),
      ];
    return [
      fail(
        name,
        'is not signed: this Chatwoot is older than 4.11.2, so the ingress refuses it',
        'Upgrade Chatwoot, or take it as an unsigned source (docs/configuration.md, sources).',
      ),
    ];
  }
  if (secrets.length === 0 || secrets.includes(secret)) return [];
  return [
    fail(
      name,
      'signs with a secret that is not configured here: the ingress refuses its deliveries',
      'switchyard connect tells it again and where to put it; then restart the ingress.',
    ),
  ];
}
