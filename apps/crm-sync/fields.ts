import { CallFailure } from '@switchyard/chatwoot';
import { ConfigError, type CrmConfig, type LeadFacts } from '@switchyard/config';
import { fieldValue, placeholders } from './template.ts';

export type Fields = CrmConfig['fields'];

/** The body of a lead: templates filled, constants as they are, functions called. */
export function leadBody(fields: Fields, facts: LeadFacts, setting: string): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    body[name] =
      typeof field === 'string' ? fieldValue(field, facts) : computed(field, facts, `${setting}.${name}`);
  }
  return body;
}

const KNOWN = new Set([
  ...['id', 'name', 'email', 'phone', 'identifier', 'city', 'country', 'custom'].map(
    (name) => `contact.${name}`,
  ),
  ...['id', 'url', 'channel', 'createdAt', 'custom'].map((name) => `conversation.${name}`),
  'inbox.id',
  'inbox.name',
  'account',
]);
const CUSTOM = /^(?:contact|conversation)\.custom\../;

/**
 * Holds every placeholder of the crm section against what there is, at start: a misspelt one would otherwise
 * fill the CRM with nulls.
 *
 * @throws {ConfigError} one line for each.
 */
export function checkTemplates(crm: CrmConfig): void {
  const inFields = (setting: string, fields: Fields) =>
    Object.entries(fields).flatMap(([name, field]) =>
      typeof field === 'string' ? unknownIn(field, `${setting}.${name}`, []) : [],
    );
  const lines = [
    ...inFields('crm.fields', crm.fields),
    ...inFields('crm.contactFields', crm.contactFields),
    ...unknownIn(crm.update.url, 'crm.update.url', ['crm.url', 'lead.id']),
    ...(crm.lookup === undefined ? [] : unknownIn(crm.lookup.url, 'crm.lookup.url', ['crm.url'])),
  ];
  if (lines.length > 0) throw new ConfigError(lines);
}

function unknownIn(template: string, setting: string, also: readonly string[]): string[] {
  return placeholders(template)
    .filter((path) => !KNOWN.has(path) && !CUSTOM.test(path) && !also.includes(path))
    .map((path) => `${setting}: there is no {${path}}; there are: ${[...also, ...KNOWN].join(', ')}`);
}

function computed(field: Exclude<Fields[string], string>, facts: LeadFacts, setting: string): unknown {
  if (typeof field !== 'function') return field;
  let value: unknown;
  try {
    value = field(facts) ?? null;
    JSON.stringify(value);
  } catch (error) {
    throw fieldFailed(setting, `threw ${error instanceof Error ? error.name : 'something that is no Error'}`);
  }
  if (value instanceof Promise) {
    value.catch(() => undefined);
    throw fieldFailed(setting, 'returned a promise; it must return the value');
  }
  return value;
}

/** Neither the thrown message nor the error itself goes along: both may quote the customer. */
function fieldFailed(setting: string, what: string): CallFailure {
  return new CallFailure('permanent', `${setting}: the function ${what}`, {
    code: 'CRM_FIELD_FAILED',
    target: 'crm',
  });
}
