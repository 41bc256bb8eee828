import { z } from 'zod';
import type { Api, ApiRequest, CallOptions } from './api.ts';

/** A contact of an API inbox as its customer knows it. */
export interface CustomerContact {
  /** The contact's key in this inbox: whoever has it speaks as the customer. */
  readonly sourceId: string;
  readonly id: number;
}

const contactSchema = z
  .object({ source_id: z.string().min(1), id: z.int().positive() })
  .transform((contact): CustomerContact => ({ sourceId: contact.source_id, id: contact.id }));
const numberedSchema = z.object({ id: z.int().positive() }).transform(({ id }) => id);

/**
 * The public API of an API inbox, as the customer's own application calls it: without a token, known by the inbox's
 * identifier (recorded in 4.10.1, 4.13.0 and 4.16.2: `/public/api/v1/inboxes/{identifier}/contacts/...`).
 */
export function customerApi(api: Api) {
  const request = (
    operation: string,
    identifier: string,
    parts: readonly (string | number)[],
    body: object,
  ) =>
    ({
      operation: `customer.${operation}`,
      method: 'POST',
      path: ['/public/api/v1/inboxes', identifier, ...parts].map(segment).join('/'),
      body: { ...body },
      anonymous: true,
    }) satisfies ApiRequest;

  return {
    async createContact(
      identifier: string,
      contact: { readonly name: string; readonly email: string },
      options?: CallOptions,
    ): Promise<CustomerContact> {
      return api.json(request('createContact', identifier, ['contacts'], contact), contactSchema, options);
    },

    /** @returns the conversation's display id. */
    async beginConversation(identifier: string, sourceId: string, options?: CallOptions): Promise<number> {
      const parts = ['contacts', sourceId, 'conversations'];
      return api.json(request('beginConversation', identifier, parts, {}), numberedSchema, options);
    },

    /** @returns the message's id. */
    async write(
      identifier: string,
      { sourceId, conversation, content }: CustomerMessage,
      options?: CallOptions,
    ): Promise<number> {
      const parts = ['contacts', sourceId, 'conversations', conversation, 'messages'];
      return api.json(request('write', identifier, parts, { content }), numberedSchema, options);
    },
  };
}

export interface CustomerMessage {
  readonly sourceId: string;
  readonly conversation: number;
  readonly content: string;
}

/** What Chatwoot made up is data to us: it must not climb out of its place in the path. */
function segment(part: string | number, index: number): string {
  return index === 0 ? String(part) : encodeURIComponent(part);
}
