import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  emptyRedis,
  type Line,
  layLine,
  seedCustomers,
  spokenVersions,
  type Version,
} from '@switchyard/testkit';
import { beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { type CliOptions, type CliRun, runCli } from '../testing-cli.ts';

// Each test runs several processes, beside everything else that a machine with two cores does.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const ROOT = new URL('../../..', import.meta.url).pathname;
const APPS = ['ingress', 'crm-sync', 'bot-replies', 'routing'] as const;
type App = (typeof APPS)[number];

interface Row {
  readonly name: string;
  readonly status: string;
  readonly detail: string;
  readonly ms: number | null;
}

beforeAll(async () => {
  await seedCustomers(inject('postgresUrl'), []);
});

/** A line with these apps, and the command against it. */
async function lay(
  version: Version,
  {
    apps = APPS,
    env = {},
  }: { readonly apps?: readonly App[]; readonly env?: Readonly<Record<string, string>> } = {},
) {
  const redisUrl = await emptyRedis(inject('redisUrl'));
  const postgresUrl = inject('postgresUrl');
  const line = await layLine({
    redisUrl,
    postgresUrl,
    chatwoot: { version },
    env: { CHATWOOT_ACCOUNT: '3', ...env },
  });
  onTestFinished(() => line.close());
  await Promise.all(apps.map((app) => line.start(app)));
  return {
    line,
    rehearse: (args: readonly string[] = [], over: CliOptions = {}) => run(line, redisUrl, args, over, env),
  };
}

function run(
  line: Line,
  redisUrl: string,
  args: readonly string[],
  over: CliOptions,
  env: Readonly<Record<string, string>>,
): Promise<CliRun> {
  return runCli(['rehearse', '--account', '3', '--json', '--wait', '15s', ...args], {
    cwd: ROOT,
    ...over,
    env: {
      REDIS_URL: redisUrl,
      CUSTOMERS_DATABASE_URL: inject('postgresUrl'),
      CHATWOOT_BASE_URL: line.chatwoot.url,
      CHATWOOT_API_TOKEN: line.chatwoot.tokens.administrator,
      CHATWOOT_BOT_TOKEN: line.chatwoot.tokens.bot,
      CHATWOOT_WEBHOOK_SECRET: line.secret,
      // Before 4.11.2 the address is all that guards it.
      CHATWOOT_UNSIGNED_TOKEN: line.webhookUrl.split('/unsigned/')[1] ?? '',
      CHATWOOT_ACCOUNT: '3',
      CRM_URL: `${line.crm.url}/leads`,
      CRM_API_KEY: line.crm.apiKey,
      ...env,
      ...over.env,
    },
  });
}

const rowsOf = ({ stdout }: CliRun): readonly Row[] => JSON.parse(stdout).rows;
const named = (rows: readonly Row[], status: string) =>
  rows.filter((row) => row.status === status).map(({ name }) => name);

/** Those that tell no time. */
const timeless = (run: CliRun) => rowsOf(run).flatMap(({ name, ms }) => (ms === null ? [name] : []));

const ALL = [
  'webhook',
  'lead',
  'routing',
  'bot',
  'rule hours',
  'rule pricing',
  'offer of pricing',
  'a person',
  'no rule fits',
  'a copy',
  'removed',
];

describe.each(spokenVersions)('Chatwoot %s', (version) => {
  test('a line that is right passes, with a bot and without, and nothing is left', async () => {
    const { line, rehearse } = await lay(version);
    const before = line.chatwoot.conversations().length;
    const withBot = await rehearse();
    expect(rowsOf(withBot).filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(named(rowsOf(withBot), 'ok')).toEqual(ALL);
    expect(JSON.parse(withBot.stdout)).toMatchObject({ ok: true, bot: true });
    expect(withBot.code).toBe(0);
    expect(timeless(withBot)).toEqual(['removed']);
    const without = await rehearse(['--without-bot']);
    expect(named(rowsOf(without), 'ok')).toEqual(ALL);
    expect(JSON.parse(without.stdout)).toMatchObject({ ok: true, bot: false, interrupted: false });
    expect(timeless(without)).toEqual(['removed']);
    expect(line.chatwoot.conversations()).toHaveLength(before);
    expect(line.crm.writes()).toEqual([]);
  });
});

test('crm-sync sends nothing of a rehearsal that is over before it starts, and all of a real customer’s', async () => {
  const { line, rehearse } = await lay('4.16', { apps: ['ingress', 'routing', 'bot-replies'] });
  await rehearse(['--wait', '3s', '--without-bot', '--inbox', String(line.chatwoot.ids.apiInbox)]);
  await line.chatwoot.writeAsCustomer({
    inboxId: line.chatwoot.ids.apiInbox,
    contact: { name: 'Rehearsal 1234abcd', email: 'ben@shop.example' },
    content: 'hours',
  });
  await line.chatwoot.idle();
  await line.start('crm-sync');
  await vi.waitFor(() => expect(line.crm.leads()).toHaveLength(1), 30_000);
  expect(line.crm.leads()[0]).toMatchObject({ email: 'ben@shop.example' });
  expect(line.crm.writes()).toHaveLength(1);
});

describe('with a fault, exactly its row is red', () => {
  const red = async (run: CliRun, name: string, words: string, skip: readonly string[]) => {
    const rows = rowsOf(run);
    expect(named(rows, 'fail')).toEqual([name]);
    expect(named(rows, 'skip')).toEqual(skip);
    expect(rows.find((row) => row.name === name)?.detail).toContain(words);
    expect(run.code).toBe(1);
  };

  test('a wrong secret', async () => {
    const wrong = { CHATWOOT_WEBHOOK_SECRET: 'aWrongSecretThatNobodySigns' };
    const { rehearse } = await lay('4.16', { env: wrong });
    await red(await rehearse(['--wait', '5s']), 'webhook', 'signs with a secret that is not configured', [
      'the rest',
    ]);
  });

  test("a bot's token alone", async () => {
    const { rehearse } = await lay('4.16', { apps: ['ingress'] });
    const run = await rehearse([], { env: { CHATWOOT_API_TOKEN: '' } });
    await red(run, 'token', "a bot's token reads nothing", ['the rest']);
  });

  test('no webhook', async () => {
    const { line, rehearse } = await lay('4.16');
    await removeWebhook(line);
    await red(await rehearse(['--wait', '5s']), 'webhook', 'has no webhook', ['the rest']);
  });

  test('a source that takes other inboxes only, told before anything is made', async () => {
    const file = await configured({
      sources: { default: { secrets: 'a-secret-of-more-than-24-characters', inboxes: [12] } },
      bot: { rules: [{ when: { contains: 'hours' }, reply: 'From nine to five.' }] },
    });
    const env = { SWITCHYARD_CONFIG: file, CHATWOOT_WEBHOOK_SECRET: '', CHATWOOT_UNSIGNED_TOKEN: '' };
    const { line, rehearse } = await lay('4.16', { apps: [], env });
    const before = line.chatwoot.conversations().length;
    const run = await rehearse();
    await red(run, 'webhook', 'takes inbox 12 only', ['the rest']);
    expect(JSON.parse(run.stdout)).toMatchObject({ inbox: null });
    expect(line.chatwoot.conversations()).toHaveLength(before);
  });

  test.each([
    ['bot-replies', 'bot', ['rules, a person, …']],
    ['crm-sync', 'lead', []],
    ['routing', 'routing', []],
  ] as const)('%s is dead', async (dead, row, skip) => {
    const { rehearse } = await lay('4.16', { apps: APPS.filter((app) => app !== dead) });
    await red(await rehearse(['--wait', '5s']), row, `nobody works on the queue ${dead}`, skip);
  });

  test('a rule for a team that is missing', async () => {
    const file = await configured({
      crm: { connector: 'http' },
      bot: { rules: [{ name: 'hours', when: { contains: 'hours' }, reply: 'From nine to five.' }] },
      routing: { otherwise: { assign: { team: 'Enterprize' } } },
    });
    // routing itself does not start with it, and says why.
    const { rehearse } = await lay('4.16', {
      apps: ['ingress', 'crm-sync', 'bot-replies'],
      env: { SWITCHYARD_CONFIG: file },
    });
    await red(await rehearse(['--wait', '5s']), 'routing', 'no team "Enterprize" in Chatwoot account 3', []);
  });
});

/** A config file of this one test. */
async function configured(config: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-rehearse-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'config.json');
  await writeFile(file, JSON.stringify(config));
  return file;
}

/** The one that was made with the line. */
async function removeWebhook({ chatwoot }: Line): Promise<void> {
  const url = `${chatwoot.url}/api/v1/accounts/3/webhooks/61`;
  const headers = { api_access_token: chatwoot.tokens.administrator };
  const { status } = await fetch(url, { method: 'DELETE', headers });
  expect(status).toBe(200);
}
