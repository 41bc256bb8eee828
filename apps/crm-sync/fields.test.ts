import { ConfigError, type CrmConfig, type LeadFacts } from '@switchyard/config';
import { describe, expect, it } from 'vitest';
import { checkTemplates, leadBody } from './fields.ts';
import { fillUrl } from './template.ts';

const facts: LeadFacts = {
  contact: {
    id: 7,
    name: 'Mara',
    email: null,
    phone: '+46701740605',
    identifier: null,
    city: null,
    country: 'Sweden',
    custom: { plan: 'pro', seats: 3, 'crm-id': 'NW-1' },
  },
  conversation: {
    id: 11,
    url: 'https://c.example/app/accounts/3/conversations/11',
    channel: null,
    createdAt: 5,
    custom: {},
  },
  inbox: { id: 12, name: 'Website' },
  account: 3,
};

describe('the fields of a lead', () => {
  it.each([
    { what: 'one placeholder gives the raw value', field: '{contact.custom.seats}', value: 3 },
    { what: 'one placeholder of null stays null', field: '{contact.email}', value: null },
    { what: 'a custom attribute that is not there is null', field: '{contact.custom.no}', value: null },
    { what: 'a name with a dash is found', field: '{contact.custom.crm-id}', value: 'NW-1' },
    { what: 'mixed text is a string', field: '{contact.name} ({contact.custom.seats})', value: 'Mara (3)' },
    { what: 'null in mixed text is empty', field: 'mail: {contact.email}', value: 'mail: ' },
    { what: 'text without placeholders is a constant', field: 'Chatwoot', value: 'Chatwoot' },
    { what: 'other constants stay as they are', field: 5, value: 5 },
    { what: 'null is a constant', field: null, value: null },
    { what: 'a function is called', field: (lead: LeadFacts) => lead.account * 2, value: 6 },
    { what: 'nothing of a function is null', field: () => undefined, value: null },
    { what: 'inherited properties are no facts', field: '{contact.custom.constructor}', value: null },
  ])('$what', ({ field, value }) => {
    expect(leadBody({ field }, facts, 'crm.fields')).toEqual({ field: value });
  });

  it.each([
    {
      how: 'throws',
      field: () => {
        throw new TypeError('bad value mara@example.com');
      },
    },
    { how: 'returns what JSON can not say', field: () => 1n },
    { how: 'returns a promise', field: async () => 'x' },
  ])('a function that $how is a permanent failure that names the setting and no customer', ({ field }) => {
    const failure = thrownBy(() => leadBody({ score: field }, facts, 'crm.fields'));
    expect(failure).toMatchObject({ failure: 'permanent', code: 'CRM_FIELD_FAILED' });
    expect(failure.message).toContain('crm.fields.score');
    expect(failure.message).not.toContain('mara');
    expect(failure.cause).toBeUndefined();
  });
});

describe('the check at start', () => {
  const config: CrmConfig = {
    connector: 'http',
    fields: { email: '{contact.email}', plan: '{contact.custom.plan}' },
    contactFields: {},
    idPath: 'id',
    update: { method: 'PATCH', url: '{crm.url}/{lead.id}' },
    timeoutMs: 1000,
  };

  it('takes placeholders that there are', () => {
    expect(() => checkTemplates(config)).not.toThrow();
  });

  it('names every setting with a placeholder that there is not', () => {
    const wrong = {
      ...config,
      fields: { email: '{contact.mail}' },
      lookup: { url: '{crm.uri}?x={lead.id}', idPath: 'id' },
    };
    const error = thrownBy(() => checkTemplates(wrong));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message.split('\n').map((line) => line.split(';')[0])).toEqual([
      'crm.fields.email: there is no {contact.mail}',
      'crm.lookup.url: there is no {crm.uri}',
      'crm.lookup.url: there is no {lead.id}',
    ]);
  });
});

it('fills a URL, encoding what is no URL itself', () => {
  const url = fillUrl(
    '{crm.url}/{lead.id}?c={conversation.url}',
    { ...facts, crm: { url: 'https://crm.example/leads' }, lead: { id: 'a/b?' } },
    ['crm.url'],
  );
  expect(url).toBe(
    'https://crm.example/leads/a%2Fb%3F?c=https%3A%2F%2Fc.example%2Fapp%2Faccounts%2F3%2Fconversations%2F11',
  );
});

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('threw nothing');
}
