import { z } from 'zod';

/** What a CRM field may be made from. Instants are epoch milliseconds; what Chatwoot does not know is null. */
export interface LeadFacts {
  readonly contact: {
    readonly id: number | null;
    readonly name: string | null;
    readonly email: string | null;
    readonly phone: string | null;
    readonly identifier: string | null;
    readonly city: string | null;
    readonly country: string | null;
    readonly custom: Readonly<Record<string, unknown>>;
  };
  readonly conversation: {
    readonly id: number;
    readonly url: string;
    readonly channel: string | null;
    readonly createdAt: number | null;
    readonly custom: Readonly<Record<string, unknown>>;
  } | null;
  readonly inbox: { readonly id: number | null; readonly name: string | null };
  readonly account: number;
}

const fieldFunction = z.custom<(facts: LeadFacts) => unknown>((value) => typeof value === 'function');

const field = z.union([z.string(), z.number(), z.boolean(), z.null(), fieldFunction], {
  error: 'a template such as "{contact.email}", a constant, or a function of the lead facts',
});

const fields = z.record(z.string().min(1), field);

const defaultLeadFields = {
  name: '{contact.name}',
  email: '{contact.email}',
  phone: '{contact.phone}',
  source: 'Chatwoot',
  conversation_url: '{conversation.url}',
} as const;

const urlTemplate = z.string().min(1);

/** What `process.env.CRM_URL` is where a compose file sets it to nothing: as good as unset. */
const blank = z.literal('').transform(() => undefined);

const WEB_ADDRESS = 'an http:// or https:// URL';

export const crmSchema = z.strictObject({
  connector: z.literal('http').default('http').describe('The generic HTTP connector.'),
  url: z
    .union([blank, z.url({ protocol: /^https?$/, error: WEB_ADDRESS })], { error: WEB_ADDRESS })
    .optional()
    .describe('Where a lead is posted. Falls back to CRM_URL.'),
  apiKey: z
    .union([blank, z.string()], { error: 'a text' })
    .optional()
    .describe('Bearer key. Falls back to CRM_API_KEY.'),
  fields: fields
    .default(defaultLeadFields)
    .describe('The body of a new lead: field name to template, constant or function.'),
  contactFields: fields
    .default({ name: '{contact.name}', email: '{contact.email}', phone: '{contact.phone}' })
    .describe('The body of an update after the contact changed.'),
  idPath: z.string().default('id').describe('Where the CRM answers the id of a new lead, as a dotted path.'),
  update: z
    .strictObject({
      method: z.enum(['PATCH', 'PUT', 'POST']).default('PATCH').describe('The HTTP method.'),
      url: urlTemplate.default('{crm.url}/{lead.id}').describe('Where the update is sent.'),
    })
    .prefault({})
    .describe('How a lead is updated.'),
  lookup: z
    .strictObject({
      url: urlTemplate.describe(
        'Answers the lead of a conversation: {crm.url}?conversation_url={conversation.url}',
      ),
      idPath: z.string().describe('Where the id stands in the answer: leads.0.id'),
    })
    .optional()
    .describe('Confirms an unknown outcome, for a CRM that does not honour Idempotency-Key.'),
  timeoutMs: z.int().min(100).max(120_000).default(10_000).describe('Limit of one call.'),
});

export type CrmConfig = z.output<typeof crmSchema>;
