import { randomBytes } from 'node:crypto';
import { type ChatwootClient, type ChatwootVersion, hasFeature, type Webhook } from '@switchyard/chatwoot';
import {
  familyOf,
  readAddress,
  sameSource,
  unsignedNameOf,
  writeAddress,
} from '../address/source-address.ts';
import { sameUrl } from '../address/webhook-url.ts';
import { type ConnectedWebhook, connectWebhook, type WebhookWish } from './webhook.ts';

/** Asks an ingress whether it takes deliveries that are signed with this secret; null when it does, else why not. */
type WhyNotYet = (url: string, secret: string | null) => Promise<string | null>;

/** What decides whether a webhook points at a source's own address or at the one with a token. */
export interface Signing {
  readonly version: ChatwootVersion | null;
  /** Stands in the address of what is not signed. */
  readonly token: string;
  readonly whyNotYet: WhyNotYet;
}

export interface Hook extends ConnectedWebhook {
  /** Why it stays at its unsigned address although this Chatwoot signs; null when it does not. */
  readonly waitsFor: string | null;
}

/**
 * Makes the account's webhook, at the address that fits what this Chatwoot does. One that does not sign gets the
 * address with a token. One that was upgraded is moved only once the ingress knows its secret: nothing is lost.
 */
export async function connectHook(
  client: Pick<ChatwootClient, 'webhooks'>,
  wish: WebhookWish,
  { version, token, whyNotYet }: Signing,
  signal: AbortSignal,
): Promise<Hook> {
  const unsigned = unsignedAddress(wish.url, token);
  if (unsigned === null) return { ...(await connectWebhook(client, wish, signal)), waitsFor: null };
  const before = webhookBefore(await client.webhooks.list(wish.account, { signal }), wish);
  const signs = before === undefined ? hasFeature(version, 'signedAccountWebhooks') : before.secret !== null;
  if (signs === false) {
    return { ...(await connectWebhook(client, { ...wish, url: unsigned }, signal)), waitsFor: null };
  }
  const isUnsigned = before !== undefined && readAddress(before.url)?.token != null;
  const waitsFor =
    isUnsigned && sameSource(before.url, wish.url) ? await whyNotYet(wish.url, before.secret) : null;
  if (waitsFor !== null && before !== undefined) {
    return { ...(await connectWebhook(client, { ...wish, url: before.url }, signal)), waitsFor };
  }
  const made = await connectWebhook(client, wish, signal);
  if (made.webhook.secret !== null) return { ...made, waitsFor: null };
  // Its version was not known: only now it shows that it does not sign.
  const moved = await connectWebhook(client, { ...wish, url: unsigned, replace: made.webhook.id }, signal);
  return { ...moved, action: made.action === 'created' ? 'created' : moved.action, waitsFor: null };
}

/** The same source's address with a token; null where it has one, or is a proxy's own. */
export function unsignedAddress(url: string, token: string): string | null {
  const address = readAddress(url);
  if (address === null || address.token !== null) return null;
  return writeAddress({ ...address, source: unsignedNameOf(familyOf(address.source)), token });
}

/** The token of the addresses that lead to this source already, so that a second run finds the first one's. */
export function tokenThere(urls: readonly string[], wanted: string): string | null {
  const tokens = urls.flatMap((url) => (sameSource(url, wanted) ? [readAddress(url)?.token ?? null] : []));
  return tokens.find((token) => token !== null) ?? null;
}

export function freshToken(): string {
  return randomBytes(24).toString('base64url');
}

function webhookBefore(there: readonly Webhook[], { url, replace }: WebhookWish): Webhook | undefined {
  if (replace !== null) return there.find(({ id }) => id === replace);
  return there.find((one) => sameUrl(one.url, url)) ?? there.find((one) => sameSource(one.url, url));
}
