import { z } from 'zod';

const optionalText = z.string().nullable().optional();

/** What a lead may hold; any other field is a custom one and is kept as it comes. */
const fields = {
  name: optionalText,
  email: z
    .string()
    .regex(/^[^@\s]+@[^@\s]+$/, 'must be an email address')
    .nullable()
    .optional(),
  phone: z
    .string()
    .regex(/^\+[1-9]\d{1,14}$/, 'must be E.164, such as +46701740605')
    .nullable()
    .optional(),
  source: z.string().min(1).optional(),
  conversation_url: z.url().nullable().optional(),
};

export const leadBody = z.looseObject({ ...fields, source: z.string().min(1) });
export const leadPatch = z.looseObject(fields);

export interface Lead {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly source: string;
  readonly conversation_url: string | null;
  /** ISO 8601. */
  readonly created_at: string;
  readonly updated_at: string;
  readonly [custom: string]: unknown;
}

export function newLead(number: number, body: z.infer<typeof leadBody>): Lead {
  const at = new Date().toISOString();
  return {
    ...body,
    id: `lead_${number}`,
    name: body.name ?? null,
    email: body.email ?? null,
    phone: body.phone ?? null,
    conversation_url: body.conversation_url ?? null,
    created_at: at,
    updated_at: at,
  };
}

/** The lead with the given fields replaced and the others as they were. */
export function updatedLead(lead: Lead, patch: z.infer<typeof leadPatch>): Lead {
  const given = <Key extends keyof typeof fields>(key: Key) =>
    key in patch ? (patch[key] ?? null) : lead[key];
  return {
    ...lead,
    ...patch,
    id: lead.id,
    name: given('name'),
    email: given('email'),
    phone: given('phone'),
    source: patch.source ?? lead.source,
    conversation_url: given('conversation_url'),
    created_at: lead.created_at,
    updated_at: new Date().toISOString(),
  };
}
