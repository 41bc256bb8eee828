import { z } from 'zod';
import { type Api, accountPath, type CallOptions, payloadOf } from './api.ts';
import { type ContactRecord, contactSchema } from './records.ts';

/** A substring search for a whole address has one page, as a rule. */
const MOST_PAGES = 5;

const foundSchema = z.object({
  meta: z.object({ has_more: z.boolean().nullish() }).nullish(),
  payload: z.array(contactSchema),
});

/** Contacts (contract §3.4, §3.5). Bots may not: always with the user's token. */
export function contactsApi(api: Api) {
  return {
    async get(account: number, contact: number, options?: CallOptions): Promise<ContactRecord> {
      const path = accountPath(account, 'contacts', contact);
      return api.json({ operation: 'contacts.get', method: 'GET', path }, payloadOf(contactSchema), options);
    },

    /**
     * The contacts with exactly this e-mail address. Chatwoot finds substrings of name, e-mail, phone and
     * identifier, so the rest is left out here. It allows 100 searches a minute for an account.
     */
    async search(account: number, email: string, options?: CallOptions): Promise<readonly ContactRecord[]> {
      const wanted = email.trim().toLowerCase();
      if (wanted === '') return [];
      const path = accountPath(account, 'contacts', 'search');
      const found: ContactRecord[] = [];
      for (let page = 1; page <= MOST_PAGES; page += 1) {
        const request = {
          operation: 'contacts.search',
          method: 'GET',
          path,
          query: { q: wanted, page },
        } as const;
        const answer = await api.json(request, foundSchema, options);
        found.push(...answer.payload.filter((contact) => contact.email === wanted));
        if (answer.meta?.has_more !== true || answer.payload.length === 0) break;
      }
      return found;
    },

    /** Sets some custom attributes; Chatwoot keeps the others (contract §3.5: contacts merge). */
    async setCustomAttributes(
      account: number,
      contact: number,
      attributes: Readonly<Record<string, unknown>>,
      options?: CallOptions,
    ): Promise<ContactRecord> {
      const request = {
        operation: 'contacts.setCustomAttributes',
        method: 'PUT',
        path: accountPath(account, 'contacts', contact),
        body: { custom_attributes: attributes },
      } as const;
      return api.json(request, payloadOf(contactSchema), options);
    },

    async delete(account: number, contact: number, options?: CallOptions): Promise<void> {
      const path = accountPath(account, 'contacts', contact);
      return api.done({ operation: 'contacts.delete', method: 'DELETE', path }, options);
    },
  };
}
