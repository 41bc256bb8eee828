import { z } from 'zod';
import { type ActorOptions, type Api, accountPath, type CallOptions, payloadOf } from './api.ts';
import { type MessageRecord, messageSchema } from './records.ts';

export interface NewMessage {
  /** Markdown. Text that we did not write goes through `neutraliseLiquid` first (contract §3.2). */
  readonly content: string;
  /** A note that only the team sees. */
  readonly private?: boolean | undefined;
  /** Such as `contentAttributesWith(marker)`. */
  readonly contentAttributes?: Readonly<Record<string, unknown>> | undefined;
  readonly contentType?: string | undefined;
}

export interface MessagePage {
  /** Up to 100 messages newer than this id. */
  readonly after?: number | undefined;
  /** 20 messages older than this id; with `after`, up to 1000 between the two. */
  readonly before?: number | undefined;
}

/** Messages of a conversation, which is named by its display id (contract §3.2). */
export function messagesApi(api: Api) {
  return {
    /**
     * Sends a message to the customer, or writes a private note. There is no idempotency key: after
     * `unknown-outcome`, look for the marker with `list` before sending again.
     */
    async create(
      account: number,
      conversation: number,
      message: NewMessage,
      options?: ActorOptions,
    ): Promise<MessageRecord> {
      const request = {
        operation: 'messages.create',
        method: 'POST',
        path: accountPath(account, 'conversations', conversation, 'messages'),
        body: {
          content: message.content,
          message_type: 'outgoing',
          private: message.private ?? false,
          content_type: message.contentType,
          content_attributes: message.contentAttributes,
        },
        bots: true,
      } as const;
      return api.json(request, messageSchema, options);
    },

    /** The latest 20 messages, or those that `page` says. Always with the user's token, as every read. */
    async list(
      account: number,
      conversation: number,
      page: MessagePage = {},
      options?: CallOptions,
    ): Promise<readonly MessageRecord[]> {
      const request = {
        operation: 'messages.list',
        method: 'GET',
        path: accountPath(account, 'conversations', conversation, 'messages'),
        query: { after: page.after, before: page.before },
      } as const;
      return api.json(request, payloadOf(z.array(messageSchema)), options);
    },
  };
}
