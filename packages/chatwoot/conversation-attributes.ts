import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type ActorOptions, type Api, accountPath, unexpectedAnswer } from './api.ts';

// Unlike an event's, these are whole: they are written back, and what is left out would be lost.
const attributesSchema = z
  .object({ custom_attributes: z.record(z.string(), z.unknown()).nullish() })
  .transform((answer) => answer.custom_attributes ?? {});

export function conversationAttributesApi(api: Api) {
  return {
    /**
     * Sets some custom attributes and keeps the others: read, merge, write, since Chatwoot replaces the whole
     * hash and old versions ignore `merge` without a word (contract §3.3). Writes nothing when all of them are
     * there already. Returns the attributes that are there.
     *
     * @throws {CallFailure} CHATWOOT_UNEXPECTED_RESPONSE: what came back is not what was written.
     */
    async setCustomAttributes(
      account: number,
      conversation: number,
      attributes: Readonly<Record<string, unknown>>,
      options?: ActorOptions,
    ): Promise<Readonly<Record<string, unknown>>> {
      const path = accountPath(account, 'conversations', conversation);
      const read = { operation: 'conversations.get', method: 'GET', path } as const;
      const present = await api.json(read, attributesSchema, options);
      const merged = asJson({ ...present, ...attributes });
      if (isDeepStrictEqual(merged, present)) return present;

      const write = {
        operation: 'conversations.setCustomAttributes',
        method: 'POST',
        path: `${path}/custom_attributes`,
        body: { custom_attributes: merged },
        bots: true,
      } as const;
      const written = await api.json(write, attributesSchema, options);
      if (isDeepStrictEqual(written, merged)) return written;
      throw unexpectedAnswer(write, 'the attributes that came back are not those that were written');
    },
  };
}

/** As it will come back: no undefined, dates as text. */
function asJson(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(JSON.parse(JSON.stringify(attributes)));
}
