import { expect, test } from 'vitest';
import { fillUrl } from './template.ts';

const base = { crm: { url: 'https://crm.example.com/leads' } };
const fill = (id: string, template = '{crm.url}/{lead.id}') =>
  fillUrl(template, { ...base, lead: { id } }, ['crm.url']);

test.each(['.', '..'])('a lead id of %s does not climb in the path', (id) => {
  expect(() => fill(id)).toThrow('which would be another address');
  expect(() => fill(id, '{crm.url}/{lead.id}/notes')).toThrow();
  expect(() => fill('.', '{crm.url}/.{lead.id}?x=1')).toThrow();
});

test('dots that are a part of a segment, or of a query, are no harm', () => {
  expect(fill('a..b')).toBe('https://crm.example.com/leads/a..b');
  expect(fill('..', '{crm.url}?id={lead.id}')).toBe('https://crm.example.com/leads?id=..');
  expect(fill('../x')).toBe('https://crm.example.com/leads/..%2Fx');
});
