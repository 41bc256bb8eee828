import { CallFailure, type ChatwootClient, leadsToIngress, type Webhook } from '@switchyard/chatwoot';
import { sameSource, shownAddress } from '../address/source-address.ts';
import { sameUrl } from '../address/webhook-url.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT } from '../exit.ts';

export interface WebhookWish {
  readonly account: number;
  readonly url: string;
  readonly name: string;
  readonly subscriptions: readonly string[];
  /** The id of a webhook to take over instead of making one. */
  readonly replace: number | null;
}

export type WebhookPlan =
  | { readonly action: 'create' }
  | { readonly action: 'update'; readonly webhook: Webhook; readonly changes: readonly string[] }
  | { readonly action: 'keep'; readonly webhook: Webhook };

export interface ConnectedWebhook {
  readonly action: 'created' | 'updated' | 'unchanged';
  readonly webhook: Webhook;
  /** What was changed, in words. */
  readonly changes: readonly string[];
  /** Others of the account that look like Switchyard's: every event comes once more from each. */
  readonly others: readonly Webhook[];
}

/**
 * What has to be done so that the account has this webhook. One that leads to the same source, signed or not, is it.
 *
 * @throws {CommandFailure} the one to replace is not there.
 */
export function planWebhook(there: readonly Webhook[], wish: WebhookWish): WebhookPlan {
  const byUrl =
    there.find(({ url }) => sameUrl(url, wish.url)) ??
    (wish.replace === null ? there.find(({ url }) => sameSource(url, wish.url)) : undefined);
  const replaced = wish.replace === null ? undefined : there.find(({ id }) => id === wish.replace);
  if (wish.replace !== null && replaced === undefined) {
    const known = there.map(({ id, url }) => `${id} (${shownAddress(url)})`).join(', ');
    throw new CommandFailure(
      EXIT.notFound,
      'WEBHOOK_NOT_FOUND',
      `--replace: account ${wish.account} has no webhook ${wish.replace}`,
      [known === '' ? 'It has none at all; leave --replace out.' : `It has: ${known}.`],
    );
  }
  if (byUrl !== undefined && replaced !== undefined && byUrl.id !== replaced.id) {
    throw new CommandFailure(
      EXIT.problem,
      'WEBHOOK_URL_TAKEN',
      `--replace: webhook ${byUrl.id} has this address already, and an address can be used once in an account`,
      [
        `Leave --replace out to update ${byUrl.id}, and delete ${replaced.id} in Chatwoot if it is not needed.`,
      ],
    );
  }
  const webhook = byUrl ?? replaced;
  if (webhook === undefined) return { action: 'create' };
  const missing = wish.subscriptions.filter((name) => !webhook.subscriptions.includes(name));
  const extra = webhook.subscriptions.filter((name) => !wish.subscriptions.includes(name));
  const changes = [
    ...(sameUrl(webhook.url, wish.url)
      ? []
      : [`address: ${shownAddress(webhook.url)} → ${shownAddress(wish.url)}`]),
    ...(missing.length === 0 ? [] : [`subscribed to ${missing.join(', ')}`]),
    ...(extra.length === 0
      ? []
      : [`no longer subscribed to ${extra.join(', ')}, which nothing here works on`]),
  ];
  return changes.length === 0 ? { action: 'keep', webhook } : { action: 'update', webhook, changes };
}

/** Safe to repeat: a webhook that is there is found again by its address. */
export async function connectWebhook(
  client: Pick<ChatwootClient, 'webhooks'>,
  wish: WebhookWish,
  signal: AbortSignal,
): Promise<ConnectedWebhook> {
  const { account, url, name, subscriptions } = wish;
  const there = await client.webhooks.list(account, { signal });
  const plan = planWebhook(there, wish);
  const others = (own: Webhook) => there.filter((one) => one.id !== own.id && leadsToIngress(one.url));
  if (plan.action === 'keep') {
    return { action: 'unchanged', webhook: plan.webhook, changes: [], others: others(plan.webhook) };
  }
  if (plan.action === 'update') {
    const webhook = await client.webhooks.update(account, plan.webhook.id, { url, subscriptions });
    return {
      action: 'updated',
      webhook: withSecretOf(webhook, plan.webhook),
      changes: plan.changes,
      others: others(webhook),
    };
  }
  const webhook = await createOnce(client, { account, url, name, subscriptions });
  return { action: 'created', webhook, changes: [], others: others(webhook) };
}

/** When the answer is lost, whether it was made is seen by looking, not by making another. */
async function createOnce(
  client: Pick<ChatwootClient, 'webhooks'>,
  { account, ...fields }: Omit<WebhookWish, 'replace'>,
): Promise<Webhook> {
  try {
    return await client.webhooks.create(account, fields);
  } catch (error) {
    if (!(error instanceof CallFailure && error.failure === 'unknown-outcome')) throw error;
    const made = (await client.webhooks.list(account)).find(({ url }) => sameUrl(url, fields.url));
    if (made === undefined) throw error;
    return made;
  }
}

/** The list has the secret in every version that has one; the answer to a change may not. */
function withSecretOf(webhook: Webhook, before: Webhook): Webhook {
  return webhook.secret === null ? { ...webhook, secret: before.secret } : webhook;
}
