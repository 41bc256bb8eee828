import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectRedis, createQueueMonitor } from '@switchyard/jobs';
import { testingRuntime } from '@switchyard/jobs/testing';
import { emptyRedis, type FakeChatwoot, type Fault, layLine, startFakeChatwoot } from '@switchyard/testkit';
import { expect, inject, onTestFinished, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 240_000 });

const ROOT = new URL('../../..', import.meta.url).pathname;
const MADE = 'Switchyard rehearsal';

/** As `npm run switchyard -- rehearse` runs it: behind the script that starts it, in a process group of its own. */
function begin(fake: FakeChatwoot, redisUrl: string, env: Readonly<Record<string, string>> = {}) {
  const args = [
    'scripts/run.mjs',
    'apps/cli/main.ts',
    'rehearse',
    '--account',
    '3',
    '--json',
    '--wait',
    '60s',
  ];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      REDIS_URL: redisUrl,
      CUSTOMERS_DATABASE_URL: 'postgres://127.0.0.1:9/none',
      CHATWOOT_BASE_URL: fake.url,
      CHATWOOT_API_TOKEN: fake.tokens.administrator,
      CHATWOOT_BOT_TOKEN: fake.tokens.bot,
      CHATWOOT_ACCOUNT: '3',
      CHATWOOT_WEBHOOK_SECRET: 'a-secret-of-more-than-24-characters',
      CRM_URL: 'http://127.0.0.1:9/leads',
      CRM_API_KEY: 'k',
      ...env,
    },
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const ended = once(child, 'exit');
  return {
    signalToAll: (signal: NodeJS.Signals) => process.kill(-(child.pid ?? 0), signal),
    errors: () => errors,
    async end(): Promise<{ readonly code: unknown; readonly told: unknown }> {
      const [code] = await ended;
      return { code, told: JSON.parse(out) };
    },
  };
}

async function startChatwoot(faults: readonly Fault[] = []): Promise<FakeChatwoot> {
  const fake = await startFakeChatwoot({ webhooks: [{ url: 'http://127.0.0.1:9/webhooks/chatwoot' }] });
  onTestFinished(() => fake.close());
  for (const fault of faults) fake.faults.add(fault);
  return fake;
}

async function inboxesMade({ url, tokens }: FakeChatwoot): Promise<string> {
  const headers = { api_access_token: tokens.administrator };
  const answer = await (await fetch(`${url}/api/v1/accounts/3/inboxes`, { headers })).text();
  return answer.includes(MADE) ? answer : '';
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s to the whole process group, as a terminal and npm pass it on: what was made is removed',
  async (signal) => {
    const fake = await startChatwoot();
    const run = begin(fake, await emptyRedis(inject('redisUrl')));
    await vi.waitFor(() => expect(fake.conversations().length, run.errors()).toBe(1), 60_000);
    run.signalToAll(signal);
    const { code, told } = await run.end();
    expect(await inboxesMade(fake)).toBe('');
    expect(code).toBe(130);
    // What was cut short is no fault.
    expect(told).toMatchObject({ ok: false, interrupted: true, summary: { fail: 0 } });
    expect(told).toMatchObject({
      rows: expect.arrayContaining([expect.objectContaining({ name: 'webhook', detail: 'interrupted' })]),
    });
  },
);

test('with --json, what could not be removed is told too where the rehearsal itself fails', async () => {
  const fake = await startChatwoot([
    { kind: 'status', status: 500, method: 'POST', path: /public.*messages/ },
    { kind: 'status', status: 500, method: 'DELETE', path: '/inboxes/' },
  ]);
  const { told } = await begin(fake, await emptyRedis(inject('redisUrl'))).end();
  expect(told).toMatchObject({ error: { fix: [expect.stringMatching(/inbox \d+: /)] } });
});

test('interrupted, it leaves no dead job behind: those at work on what was played end before it is removed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-rehearse-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'switchyard.config.json');
  const rules = [{ name: 'hours', when: { contains: 'hours' }, reply: 'Nine to six.' }];
  const routing = { otherwise: { assign: { team: 'Standard support', priority: 'high' } } };
  await writeFile(file, JSON.stringify({ bot: { rules }, routing }));
  const redisUrl = await emptyRedis(inject('redisUrl'));
  const env = { SWITCHYARD_CONFIG: file, CRM_URL: '' };
  const line = await layLine({
    redisUrl,
    postgresUrl: inject('postgresUrl'),
    env: { CHATWOOT_ACCOUNT: '3', ...env },
  });
  onTestFinished(() => line.close());
  for (const app of ['ingress', 'bot-replies', 'routing'] as const) await line.start(app);
  // As a Chatwoot that is not on the same machine.
  const path = /api\/v1\/accounts.*(assignments|messages|toggle)/;
  line.chatwoot.faults.add({ kind: 'slow', ms: 1_000, beforeCommit: true, method: 'POST', path });
  const redis = connectRedis({ url: redisUrl, log: testingRuntime().log, temper: 'patient' });
  onTestFinished(() => redis.close());
  const counts = async () => Object.values(await createQueueMonitor({ redis }).counts());

  const run = begin(line.chatwoot, redisUrl, { CHATWOOT_WEBHOOK_SECRET: line.secret, ...env });
  const isAtWork = async () =>
    expect(
      (await counts()).some(({ active }) => active > 0),
      run.errors(),
    ).toBe(true);
  await vi.waitFor(isAtWork, { timeout: 60_000, interval: 50 });
  run.signalToAll('SIGINT');
  expect(await run.end()).toMatchObject({ code: 130 });
  expect(await inboxesMade(line.chatwoot)).toBe('');
  // Whatever is left in hand has come to its end by then.
  await vi.waitFor(
    async () => expect((await counts()).every(({ waiting, active }) => waiting + active === 0)).toBe(true),
    30_000,
  );
  expect((await counts()).map(({ dead }) => dead).filter((dead) => dead > 0)).toEqual([]);
});
