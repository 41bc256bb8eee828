import { parseVersion, type Webhook } from '@switchyard/chatwoot';
import { describe, expect, test } from 'vitest';
import { clockAhead } from '../clock.ts';
import { metricIn } from '../ingress-admin.ts';
import { judgeApp } from './apps.ts';
import { judgeOwnUser } from './calls.ts';
import { type Check, type Finding, fail, ok, runChecks, summaryOf } from './check.ts';
import { judgeClock, skewsIn } from './clock.ts';
import { judgeCrm } from './crm.ts';
import { columnsIn, explain, judgeColumns } from './customers.ts';
import { judgeInboxBots } from './inbox-bots.ts';
import { judgeAnswer, judgeForged, sourceUrl } from './ingress.ts';
import { labelsIn } from './names.ts';
import { judgeDurability, judgeNode, judgeShards } from './redis.ts';
import { judgeSourceAccounts } from './source-accounts.ts';
import { judgeProfile } from './token.ts';
import { judgeVersion } from './version.ts';
import { judgeWebhooks } from './webhook.ts';

const statuses = (findings: readonly Finding[]) => findings.map(({ status }) => status);

test.each([
  [0, 'ok'],
  [20_000, 'ok'],
  [-100_000, 'warn'],
  [301_000, 'fail'],
  [-301_000, 'fail'],
  [null, 'skip'],
])('a clock %j ms ahead: %s', (aheadMs, status) => {
  expect(judgeClock(aheadMs, 'ours').status).toBe(status);
});

test('a Date header has whole seconds and was written between asking and answer', () => {
  const at = Date.UTC(2026, 0, 1);
  expect(clockAhead(new Date(at).toUTCString(), at, at + 1_000)).toBe(0);
  expect(clockAhead(undefined, at, at)).toBeNull();
  expect(clockAhead('soon', at, at)).toBeNull();
});

test.each([
  ['an administrator', [{ id: 3, name: 'N', role: 'administrator' }], null, null, ['ok']],
  ['an agent', [{ id: 3, name: 'N', role: 'agent' }], null, null, ['warn']],
  ['in no account', [], null, null, ['fail']],
  ['not in the one asked for', [{ id: 3, name: 'N', role: 'administrator' }], 9, null, ['fail']],
  ['in one of two configured', [{ id: 3, name: 'N', role: 'administrator' }], null, [3, 4], ['fail', 'ok']],
])('a token of %s', (_name, accounts, account, configured, expected) => {
  expect(statuses(judgeProfile({ id: 1, name: 'Ada', accounts }, account, configured))).toEqual(expected);
});

test('the clock is that of the worst source, in milliseconds', () => {
  const text = [
    'switchyard_chatwoot_clock_skew_seconds{source="default"} -0.25',
    'switchyard_chatwoot_clock_skew_seconds{source="shop"} 41',
    'switchyard_other{source="x"} 9',
  ].join('\n');
  expect(skewsIn(text)).toEqual([-250, 41_000]);
  expect(skewsIn('')).toEqual([]);
});

test.each([
  [null, 'warn', 'does not tell its version'],
  ['4.9.2', 'fail', 'older than 4.10.1'],
  ['3.10.0', 'fail', 'older than 4.10.1'],
  ['3.16.0', 'fail', 'older than 4.10.1'],
  ['4.10.0', 'ok', 'does not sign webhooks'],
  ['4.10.1', 'ok', 'does not sign webhooks; does not name the account'],
  ['4.12.0', 'ok', "signs the account's webhooks, not a bot's"],
  ['4.13.0', 'ok', 'does not name the account'],
  ['4.16.2', 'ok', 'Chatwoot 4.16.2'],
  ['5.1.0', 'ok', 'newer than those that were recorded'],
])('Chatwoot %s: %s, %s', (text, status, words) => {
  const [finding] = judgeVersion(text === null ? null : parseVersion(text));
  expect(finding).toMatchObject({ status, detail: expect.stringContaining(words) });
});

test.each([
  ['is seen by the token', 3, [3, 4], '4.10.1', null, 'ok'],
  ['is not seen by it', 9, [3, 4], '4.16.2', null, 'fail'],
  ['is the only one that it sees', undefined, [3], '4.10.1', null, 'ok'],
  ['is one of several, and not named', undefined, [3, 4], '4.13.0', null, 'fail'],
  ['is one of several, also where events name it', undefined, [3, 4], '4.16.2', null, 'fail'],
  ['is one of several that were chosen, and events name it', undefined, [3, 4], '4.14.2', [3, 4], 'ok'],
  ['is one of several that were chosen, and no version is told', undefined, [3, 4], null, [3, 4], 'ok'],
  ['is one of several that were chosen, and no event names it', undefined, [3, 4], '4.14.1', [3, 4], 'fail'],
])('the account of a source %s', (_name, account, seen, version, chosen, status) => {
  const source = { kind: 'account' as const, secrets: ['s'], ...(account === undefined ? {} : { account }) };
  const accounts = seen.map((id) => ({ id, name: null, role: 'administrator' }));
  const profile = { id: 1, name: 'Ada', accounts };
  const facts = {
    sources: { default: source },
    profile,
    version: version === null ? null : parseVersion(version),
    chosen,
  };
  expect(statuses(judgeSourceAccounts(facts))).toEqual([status]);
});

test('a source of several accounts is told to name them, where Chatwoot names each event’s', () => {
  const accounts = [3, 4].map((id) => ({ id, name: null, role: 'administrator' }));
  const facts = {
    sources: { default: { kind: 'account' as const, secrets: ['s'] } },
    profile: { id: 1, name: 'Ada', accounts },
    chosen: null,
  };
  const fixOf = (version: string) =>
    judgeSourceAccounts({ ...facts, version: parseVersion(version) })[0]?.fix ?? '';
  expect(fixOf('4.14.2')).toContain('chatwoot: { accounts: [3, 4] }');
  expect(fixOf('4.13.0')).not.toContain('accounts:');
  expect(fixOf('4.13.0')).toContain('CHATWOOT_ACCOUNT');
});

test.each([
  ['Switchyard', 0, false, 'ok', 'nobody works as'],
  ['Our switchyard (API)', 0, false, 'ok', 'nobody works as'],
  ['Ada', 0, false, 'warn', 'may be a person'],
  [null, 0, false, 'warn', 'may be a person'],
  ['Ada', 2, false, 'warn', 'has 2 open conversations'],
  ['Switchyard', 0, true, 'warn', 'has answered customers'],
])(
  'the token of %s with %d open conversations who answered: %s',
  (name, assigned, replied, status, words) => {
    const [finding] = judgeOwnUser({ user: { name }, account: 3, assigned, replied });
    expect(finding).toMatchObject({ status, detail: expect.stringContaining(words) });
    if (status === 'warn') expect(finding?.fix).toContain('call it Switchyard');
  },
);

describe('the bot of an inbox', () => {
  const inbox = { id: 12, name: 'Website', channelType: null, identifier: null };
  const bot = {
    id: 6,
    name: 'Switchyard',
    outgoingUrl: 'https://sw.example.com/webhooks/chatwoot',
    accessToken: 'token-of-6',
    secret: 'right-secret',
  };
  const facts = {
    bots: [{ inbox, bot }],
    sources: { default: { kind: 'account' as const, secrets: ['right-secret'] } },
    url: null,
    hasRules: true,
    botToken: 'token-of-6',
  };
  test.each([
    ['is there', facts, ['ok']],
    ['is not there', { ...facts, bots: [] }, []],
    ['posts elsewhere, and counts as ours', botWith({ outgoingUrl: 'https://other.example/x' }), ['warn']],
    [
      'is another, and rules leave it alone',
      botWith({ outgoingUrl: 'https://other.example/x', accessToken: 'token-of-7' }),
      ['ok'],
    ],
    [
      'is another without a token of ours',
      { ...botWith({ outgoingUrl: 'https://other.example/x' }), botToken: null },
      ['ok'],
    ],
    ['is another, and nothing answers', { ...botWith({ outgoingUrl: null }), hasRules: false }, ['ok']],
    ['signs with an unknown secret', botWith({ secret: 'other-secret' }), ['fail']],
    ['is not signed, before 4.13.0', botWith({ secret: null }), ['fail']],
    ['is not the one that replies', { ...facts, botToken: 'token-of-7' }, ['ok', 'warn']],
    ['leads to another ingress', { ...facts, url: 'https://elsewhere.example/webhooks/chatwoot' }, ['warn']],
  ])('%s', (_name, given, expected) => {
    const findings = judgeInboxBots(given);
    expect(statuses(findings)).toEqual(expected);
    expect(JSON.stringify(findings)).not.toMatch(/token-of|-secret/);
  });

  function botWith(over: Partial<typeof bot> | { outgoingUrl: null } | { secret: null }) {
    return { ...facts, bots: [{ inbox, bot: { ...bot, ...over } }] };
  }
});

describe('the webhook', () => {
  const url = 'https://sw.example.com/webhooks/chatwoot';
  const webhook: Webhook = {
    id: 61,
    url,
    name: null,
    subscriptions: ['message_created'],
    secret: 'right-secret',
  };
  const facts = {
    account: 3,
    webhooks: [webhook],
    url,
    needed: ['message_created'],
    sources: { default: { kind: 'account' as const, secrets: ['right-secret'] } },
    version: parseVersion('4.16.2'),
  };
  const TOKEN = 'u8-Xw_2bQ0pLr5TzKc9vNd1MfYj3GhEa-secret';
  const unsigned = { unsigned: { kind: 'account' as const, unsigned: { token: TOKEN } } };
  const old = { ...webhook, secret: null, url: `${url}/unsigned/${TOKEN}` };
  test.each([
    ['is right', facts, ['ok']],
    ['is looked for by its path when nobody says where', { ...facts, url: null }, ['ok']],
    ['is not there', { ...facts, webhooks: [] }, ['fail']],
    ['points elsewhere', { ...facts, url: 'https://other.example/webhooks/chatwoot' }, ['fail']],
    ['lacks a subscription', { ...facts, needed: ['message_created', 'contact_updated'] }, ['fail']],
    [
      'signs with a secret nobody here knows',
      { ...facts, sources: { default: { kind: 'account' as const, secrets: ['other-secret'] } } },
      ['fail'],
    ],
    ['is not compared where no secret is known', { ...facts, sources: {} }, ['ok']],
    ['is of an old Chatwoot', { ...facts, webhooks: [{ ...webhook, secret: null }] }, ['fail']],
    [
      'is of an old Chatwoot, at the address with a token',
      { ...facts, webhooks: [old], sources: unsigned },
      ['ok', 'warn'],
    ],
    [
      'is so, and nobody says where',
      { ...facts, webhooks: [old], sources: unsigned, url: null },
      ['ok', 'warn'],
    ],
    ['has a token that nobody here knows', { ...facts, webhooks: [old] }, ['fail']],
    [
      'is signed since the upgrade, and not moved yet',
      { ...facts, webhooks: [{ ...old, secret: 'right-secret' }], sources: unsigned },
      ['ok', 'warn'],
    ],
    [
      'leads to a private address',
      { ...facts, webhooks: [{ ...webhook, url: 'http://ingress/webhooks/chatwoot' }], url: null },
      ['ok', 'warn'],
    ],
    [
      'leads to a private address, which this Chatwoot does not refuse',
      {
        ...facts,
        webhooks: [{ ...webhook, url: 'http://ingress/webhooks/chatwoot' }],
        url: null,
        version: parseVersion('4.13.0'),
      },
      ['ok'],
    ],
    [
      'has a twin',
      { ...facts, webhooks: [webhook, { ...webhook, id: 62, url: 'https://old.example/webhooks/chatwoot' }] },
      ['ok', 'warn'],
    ],
  ])('%s', (_name, given, expected) => {
    const findings = judgeWebhooks(given);
    expect(statuses(findings)).toEqual(expected);
    expect(JSON.stringify(findings)).not.toContain('-secret');
  });
});

test.each([
  [{ version: '7.2.4' }, ['ok']],
  [{ version: '6.0.9' }, ['warn']],
  [{ version: '4.0.0' }, ['fail']],
  [{ version: null }, ['warn']],
  [{ up: false }, ['fail']],
  [{ memoryUsedBytes: 90, memoryMaxBytes: 100 }, ['ok', 'warn']],
  [{ aofLastWriteOk: false, evictedKeys: 4 }, ['ok', 'fail', 'fail']],
])('a Redis with %j', (over, expected) => {
  const node = {
    node: 'r:6379',
    up: true,
    version: '7.2.4',
    pingMs: 1,
    memoryUsedBytes: 10,
    memoryMaxBytes: 0,
    aofEnabled: true,
    aofLastWriteOk: true,
    evictedKeys: 0,
    connectedClients: 1,
    ...over,
  };
  expect(statuses(judgeNode(node))).toEqual(expected);
});

test('settings that lose deliveries are told with what to set; an eviction policy is the worst', () => {
  const findings = judgeDurability([
    { setting: 'appendonly', verdict: 'unsafe', detail: 'a restart loses deliveries; set appendonly yes' },
    { setting: 'appendfsync', verdict: 'unknown', detail: null },
    { setting: 'maxmemory-policy', verdict: 'unsafe', detail: 'allkeys-lru may evict jobs; set noeviction' },
  ]);
  expect(statuses(findings)).toEqual(['warn', 'warn', 'fail']);
  expect(findings[0]).toMatchObject({
    detail: 'a restart loses deliveries',
    fix: expect.stringMatching(/^Set appendonly yes/),
  });
});

test.each([
  [1, 1, 'ok'],
  [4, 1, 'fail'],
])('SHARDS %d over %d shards: %s', (asked, known, status) => {
  expect(judgeShards(asked, known).status).toBe(status);
});

test('columns that rules ask for and the query does not give', () => {
  const rules = [
    { when: { 'customer.tier': 'gold', 'contact.email': 'a' }, assign: { team: 1, labels: ['vip'] } },
    { when: () => true, assign: { labels: ['vip', 'new'] } },
  ];
  const routing = { rules, overrideExisting: false };
  expect(columnsIn(routing)).toEqual(['tier']);
  expect(labelsIn(routing)).toEqual(['vip', 'new']);
  expect(statuses(judgeColumns(['tier', 'name'], ['tier'], 5))).toEqual(['ok']);
  expect(statuses(judgeColumns(['name'], ['tier'], 5))).toEqual(['warn']);
});

test.each([
  ['ECONNREFUSED', 'does not answer'],
  ['28P01', 'does not let us in'],
  ['3D000', 'does not let us in'],
  ['25006', 'it writes'],
  ['57014', 'takes longer'],
  ['42P01', 'relation'],
  ['22P02', 'Postgres says 22P02'],
])('a query that fails with %s', (code, words) => {
  const finding = explain(Object.assign(new Error('relation "x" of ada@example.com'), { code }));
  expect(finding).toMatchObject({ status: 'fail', detail: expect.stringContaining(words) });
  // Postgres quotes the query's own text only in faults of syntax and names.
  if (!code.startsWith('42')) expect(finding.detail).not.toContain('ada@');
});

test.each([
  [200, 'ok'],
  [405, 'ok'],
  [401, 'warn'],
  [301, 'fail'],
  [503, 'warn'],
])('a CRM that answers %d: %s', (status, expected) => {
  expect(judgeCrm(status, 'crm.example.com').status).toBe(expected);
});

test.each([
  [{ status: 200, result: 'ignored' }, 'ok'],
  [{ status: 200, result: 'ignored', ms: 4_000 }, 'warn'],
  [{ status: 200, result: null }, 'fail'],
  [{ status: 401 }, 'fail'],
  [{ status: 404 }, 'fail'],
  [{ status: 502 }, 'fail'],
])('a round trip answered %j: %s', (over, status) => {
  const answer = {
    delivery: 'd',
    result: null,
    queues: [],
    error: null,
    ms: 5,
    aheadMs: 0,
    ...over,
  };
  expect(judgeAnswer('round trip', answer, '').status).toBe(status);
});

test.each([
  [401, 'ok'],
  [200, 'fail'],
  [302, 'fail'],
  [502, 'fail'],
])('a forged delivery answered %d: %s', (status, expected) => {
  expect(judgeForged({ status }, 'https://sw.example.com').status).toBe(expected);
});

test('the address of another source follows from the ingress’s own path only', () => {
  expect(sourceUrl('https://a.example/webhooks/chatwoot', 'shop')).toBe(
    'https://a.example/webhooks/chatwoot/shop',
  );
  expect(sourceUrl('https://a.example/in', 'shop')).toBeNull();
  expect(sourceUrl('https://a.example/in', 'default')).toBe('https://a.example/in');
});

test.each([
  [{ ready: true, alive: true, said: { redis: 'ok', status: 'ready' } }, ['ok']],
  [{ ready: false, alive: true, said: { redis: 'away', status: 'not ready' } }, ['fail']],
  [{ ready: true, alive: false, said: {} }, ['ok', 'fail']],
  [{ ready: true, alive: true, said: { 'warning: redis.appendonly': 'a restart loses' } }, ['ok', 'warn']],
])('an app that says %j', (said, expected) => {
  expect(statuses(judgeApp('ingress', said))).toEqual(expected);
});

test('a metric is summed over its labels', () => {
  const text = '# HELP x\nswitchyard_x{a="1"} 2\nswitchyard_x{a="2"} 3\nswitchyard_xy 9\n';
  expect([metricIn(text, 'switchyard_x'), metricIn(text, 'switchyard_z')]).toEqual([5, null]);
});

test('one check that throws or takes too long fails alone; the order stays', async () => {
  const check = (name: string, run: Check['run']): Check => ({ group: 'g', name, run });
  const results = await runChecks(
    [
      check('late', () => new Promise(() => {})),
      check('thrown', () => Promise.reject(new Error('broken'))),
      check('good', async () => [ok('good', 'fine')]),
    ],
    new AbortController().signal,
    200,
  );
  expect(results.map(({ name, status, detail }) => [name, status, detail])).toEqual([
    ['late', 'fail', 'no answer within 0.2 s'],
    ['thrown', 'fail', 'broken'],
    ['good', 'ok', 'fine'],
  ]);
  expect(summaryOf([...results, fail('x', 'y')])).toEqual({ ok: 1, warn: 0, fail: 3, skip: 0 });
});
