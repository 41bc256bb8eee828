import { z } from 'zod';
import { type Api, accountPath, type CallOptions, payloadOf } from './api.ts';

/** What an account webhook can subscribe to (contract §2.6). */
export const SUBSCRIBABLE = [
  'conversation_created',
  'conversation_updated',
  'conversation_status_changed',
  'conversation_typing_on',
  'conversation_typing_off',
  'message_created',
  'message_updated',
  'contact_created',
  'contact_updated',
  'webwidget_triggered',
  'inbox_created',
  'inbox_updated',
] as const;

export interface Webhook {
  readonly id: number;
  readonly url: string;
  readonly name: string | null;
  readonly subscriptions: readonly string[];
  /** What it signs with: a credential, never to be logged. Null before 4.11.2. */
  readonly secret: string | null;
}

export interface WebhookFields {
  readonly url?: string | undefined;
  readonly name?: string | undefined;
  readonly subscriptions?: readonly string[] | undefined;
}

const webhookSchema = z
  .object({
    id: z.int().positive(),
    url: z.string(),
    name: z.string().nullish(),
    subscriptions: z.array(z.string()).nullish(),
    secret: z.string().nullish(),
  })
  .transform(
    (webhook): Webhook => ({
      id: webhook.id,
      url: webhook.url,
      name: webhook.name ?? null,
      subscriptions: webhook.subscriptions ?? [],
      secret: webhook.secret ?? null,
    }),
  );
const oneSchema = payloadOf(z.object({ webhook: webhookSchema })).transform((payload) => payload.webhook);
const allSchema = payloadOf(z.object({ webhooks: z.array(webhookSchema) })).transform(
  (payload) => payload.webhooks,
);

/** Account webhooks; an administrator's token only (contract §3.6). */
export function webhooksApi(api: Api) {
  return {
    async list(account: number, options?: CallOptions): Promise<readonly Webhook[]> {
      const path = accountPath(account, 'webhooks');
      return api.json({ operation: 'webhooks.list', method: 'GET', path }, allSchema, options);
    },

    /** A URL can be used once in an account. Chatwoot makes the secret; it can't be chosen. */
    async create(
      account: number,
      webhook: WebhookFields & { readonly url: string; readonly subscriptions: readonly string[] },
      options?: CallOptions,
    ): Promise<Webhook> {
      const path = accountPath(account, 'webhooks');
      const body = { ...webhook };
      return api.json({ operation: 'webhooks.create', method: 'POST', path, body }, oneSchema, options);
    },

    async update(
      account: number,
      id: number,
      fields: WebhookFields,
      options?: CallOptions,
    ): Promise<Webhook> {
      const path = accountPath(account, 'webhooks', id);
      const body = { ...fields };
      return api.json({ operation: 'webhooks.update', method: 'PATCH', path, body }, oneSchema, options);
    },

    async delete(account: number, id: number, options?: CallOptions): Promise<void> {
      const path = accountPath(account, 'webhooks', id);
      return api.done({ operation: 'webhooks.delete', method: 'DELETE', path }, options);
    },
  };
}
