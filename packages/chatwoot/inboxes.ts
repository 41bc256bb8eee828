import { z } from 'zod';
import { type Api, accountPath, type CallOptions, payloadOf } from './api.ts';

export interface InboxRecord {
  readonly id: number;
  readonly name: string;
  /** `Channel::WebWidget`, `Channel::Api`, … */
  readonly channelType: string | null;
  /** By which the public API knows an API inbox; a credential of sorts. Null for other channels. */
  readonly identifier: string | null;
}

const text = z.string().nullish().catch(null);

const inboxSchema = z
  .object({ id: z.int().positive(), name: text, channel_type: text, inbox_identifier: text })
  .transform(
    (inbox): InboxRecord => ({
      id: inbox.id,
      name: inbox.name ?? '',
      channelType: inbox.channel_type ?? null,
      identifier: inbox.inbox_identifier ?? null,
    }),
  );

/** Inboxes; making and deleting them needs an administrator's token. */
export function inboxesApi(api: Api) {
  return {
    async list(account: number, options?: CallOptions): Promise<readonly InboxRecord[]> {
      const request = {
        operation: 'inboxes.list',
        method: 'GET',
        path: accountPath(account, 'inboxes'),
      } as const;
      return api.json(request, payloadOf(z.array(inboxSchema)), options);
    },

    async get(account: number, inbox: number, options?: CallOptions): Promise<InboxRecord> {
      const path = accountPath(account, 'inboxes', inbox);
      return api.json({ operation: 'inboxes.get', method: 'GET', path }, inboxSchema, options);
    },

    /** An API inbox without a webhook of its own: its events come by the account's. */
    async createApiInbox(account: number, name: string, options?: CallOptions): Promise<InboxRecord> {
      const request = {
        operation: 'inboxes.create',
        method: 'POST',
        path: accountPath(account, 'inboxes'),
        body: { name, channel: { type: 'api', webhook_url: '' } },
      } as const;
      return api.json(request, inboxSchema, options);
    },

    /** Chatwoot answers at once and deletes it a little later, with its conversations (contract [R] 11). */
    async delete(account: number, inbox: number, options?: CallOptions): Promise<void> {
      const path = accountPath(account, 'inboxes', inbox);
      return api.done({ operation: 'inboxes.delete', method: 'DELETE', path }, options);
    },
  };
}
