import type { ChatwootEvent } from '@switchyard/chatwoot';
import { eventOf } from '@switchyard/jobs/testing';
import { expect, test } from 'vitest';
import { MASK, maskJobData } from './mask.ts';

const SECRETS = ['Priya', 'priya@', '+49', 'crm-77', 'Pune', 'India', 'my card', 'gold', 'hunter2', 'Anna'];

const event: ChatwootEvent = eventOf(42, {
  contact: {
    id: 17,
    name: 'Priya',
    email: 'priya@example.com',
    phone: '+49 30 1',
    identifier: 'crm-77',
    blocked: false,
    customAttributes: { tier: 'gold' },
    city: 'Pune',
    country: 'India',
  },
  message: {
    id: 5,
    content: 'my card is 4111',
    type: 'incoming',
    private: false,
    contentType: 'text',
    sender: { kind: 'contact', id: 17, name: 'Priya' },
    createdAt: 1,
    deleted: false,
    automated: false,
    marker: null,
    attachments: 0,
  },
  actor: { kind: 'user', id: 3, name: 'Anna' },
  changes: { email: { from: 'priya@example.com', to: null } },
});

test('ids, kinds, states and times are shown; what says something about a person is not', () => {
  const shown = JSON.stringify(maskJobData({ lane: 'v3-42', event, since: null, token: 'hunter2' }));
  for (const secret of SECRETS) expect(shown).not.toContain(secret);
  expect(maskJobData({ lane: 'v3-42', event, since: 7, token: 'hunter2' })).toMatchObject({
    lane: 'v3-42',
    since: 7,
    token: MASK,
    event: {
      account: 3,
      conversation: { id: 42, status: 'open' },
      contact: { id: 17, name: MASK, email: MASK, phone: MASK, blocked: false },
      message: { id: 5, content: MASK, type: 'incoming', sender: { kind: 'contact', id: 17, name: MASK } },
      changes: MASK,
    },
  });
});

test.each([
  ['a lane that a function of the user’s named', { lane: 'u3-priya@example.com' }, { lane: MASK }],
  ['data that could not be read', { unreadable: '{"email":"priya@' }, { unreadable: MASK }],
  ['text', 'priya', MASK],
  ['a list', ['priya'], MASK],
  ['nothing', null, null],
  ['an event that is none', { event: 'priya' }, { event: MASK }],
  ['an id that is no id', { event: { account: { name: 'priya' } } }, { event: { account: MASK } }],
])('masks %s', (_what, data, shown) => {
  expect(maskJobData(data)).toEqual(shown);
});

test('however large or deep the data is, what is shown is small', () => {
  const wide = Object.fromEntries(
    Array.from({ length: 50_000 }, (_, at) => [`field ${at}`, 'x'.repeat(100)]),
  );
  let deep: unknown = 'priya';
  for (let level = 0; level < 20_000; level += 1) deep = { event: deep };
  const long = { event: { name: 'x'.repeat(1_000_000), delivery: deep } };
  for (const data of [wide, deep, long]) {
    expect(JSON.stringify(maskJobData(data)).length).toBeLessThan(12_000);
  }
});

test('names that mean something to JavaScript are only names', () => {
  const data: unknown = JSON.parse('{"__proto__":{"polluted":1},"constructor":"priya","toString":"priya"}');
  const shown = maskJobData(data);
  expect(JSON.stringify(shown)).not.toContain('priya');
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});
