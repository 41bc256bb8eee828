import { describe, expect, it } from 'vitest';
import {
  type ConfigOrigin,
  loadBotRepliesConfig,
  loadCrmSyncConfig,
  loadIngressConfig,
  loadRoutingConfig,
} from './config.ts';
import { ConfigError } from './error.ts';
import { defineConfig, type SwitchyardConfig } from './schema.ts';
import { directoryWith } from './testing-directory.ts';

const SECRET = 'a-secret-of-24-characters';
const CHATWOOT = { CHATWOOT_BASE_URL: 'https://chat.example.com/', CHATWOOT_API_TOKEN: 'user-token' };
const ROUTING = { otherwise: { assign: { team: 'Standard support' } } };
const BOT = { rules: [{ when: { contains: 'hours' }, reply: 'Always.' }] };

/** design.md §4, word for word but for the environment it reads. */
const DESIGN_EXAMPLE = `
export default {
  crm: { connector: 'http', url: process.env.CRM_URL, apiKey: process.env.CRM_API_KEY },
  bot: {
    rules: [
      { when: { contains: 'hours' }, reply: "We're open Monday-Friday, 9 AM - 6 PM EST. How can I help you today?" },
    ],
  },
  routing: {
    customers: { query: 'SELECT subscription_tier FROM customers WHERE email = $1' },
    rules: [{ when: { 'customer.subscription_tier': 'enterprise' }, assign: { team: 'Enterprise support', priority: 'high' } }],
    otherwise: { assign: { team: 'Standard support' } },
  },
};`;

describe('the example config of design.md', () => {
  const env = { ...CHATWOOT, CRM_URL: 'https://crm/leads', CUSTOMERS_DATABASE_URL: 'postgres://h/d' };

  it('is taken as it is by every worker', async () => {
    await using folder = directoryWith({ 'switchyard.config.ts': DESIGN_EXAMPLE });
    const origin = { env, cwd: folder.path };
    expect(await loadCrmSyncConfig(origin)).toMatchObject({
      file: 'switchyard.config.ts',
      redisUrl: 'redis://127.0.0.1:6379',
      concurrency: null,
      chatwootBaseUrl: 'https://chat.example.com',
      crm: { connector: 'http', url: 'https://crm/leads', fields: { source: 'Chatwoot' } },
    });
    expect(await loadBotRepliesConfig(origin)).toMatchObject({
      chatwoot: {
        baseUrl: 'https://chat.example.com',
        apiToken: 'user-token',
        botToken: null,
        accounts: null,
      },
      bot: { match: 'first', offerHours: 24, rules: [{ when: { contains: 'hours', wholeWords: false } }] },
    });
    expect(await loadRoutingConfig(origin)).toMatchObject({
      customersDatabaseUrl: 'postgres://h/d',
      routing: {
        customers: { timeoutMs: 5_000 },
        overrideExisting: false,
        rules: [{ assign: { priority: 'high' } }],
      },
    });
  });

  it('types', () => {
    const config: SwitchyardConfig = defineConfig({
      crm: { connector: 'http', url: process.env.CRM_URL, apiKey: process.env.CRM_API_KEY },
      bot: { rules: [{ when: ({ text }) => text === 'hi', reply: ({ contact }) => `Hi ${contact.name}` }] },
      routing: { rules: [{ when: ({ customer }) => customer !== null, assign: { team: 1 } }] },
    });
    expect(config.crm?.connector).toBe('http');
    // @ts-expect-error: a misspelt setting is seen by the editor
    expect(defineConfig({ bots: {} })).toEqual({ bots: {} });
    // @ts-expect-error: so is a value of the wrong type
    expect(defineConfig({ dedupe: { hours: '3' } })).toEqual({ dedupe: { hours: '3' } });
  });
});

describe('what an app can’t do without', () => {
  const missing: readonly (readonly [what: string, () => Promise<readonly string[]>, readonly string[]])[] = [
    [
      'ingress: a secret',
      () => linesOf(loadIngressConfig, {}, {}),
      [
        'CHATWOOT_WEBHOOK_SECRET: not set, and the config file names no sources; copy the secret from Chatwoot → Settings → Integrations → Webhooks',
      ],
    ],
    [
      'crm-sync: where to, and where from',
      () => linesOf(loadCrmSyncConfig, {}, {}),
      [
        'CRM_URL: not set; where should leads be posted?',
        'CHATWOOT_BASE_URL: not set; the links to conversations need it, such as https://chatwoot.example.com',
      ],
    ],
    [
      'bot-replies: rules, Chatwoot, a token',
      () => linesOf(loadBotRepliesConfig, {}, {}),
      [
        'bot: nothing configured in switchyard.config.json; add bot: { rules: [...] }',
        "CHATWOOT_BASE_URL: not set; Chatwoot's API is called there, such as https://chatwoot.example.com",
        "CHATWOOT_API_TOKEN: not set; bot-replies reads conversations with a user's token, because Chatwoot lets an agent bot's (CHATWOOT_BOT_TOKEN) only write",
      ],
    ],
    [
      'routing: rules, Chatwoot, a token',
      () => linesOf(loadRoutingConfig, {}, { routing: { rules: [] } }),
      [
        'routing: nothing configured in switchyard.config.json; add routing: { rules: [...], otherwise: {...} }',
        "CHATWOOT_BASE_URL: not set; Chatwoot's API is called there, such as https://chatwoot.example.com",
        'CHATWOOT_API_TOKEN: not set; routing reads teams and assigns conversations with it',
      ],
    ],
    [
      'routing: the database its query is for',
      () =>
        linesOf(loadRoutingConfig, CHATWOOT, { routing: { ...ROUTING, customers: { query: 'SELECT 1' } } }),
      ['CUSTOMERS_DATABASE_URL: not set, and routing.customers.query needs it'],
    ],
  ];

  it.each(missing)('%s: all that is missing is told at once', async (_what, lines, expected) => {
    expect(await lines()).toEqual(expected);
  });

  it('says so where there is no config file', async () => {
    await using folder = directoryWith({});
    const loading = loadBotRepliesConfig({ env: CHATWOOT, cwd: folder.path });
    await expect(loading).rejects.toThrow('bot: nothing configured (there is no config file); add bot:');
  });

  it("bot-replies does not start with a bot's token alone, and says why in one line", async () => {
    const env = { CHATWOOT_BASE_URL: 'https://chat', CHATWOOT_BOT_TOKEN: 'bot-token' };
    expect(await linesOf(loadBotRepliesConfig, env, { bot: BOT })).toEqual([
      "CHATWOOT_API_TOKEN: not set; bot-replies reads conversations with a user's token, because Chatwoot lets an agent bot's (CHATWOOT_BOT_TOKEN) only write",
    ]);
  });

  it('crm-sync does without a crm section', async () => {
    const env = { ...CHATWOOT, CRM_URL: 'https://crm/leads/', CRM_API_KEY: 'key' };
    const { crm } = await loadWith(loadCrmSyncConfig, env, {});
    expect(crm).toMatchObject({ url: 'https://crm/leads/', apiKey: 'key', idPath: 'id' });
  });

  it('takes the file before the environment, and a blank setting as none', async () => {
    const env = { ...CHATWOOT, CRM_URL: 'https://env/leads', CRM_API_KEY: 'env-key' };
    const own = await loadWith(loadCrmSyncConfig, env, {
      crm: { url: 'https://file/leads', apiKey: 'file-key' },
    });
    expect(own.crm).toMatchObject({ url: 'https://file/leads', apiKey: 'file-key' });
    const blank = await loadWith(loadCrmSyncConfig, env, { crm: { url: '', apiKey: '' } });
    expect(blank.crm).toMatchObject({ url: 'https://env/leads', apiKey: 'env-key' });
  });

  it('a bad environment is told before the file is read', async () => {
    expect(await linesOf(loadIngressConfig, { PORT: 'x' }, { bots: 1 })).toEqual([
      'PORT: expected a whole number from 0 to 65535',
    ]);
  });
});

describe('sources', () => {
  const env = { CHATWOOT_WEBHOOK_SECRET: `${SECRET},an-older-secret-of-it` };
  const fromEnv = { kind: 'account', secrets: [SECRET, 'an-older-secret-of-it'] };

  it.each([
    ['default comes from the environment', env, {}, { default: fromEnv }],
    [
      'named ones come beside it',
      env,
      { inbox: { kind: 'api-inbox', secrets: 'secret-of-the-inbox' } },
      { default: fromEnv, inbox: { kind: 'api-inbox', secrets: ['secret-of-the-inbox'] } },
    ],
    [
      'the file may describe default itself',
      env,
      { default: { secrets: ['secret-from-the-file'], account: 3 } },
      { default: { kind: 'account', secrets: ['secret-from-the-file'], account: 3 } },
    ],
    [
      'named ones alone do',
      {},
      { bot: { kind: 'agent-bot', secrets: ['secret-of-the-bot'] } },
      { bot: { kind: 'agent-bot', secrets: ['secret-of-the-bot'] } },
    ],
  ])('%s', async (_what, variables, sources, expected) => {
    const config = await loadWith(loadIngressConfig, variables, { sources });
    expect(config.sources).toEqual(expected);
  });
});

describe('the queues that are used', () => {
  const env = { CHATWOOT_WEBHOOK_SECRET: SECRET };

  it.each([
    ['none without sections', {}, {}, []],
    ['crm-sync with its section', {}, { crm: {} }, ['crm-sync']],
    ['crm-sync with CRM_URL', { CRM_URL: 'https://crm/leads' }, {}, ['crm-sync']],
    ['bot-replies with its section', {}, { bot: BOT }, ['bot-replies', 'handover']],
    ['routing with its section', {}, { routing: ROUTING }, ['routing']],
    ['not routing when it has nothing to do', {}, { routing: { rules: [] } }, []],
    [
      'all of them',
      {},
      { crm: {}, bot: BOT, routing: ROUTING },
      ['crm-sync', 'bot-replies', 'routing', 'handover'],
    ],
  ])('%s', async (_what, variables, file, queues) => {
    const config = await loadWith(loadIngressConfig, { ...env, ...variables }, file);
    expect(config.queues).toEqual(queues);
  });

  it('are all of them where there is no config file', async () => {
    await using folder = directoryWith({});
    const { queues } = await loadIngressConfig({ env, cwd: folder.path });
    expect(queues).toEqual(['crm-sync', 'bot-replies', 'routing', 'handover']);
  });
});

describe('a config', () => {
  it('is frozen all the way down', async () => {
    const env = { ...CHATWOOT, CHATWOOT_WEBHOOK_SECRET: SECRET };
    const file = { bot: BOT, routing: ROUTING, crm: { url: 'https://crm' } };
    for (const load of [loadIngressConfig, loadCrmSyncConfig, loadBotRepliesConfig, loadRoutingConfig]) {
      expect(thawed(await loadWith<object>(load, env, file))).toEqual([]);
    }
  });

  it('keeps its functions callable', async () => {
    const text =
      "export default { bot: { rules: [{ when: () => true, reply: ({ text }) => 'You said ' + text }] } }";
    await using folder = directoryWith({ 'switchyard.config.mjs': text });
    const env = { ...CHATWOOT, SWITCHYARD_CONFIG: 'switchyard.config.mjs' };
    const { bot } = await loadBotRepliesConfig({ env, cwd: folder.path });
    const reply = bot.rules[0]?.reply;
    const facts = { text: 'hi', contact: { name: null, email: null }, account: 1, conversation: 2 };
    expect(typeof reply === 'function' && reply(facts)).toBe('You said hi');
  });
});

async function loadWith<Config>(
  load: (origin: ConfigOrigin) => Promise<Config>,
  env: NodeJS.ProcessEnv,
  file: object,
): Promise<Config> {
  await using folder = directoryWith({ 'switchyard.config.json': JSON.stringify(file) });
  return await load({ env: { SWITCHYARD_CONFIG: './switchyard.config.json', ...env }, cwd: folder.path });
}

async function linesOf(
  load: (origin: ConfigOrigin) => Promise<unknown>,
  env: NodeJS.ProcessEnv,
  file: object,
): Promise<readonly string[]> {
  try {
    await loadWith(load, env, file);
  } catch (error) {
    if (error instanceof ConfigError) return error.lines;
    throw error;
  }
  return [];
}

/** The paths of the objects in it that could still be changed. */
function thawed(value: unknown, path = 'config'): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, one]) => thawed(one, `${path}.${key}`));
  return Object.isFrozen(value) ? inner : [path, ...inner];
}

describe('CHATWOOT_ACCOUNT', () => {
  const env = {
    ...CHATWOOT,
    CHATWOOT_WEBHOOK_SECRET: SECRET,
    CHATWOOT_ACCOUNT: '7',
    CRM_URL: 'https://crm/leads',
  };
  const inFile = (account?: number): SwitchyardConfig => ({
    sources: {
      default: { kind: 'account', secrets: [SECRET], ...(account === undefined ? {} : { account }) },
      shop: { kind: 'account', secrets: [SECRET], account: 9 },
      far: { kind: 'account', secrets: [SECRET] },
    },
  });

  it.each([
    ['without a config file', {}],
    ['when the file describes the source without an account', inFile()],
    ['when the file says the same', inFile(7)],
  ])('is the account of the default source %s, for workers too', async (_what, file) => {
    const ingress = await loadWith(loadIngressConfig, env, file);
    expect(ingress.sources.default?.account).toBe(7);
    const { sourceAccounts } = await loadWith(loadCrmSyncConfig, env, file);
    expect(sourceAccounts).toEqual(
      'sources' in file ? { unsigned: 7, default: 7, shop: 9, far: null } : { unsigned: 7, default: 7 },
    );
  });

  it('that the file contradicts is said, by the ingress and by workers', async () => {
    const told =
      'CHATWOOT_ACCOUNT: is 7, and sources.default.account in the config file is 8; a source has one account, so ' +
      'take one of them away';
    await expect(loadWith(loadIngressConfig, env, inFile(8))).rejects.toMatchObject({ lines: [told] });
    await expect(loadWith(loadCrmSyncConfig, env, inFile(8))).rejects.toMatchObject({ lines: [told] });
  });

  it('may be missing: a worker knows the source and no account of it', async () => {
    const { sourceAccounts } = await loadWith(loadCrmSyncConfig, { ...env, CHATWOOT_ACCOUNT: '' }, {});
    expect(sourceAccounts).toEqual({ unsigned: null, default: null });
  });
});
