import { type Profile, parseVersion, type Webhook } from '@switchyard/chatwoot';
import { describe, expect, test } from 'vitest';
import { sameUrl, urlWarnings, webhookUrl } from '../address/webhook-url.ts';
import { administratorOf } from './access.ts';
import { planWebhook } from './webhook.ts';

describe('the address', () => {
  test.each([
    ['https://sw.example.com', 'default', 'https://sw.example.com/webhooks/chatwoot'],
    ['https://sw.example.com/', 'shop', 'https://sw.example.com/webhooks/chatwoot/shop'],
    ['http://sw.example.com:8080/in/', 'shop', 'http://sw.example.com:8080/in'],
    [
      'https://sw.example.com/webhooks/chatwoot/a/token',
      'default',
      'https://sw.example.com/webhooks/chatwoot/a/token',
    ],
  ])('%s of source %s is %s', (given, source, url) => {
    expect(webhookUrl(given, source)).toBe(url);
  });

  test.each([
    'sw.example.com',
    'ftp://sw.example.com',
    'https://me@sw.example.com',
    'https://sw.example.com/?a=1',
  ])('%s is refused', (given) => {
    expect(() => webhookUrl(given, 'default')).toThrow('--url');
  });

  test.each([
    ['https://sw.example.com/webhooks/chatwoot', []],
    ['http://sw.example.com/webhooks/chatwoot', ['http://']],
    ['http://192.168.1.5/webhooks/chatwoot', ['private address']],
    ['http://[::1]:3000/webhooks/chatwoot', ['private address']],
    ['http://ingress:3000/webhooks/chatwoot', ['private address']],
    ['https://sw.example.com/in', ['your proxy']],
  ])('%s is warned of: %j', (url, words) => {
    const warnings = urlWarnings(url, null);
    expect(warnings).toHaveLength(words.length);
    for (const [index, word] of words.entries()) expect(warnings[index]).toContain(word);
  });

  test.each([
    ['4.10.1', []],
    ['4.13.0', []],
    ['4.14.0', [expect.stringMatching(/upgrade it to 4.14.1 .*SAFE_FETCH_ALLOW_PRIVATE_NETWORK/)]],
    ['4.14.1', [expect.stringContaining('unless it runs with SAFE_FETCH_ALLOW_PRIVATE_NETWORK=true')]],
    ['4.99.0', [expect.stringContaining('unless it runs with SAFE_FETCH_ALLOW_PRIVATE_NETWORK=true')]],
  ])('a private address before Chatwoot %s: %j', (version, expected) => {
    expect(urlWarnings('http://ingress:3000/webhooks/chatwoot', parseVersion(version))).toEqual(expected);
  });

  test('two addresses are the same with and without a slash at the end', () => {
    expect(sameUrl('https://a.example/x/', 'https://a.example/x')).toBe(true);
  });
});

const URL_ = 'https://sw.example.com/webhooks/chatwoot';
const webhook = (over: Partial<Webhook> = {}): Webhook => ({
  id: 61,
  url: URL_,
  name: 'Switchyard',
  subscriptions: ['message_created'],
  secret: 's',
  ...over,
});
const wish = { account: 3, url: URL_, name: 'Switchyard', subscriptions: ['message_created'], replace: null };

describe('what has to be done', () => {
  test.each([
    ['nothing there', [], {}, 'create', []],
    ['it is there', [webhook()], {}, 'keep', []],
    ['with a slash at the end', [webhook({ url: `${URL_}/` })], {}, 'keep', []],
    [
      'it is there, at its unsigned address',
      [webhook({ url: `${URL_}/unsigned/${'t'.repeat(32)}` })],
      {},
      'update',
      [`address: ${URL_}/unsigned/<token> → ${URL_}`],
    ],
    ['another source is there', [webhook({ url: `${URL_}/shop` })], {}, 'create', []],
    [
      'a subscription is missing',
      [webhook({ subscriptions: [] })],
      {},
      'update',
      ['subscribed to message_created'],
    ],
    [
      'one is too many',
      [webhook({ subscriptions: ['message_created', 'contact_created'] })],
      {},
      'update',
      [expect.stringContaining('no longer subscribed to contact_created')],
    ],
    ['another address', [webhook({ url: 'https://old.example/webhooks/chatwoot' })], {}, 'create', []],
    [
      'another address, to be replaced',
      [webhook({ url: 'https://old.example/x' })],
      { replace: 61 },
      'update',
      [`address: https://old.example/x → ${URL_}`],
    ],
  ])('%s', (_name, there, over, action, changes) => {
    const plan = planWebhook(there, { ...wish, ...over });
    expect(plan.action).toBe(action);
    expect('changes' in plan ? plan.changes : []).toEqual(changes);
  });

  test('to replace one that is not there, or while another has the address, is refused', () => {
    expect(() => planWebhook([webhook()], { ...wish, replace: 99 })).toThrow('has no webhook 99');
    const old = webhook({ id: 7, url: 'https://old.example' });
    expect(() => planWebhook([webhook(), old], { ...wish, replace: 7 })).toThrow(
      'webhook 61 has this address already',
    );
  });
});

describe('access', () => {
  const profile: Profile = {
    id: 1,
    name: 'Ada',
    accounts: [
      { id: 3, name: 'Northwind', role: 'administrator' },
      { id: 4, name: 'Other', role: 'agent' },
    ],
  };

  test('an administrator of the account has it', () => {
    expect(administratorOf(profile, 3)).toEqual({ account: 3, accountName: 'Northwind', userName: 'Ada' });
  });

  test.each([
    [4, 'NOT_ADMINISTRATOR', 'who is an agent in account 4'],
    [9, 'ACCOUNT_NOT_SEEN', 'who is not in account 9'],
  ])('account %d: %s', (account, code, words) => {
    expect(() => administratorOf(profile, account)).toThrow(expect.objectContaining({ code, exit: 5 }));
    expect(() => administratorOf(profile, account)).toThrow(words);
  });
});
