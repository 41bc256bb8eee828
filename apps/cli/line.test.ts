import { emptyRedis, freePort, type Line, layLine, seedCustomers } from '@switchyard/testkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { type CliOptions, type CliRun, runCli } from './testing-cli.ts';

// Each test runs several processes, beside everything else that a machine with two cores does.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const ROOT = new URL('../..', import.meta.url).pathname;
const UNSETTLED = '{switchyard:0}:unsettled:crm-sync';

let line: Line;
let redis: Redis;
let env: Record<string, string>;
let adminUrl: string;

beforeAll(async () => {
  const redisUrl = await emptyRedis(inject('redisUrl'));
  const postgresUrl = inject('postgresUrl');
  await seedCustomers(postgresUrl, [{ email: 'ada@shop.example', subscription_tier: 'gold' }]);
  redis = new Redis(redisUrl);
  line = await layLine({ redisUrl, postgresUrl, chatwoot: { behindProxy: true } });
  const [ingress] = await Promise.all([line.start('ingress'), line.start('crm-sync')]);
  adminUrl = ingress.adminUrl;
  env = {
    REDIS_URL: redisUrl,
    CUSTOMERS_DATABASE_URL: postgresUrl,
    CHATWOOT_BASE_URL: line.chatwoot.url,
    CHATWOOT_API_TOKEN: line.chatwoot.tokens.administrator,
    CHATWOOT_BOT_TOKEN: line.chatwoot.tokens.bot,
    CHATWOOT_WEBHOOK_SECRET: line.secret,
    CRM_URL: `${line.crm.url}/leads`,
    CRM_API_KEY: line.crm.apiKey,
  };
});
afterAll(async () => {
  await line?.close();
  await redis?.quit();
});

/** In the project's folder, so with the config file of this repository. */
const cli = (args: readonly string[], over: CliOptions = {}) =>
  runCli(args, { cwd: ROOT, ...over, env: { ...env, ...over.env } });
const json = ({ stdout }: CliRun) => JSON.parse(stdout);

async function customer(name: string): Promise<number> {
  const contact = { name, email: `${name.toLowerCase()}@shop.example` };
  return (await line.chatwoot.writeAsCustomer({ contact, content: `Hello, I am ${name}` })).conversationId;
}

async function crmAtRest(): Promise<void> {
  await line.chatwoot.idle();
  await vi.waitFor(async () => expect(await redis.zcard(UNSETTLED)).toBe(0), 20_000);
}

describe('send', () => {
  test('shows what the ingress answers, and says what a refusal means', async () => {
    const send = (args: string[], over: CliOptions = {}) =>
      cli(['send', ...args, '--url', line.webhookUrl, '--json'], over);
    const [nothing, twice, unsigned, wrong, source, missing] = await Promise.all([
      send(['nothing']),
      send(['conversation_created', '--repeat', '2', '--set', 'id=777']),
      send(['nothing', '--unsigned']),
      send(['nothing'], { env: { CHATWOOT_WEBHOOK_SECRET: 'hG7kQ2mVx9RtYb4LnWc8ZpXX' } }),
      send(['nothing', '--source', 'shop']),
      send(['message_creatd']),
    ]);
    expect(nothing).toMatchObject({ code: 0, stderr: '' });
    expect(json(nothing).answers).toEqual([
      expect.objectContaining({ status: 200, result: 'ignored', queues: [] }),
    ]);
    expect(json(twice).answers.map((answer: { result: string }) => answer.result)).toEqual([
      'accepted',
      'duplicate',
    ]);
    expect([unsigned.code, wrong.code, source.code, missing.code]).toEqual([1, 1, 2, 3]);
    expect(wrong.stderr).toContain('another secret for this source');
  });
});

describe('doctor', () => {
  test('finds nothing wrong with a line that is right', async () => {
    const run = await cli(['doctor', '--url', line.webhookUrl, '--admin', adminUrl, '--json']);
    const { checks } = json(run);
    expect(checks.filter(({ status }: { status: string }) => status === 'fail' || status === 'skip')).toEqual(
      [],
    );
    expect(run.code).toBe(0);
    expect(new Set(checks.map(({ group }: { group: string }) => group))).toEqual(
      new Set(['Configuration', 'Redis', 'Chatwoot', 'Ingress', 'Customers database', 'CRM', 'Apps']),
    );
    // Looking leaves no trace.
    expect(line.crm.writes().filter(({ method }) => method !== 'POST')).toEqual([]);
    expect(run.stdout + run.stderr).not.toContain(line.secret);
  });

  test('finds each fault, and the others all the same', async () => {
    line.chatwoot.setClockAhead(400_000);
    const run = await cli(['doctor', '--url', line.webhookUrl, '--json'], {
      env: {
        CHATWOOT_WEBHOOK_SECRET: 'hG7kQ2mVx9RtYb4LnWc8ZpXX',
        REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
        CRM_URL: `http://127.0.0.1:${await freePort()}/leads`,
        CUSTOMERS_DATABASE_URL: `postgres://a:b@127.0.0.1:${await freePort()}/c`,
        CHATWOOT_BOT_TOKEN: 'no-token',
        PORT: 'http',
      },
    });
    line.chatwoot.setClockAhead(0);
    expect(run.code).toBe(1);
    const failed = json(run).checks.filter(({ status }: { status: string }) => status === 'fail');
    expect(failed.map(({ group, name }: { group: string; name: string }) => `${group}: ${name}`)).toEqual([
      'Configuration: environment',
      'Redis: reachable',
      'Chatwoot: clock',
      'Chatwoot: webhook 61',
      'Chatwoot: bot token',
      'Ingress: round trip, source default',
      'Customers database: query',
      'CRM: reachable',
    ]);
    for (const { fix } of failed) expect(fix).toEqual(expect.any(String));
  });
});

describe('trace', () => {
  test('tells what was decided and done, and who it was only when asked', async () => {
    const conversation = await customer('Ada');
    await crmAtRest();
    const [plain, personal, unknown, nowhere] = await Promise.all([
      cli(['trace', String(conversation), '--account', '3']),
      cli([
        'trace',
        `${line.chatwoot.url}/app/accounts/3/conversations/${conversation}`,
        '--personal',
        '--json',
      ]),
      cli(['trace', 'no-such-delivery']),
      cli(['trace', '999999', '--account', '3']),
    ]);
    expect(plain.code).toBe(0);
    expect(plain.stdout).toMatch(/✓ crm-sync +done after .*create-lead, because new-conversation/);
    expect(plain.stdout).toContain('create-lead → {"leadId":"lead_');
    expect(plain.stdout).not.toMatch(/Ada|shop\.example|Hello/);
    const told = json(personal).jobs.find(({ queue }: { queue: string }) => queue === 'crm-sync');
    expect(told).toMatchObject({ state: 'done', personal: { name: 'Ada', email: 'ada@shop.example' } });
    expect([unknown.code, nowhere.code]).toEqual([3, 3]);
  });
});

describe('dead jobs', () => {
  test('are listed, shown, redriven in stages that stop when they die again, and discarded', async () => {
    const clear = line.crm.faults.add({ kind: 'status', status: 422, method: 'POST' });
    const conversation = await customer('Bo');
    for (const name of ['Cy', 'Di']) await customer(name);
    await crmAtRest();
    const traced = await cli(['trace', String(conversation), '--account', '3', '--personal', '--json']);
    const told = json(traced).jobs.find(({ queue }: { queue: string }) => queue === 'crm-sync');
    expect(told).toMatchObject({ state: 'dead', personal: { name: 'Bo', email: 'bo@shop.example' } });
    const list = await cli(['dead', 'list', '--json']);
    const [group] = json(list).groups;
    expect(group).toMatchObject({ queue: 'crm-sync', code: 'CRM_REJECTED', step: 'create-lead', count: 3 });
    const jobs = json(await cli(['dead', 'list', '--jobs', '--json'])).jobs;
    const { jobId } = jobs[2];

    // Before the redrive: while the job is back at work, it is not among the dead.
    const show = await cli(['dead', 'show', `crm-sync/${jobId}`]);
    const [nothing, unasked, which, again] = await Promise.all([
      cli(['dead', 'list', '--code', 'NOPE']),
      cli(['dead', 'redrive', '--all']),
      cli(['dead', 'redrive', '--yes']),
      cli(['dead', 'redrive', '--fingerprint', group.fingerprint, '--yes', '--wait', '60s', '--json']),
    ]);
    expect(show).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('CRM_REJECTED: the CRM answered 422'),
    });
    expect([nothing.code, unasked.code, which.code]).toEqual([3, 2, 2]);
    expect(unasked.stderr).toContain('--yes');
    expect(again.code).toBe(1);
    expect(json(again)).toMatchObject({
      matched: 3,
      done: 1,
      ended: 'stopped',
      stages: [{ outcomes: { diedAgain: 1 } }],
    });

    clear();
    const one = await cli(['dead', 'redrive', 'crm-sync', jobId, '--yes', '--wait', '60s', '--json']);
    expect(one.code).toBe(0);
    expect(json(one)).toMatchObject({ done: 1, stages: [{ outcomes: { done: 1 } }] });
    const [done, discarded] = await Promise.all([
      cli(['dead', 'redrive', `crm-sync/${jobId}`, '--yes']),
      cli(['dead', 'discard', '--queue', 'crm-sync', '--first', '1', '--yes', '--json']),
    ]);
    expect(done).toMatchObject({ code: 6, stderr: expect.stringContaining('it is done') });
    expect(json(discarded)).toMatchObject({ matched: 1, done: 1 });
    const rest = await cli(['dead', 'redrive', '--all', '--yes', '--wait', '60s', '--json']);
    expect(json(rest)).toMatchObject({ matched: 1, done: 1, ended: 'all' });
    // Three customers, one of them discarded: two leads more, and none twice.
    const names = line.crm.leads().map(({ name }) => name);
    expect(names.filter((name) => ['Bo', 'Cy', 'Di'].includes(String(name)))).toHaveLength(2);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('status, pause and resume', () => {
  test('a paused queue needs somebody; its jobs wait, and are not redriven', async () => {
    const paused = await cli(['pause', 'crm-sync', '--json']);
    expect(json(paused)).toEqual({ queue: 'crm-sync', paused: true, before: false });
    const clear = line.crm.faults.add({ kind: 'status', status: 422, method: 'POST' });
    await customer('Eve');
    await line.chatwoot.idle();
    const [status, nope] = await Promise.all([
      cli(['status', '--admin', adminUrl, '--json']),
      cli(['pause', 'nope']),
    ]);
    expect(status.code).toBe(1);
    expect(json(status)).toMatchObject({
      ok: false,
      queues: { 'crm-sync': { paused: true, waiting: 1, workers: 1 }, routing: { workers: 0 } },
      spool: { records: 0, ready: true },
    });
    expect(json(status).needsSomebody).toContainEqual(
      expect.stringContaining('crm-sync: paused, 1 job waits'),
    );
    expect(nope).toMatchObject({ code: 3, stderr: expect.stringContaining('there are: crm-sync') });

    const [waiting] = await redis.zrange(UNSETTLED, '0', '0');
    const live = await cli(['dead', 'redrive', `crm-sync/${waiting}`, '--yes']);
    expect(live).toMatchObject({ code: 6, stderr: expect.stringContaining('waits') });

    // It dies; then Ctrl-C while somebody looks what becomes of its redrive leaves it redriven, and says so.
    await cli(['resume', 'crm-sync']);
    await crmAtRest();
    clear();
    await cli(['pause', 'crm-sync']);
    const stopped = await cli(['dead', 'redrive', `crm-sync/${waiting}`, '--yes', '--wait', '5m', '--json'], {
      interruptAt: 'looking what becomes of it',
    });
    expect(stopped.code).toBe(130);
    expect(json(stopped)).toMatchObject({ done: 1, ended: 'aborted' });
    await cli(['resume', 'crm-sync']);
    await crmAtRest();
    expect(line.crm.leads().filter(({ name }) => name === 'Eve')).toHaveLength(1);
  });
});

test('an unreachable Redis and another number of shards are told, with a code for scripts', async () => {
  const nobody = { env: { REDIS_URL: `redis://:hunter22@127.0.0.1:${await freePort()}` } };
  const [away, shards, plain] = await Promise.all([
    cli(['status', '--json'], nobody),
    cli(['dead', 'list', '--json'], { env: { SHARDS: '4' } }),
    cli(['trace', '1'], nobody),
  ]);
  expect([away.code, json(away).error.code]).toEqual([4, 'REDIS_UNREACHABLE']);
  expect([shards.code, json(shards).error.code]).toEqual([2, 'SHARDS_DIFFER']);
  expect(plain).toMatchObject({ code: 4, stdout: '' });
  expect(away.stdout + away.stderr + plain.stderr).not.toContain('hunter22');
});

test('wrong usage is told in a line, help has examples, and a bad configuration names the variable', async () => {
  const [command, option, help, version, config] = await Promise.all([
    cli(['statsu']),
    cli(['dead', 'list', '--older-than', 'yesterday']),
    cli(['dead', 'redrive', '--help']),
    cli(['--version']),
    cli(['dead', 'list'], { env: { SHARDS: 'many' } }),
  ]);
  expect([command.code, option.code, help.code, version.code, config.code]).toEqual([2, 2, 0, 0, 2]);
  expect(command.stderr).toContain('Did you mean status?');
  expect(option.stderr).toContain('Expected an age such as');
  expect(help.stdout).toContain('Examples:\n  switchyard dead redrive');
  expect(config.stderr).toContain('SHARDS: expected a whole number');
});
