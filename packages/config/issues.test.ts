import { describe, expect, it } from 'vitest';
import { issueLines } from './issues.ts';
import { fileSchema } from './schema.ts';
import { settingsAt } from './settings.ts';

const SECRET = 'a-secret-of-24-characters';
const TOKEN = 'x'.repeat(32);
const ASSIGN = { team: 1 };

/** What is wrong in a config, and the lines that say so. */
const TABLE: readonly (readonly [config: unknown, ...lines: string[]])[] = [
  [{ bots: {} }, 'bots: no such setting; did you mean bot?'],
  [{ telegram: {} }, 'telegram: no such setting; check the spelling'],
  [{ crm: null }, 'crm: expected object, received null'],
  [{ dedupe: { hours: '3' } }, 'dedupe.hours: expected number, received string'],
  [
    { dedupe: { hours: 0.1 } },
    'dedupe.hours: at least a quarter of an hour: a captured request is good for ten minutes',
  ],
  [
    { sources: { main: { unsigned: { token: 'x'.repeat(101) } } } },
    'sources.main.unsigned.token: at most 100 characters: a longer part of a path is not found',
  ],
  [{ chatwoot: { timeoutMs: 5 } }, 'chatwoot.timeoutMs: expected number to be >=100'],
  [{ chatwoot: { accounts: [1, 'x'] } }, 'chatwoot.accounts[1]: expected number, received string'],

  [{ crm: { connector: 'ftp' } }, 'crm.connector: expected "http"'],
  [{ crm: { url: 'crm.example.com' } }, 'crm.url: an http:// or https:// URL'],
  [{ crm: { url: 5 } }, 'crm.url: an http:// or https:// URL'],
  [
    { crm: { fields: { mail: {} } } },
    'crm.fields.mail: a template such as "{contact.email}", a constant, or a function of the lead facts',
  ],
  [{ crm: { lookup: { url: 'x' } } }, 'crm.lookup.idPath: missing; expected string'],

  [
    { sources: { Main: { secrets: SECRET } } },
    'sources.Main: a source name has lower-case letters, digits and dashes, at most 40',
  ],
  [{ sources: { a: {} } }, 'sources.a.secrets: a secret, or a list of them'],
  [{ sources: { a: { secret: SECRET } } }, 'sources.a.secret: no such setting; did you mean secrets?'],
  [
    { sources: { a: { secrets: 'hunter2' } } },
    'sources.a.secrets: a secret has at least 16 characters; copy it from Chatwoot whole',
  ],
  [{ sources: { a: { secrets: [SECRET, 5] } } }, 'sources.a.secrets[1]: expected string, received number'],
  [
    { sources: { a: { secrets: SECRET, kind: 'bot' } } },
    'sources.a.kind: expected one of "account"|"api-inbox"|"agent-bot"',
  ],
  [
    { sources: { a: { secrets: SECRET, unsigned: { token: TOKEN } } } },
    "sources.a: unsigned and secrets can't stand together",
  ],
  [
    { sources: { a: { unsigned: { token: 'hunter2' } } } },
    'sources.a.unsigned.token: at least 32 characters: it is all that guards the source',
  ],
  [
    { sources: { a: { unsigned: { token: TOKEN, networks: ['10.0.0.1'] } } } },
    'sources.a.unsigned.networks[0]: a network in CIDR form, such as 10.0.0.0/8 or fd00::/8',
  ],

  [{ bot: {} }, 'bot.rules: missing; expected array'],
  [{ bot: { rules: [] } }, 'bot.rules: give at least one rule'],
  [
    { bot: { match: 'worst', rules: [{ when: { any: ['a'] }, reply: 'x' }] } },
    'bot.match: expected one of "first"|"best"',
  ],
  [
    { bot: { rules: [{ when: 5, reply: 'x' }] } },
    'bot.rules[0].when: conditions such as { contains: ... }, or a function',
  ],
  [
    { bot: { rules: [{ when: {}, reply: 'x' }] } },
    'bot.rules[0].when: say at least one of contains, any, all, exact, matches',
  ],
  [
    { bot: { rules: [{ when: { contain: 'a' }, reply: 'x' }] } },
    'bot.rules[0].when.contain: no such setting; did you mean contains?',
  ],
  [
    { bot: { rules: [{ when: { contains: 5 }, reply: 'x' }] } },
    'bot.rules[0].when.contains: a word or phrase, or a list of them',
  ],
  [
    { bot: { rules: [{ when: { any: ['a'] }, reply: 5 }] } },
    'bot.rules[0].reply: a text, or a function that returns one',
  ],
  [{ bot: { rules: [{ when: { any: ['a'] } }] } }, 'bot.rules[0]: a rule has a reply, a handoff, or both'],
  [
    { bot: { rules: [{ when: { any: ['a'] }, handoff: { team: true } }] } },
    'bot.rules[0].handoff.team: a team, by name or id',
  ],

  [
    { routing: { rules: [{ when: { 'customer.tier': 'x' }, asign: ASSIGN }] } },
    'routing.rules[0].asign: no such setting; did you mean assign?',
  ],
  [
    { routing: { rules: [{ when: { 'customer.tier': { isnt: 'x' } }, assign: ASSIGN }] } },
    'routing.rules[0].when["customer.tier"].isnt: no such setting; did you mean is?',
  ],
  [
    { routing: { rules: [{ when: { 'contact.tier': {} }, assign: ASSIGN }] } },
    'routing.rules[0].when["contact.tier"]: say at least one of is, not, in, exists, atLeast, below',
  ],
  [
    { routing: { rules: [{ when: { 'customer.tier': 'x' }, assign: ASSIGN }] } },
    'routing.rules[0].when["customer.tier"]: no customers are looked up; set routing.customers to a query, or ask for another fact',
  ],
  [
    { routing: { rules: [{ when: { tier: 'x' }, assign: ASSIGN }] } },
    'routing.rules[0].when.tier: a path such as customer.subscription_tier; it begins with one of customer, contact, conversation, inbox',
  ],
  [
    { routing: { rules: [{ when: 'always', assign: ASSIGN }] } },
    "routing.rules[0].when: conditions such as { 'customer.subscription_tier': 'enterprise' }, or a function",
  ],
  [
    { routing: { rules: [{ when: {}, assign: ASSIGN }] } },
    'routing.rules[0].when: give at least one condition',
  ],
  [
    { routing: { otherwise: { assign: {} } } },
    'routing.otherwise.assign: say at least one of team, agent, priority, labels',
  ],
  [
    { routing: { otherwise: { assign: { team: 1.5 } } } },
    'routing.otherwise.assign.team: a team, by name or id',
  ],
  [
    { routing: { otherwise: { assign: 'Sales' } } },
    'routing.otherwise.assign: expected object, received string',
  ],
  [
    { routing: { otherwise: { assign: { team: 1, priority: 'asap', label: 'x' } } } },
    'routing.otherwise.assign.priority: expected one of "low"|"medium"|"high"|"urgent"',
    'routing.otherwise.assign.label: no such setting; did you mean labels?',
  ],
  [
    { queues: { rooting: {} } },
    "queues.rooting: no such queue; there are crm-sync, bot-replies, routing, handover (a custom worker's settings stand with it, in workers)",
  ],
  [{ queues: { routing: { giveUp: 3 } } }, 'queues.routing.giveUp: no such setting; check the spelling'],
  [{ routing: { customers: {} } }, 'routing.customers.query: missing; expected string'],
];

describe('a fault in the config file is told by its path, with what is expected', () => {
  it.each(TABLE)('%j', (config, ...lines) => {
    const checked = fileSchema.safeParse(config, { reportInput: true });
    const told = checked.error === undefined ? [] : issueLines(checked.error, '', settingsAt);
    expect(told).toEqual(lines);
    expect(told.join()).not.toContain('hunter2');
  });

  it('puts the file before each line', () => {
    const { error } = fileSchema.safeParse({ bots: 1, crms: 2 });
    expect(error && issueLines(error, 'a.json: ')).toEqual([
      'a.json: bots: no such setting; check the spelling',
      'a.json: crms: no such setting; check the spelling',
    ]);
  });
});

describe('settingsAt', () => {
  it.each([
    [
      ['crm', 'update'],
      ['method', 'url'],
    ],
    [
      ['routing', 'rules', 3, 'assign'],
      ['team', 'agent', 'priority', 'labels'],
    ],
    [['crm', 'fields'], []],
    [['nowhere', 0], []],
  ])('knows the names at %j', (path, names) => {
    expect(settingsAt(path)).toEqual(names);
  });

  it('knows the names of every branch of a union', () => {
    expect(settingsAt(['sources', 'anything'])).toEqual(
      expect.arrayContaining(['secrets', 'unsigned', 'kind']),
    );
  });
});
