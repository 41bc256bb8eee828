import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import {
  type FakeChatwoot,
  type FakeChatwootOptions,
  freePort,
  startFakeChatwoot,
} from '@switchyard/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runCli, temporaryFolder } from '../testing-cli.ts';

// Each test runs several processes, beside everything else that a machine with two cores does.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const URL_ = 'https://switchyard.example.com';
const HOOK = `${URL_}/webhooks/chatwoot`;
const NEEDED = [
  'conversation_created',
  'conversation_updated',
  'conversation_status_changed',
  'message_created',
  'message_updated',
  'contact_updated',
];

async function startFake(options: FakeChatwootOptions = {}) {
  const fake = await startFakeChatwoot(options);
  onTestFinished(() => fake.close());
  return fake;
}

function envOf(fake: FakeChatwoot, token = fake.tokens.administrator) {
  return { CHATWOOT_BASE_URL: fake.url, CHATWOOT_API_TOKEN: token };
}

function webhooksOf(fake: FakeChatwoot) {
  return fetch(`${fake.url}/api/v1/accounts/3/webhooks`, {
    headers: { api_access_token: fake.tokens.administrator },
  }).then((response) => response.json());
}

test('makes the webhook with what the configuration needs, tells the secret, and changes nothing the second time', async () => {
  const fake = await startFake();
  const args = ['connect', '--account', '3', '--url', URL_];
  const first = await runCli(args, { env: envOf(fake) });
  expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining(`webhook 61 created: ${HOOK}`) });
  const secret = /^CHATWOOT_WEBHOOK_SECRET=(\w+)$/m.exec(first.stdout)?.[1];
  expect(await webhooksOf(fake)).toEqual({
    payload: {
      webhooks: [expect.objectContaining({ url: HOOK, name: 'Switchyard', subscriptions: NEEDED, secret })],
    },
  });

  const folder = temporaryFolder();
  const path = join(folder, '.env');
  writeFileSync(path, '# mine\nREDIS_URL=redis://r:6379\n');
  const second = await runCli([...args, '--write-env', path, '--json'], { env: envOf(fake) });
  expect(second.code).toBe(0);
  expect(JSON.parse(second.stdout)).toMatchObject({
    webhook: { id: 61, action: 'unchanged', signed: true },
    env: {},
    envFile: path,
  });
  expect(second.stdout + second.stderr).not.toContain(secret);
  expect(readFileSync(path, 'utf8')).toBe(
    `# mine\nREDIS_URL=redis://r:6379\nCHATWOOT_WEBHOOK_SECRET=${secret}\nCHATWOOT_ACCOUNT=3\n`,
  );
});

test('an answer that is lost makes no second webhook', async () => {
  const fake = await startFake();
  fake.faults.add({ kind: 'resetAfterCommit', method: 'POST', path: '/webhooks', count: 1 });
  const run = await runCli(['connect', '--account', '3', '--url', URL_, '--json'], { env: envOf(fake) });
  expect(run.code).toBe(0);
  expect(JSON.parse(run.stdout).env).toHaveProperty('CHATWOOT_WEBHOOK_SECRET');
  expect(await webhooksOf(fake)).toMatchObject({ payload: { webhooks: [{ url: HOOK }] } });
});

test('moves one that points elsewhere, adds what it lacks, and tells of another', async () => {
  const fake = await startFake();
  fake.addWebhook({ url: 'https://old.example.com/webhooks/chatwoot', subscriptions: ['message_created'] });
  fake.addWebhook({ url: 'https://other.example.com/webhooks/chatwoot' });
  const run = await runCli(['connect', '--account', '3', '--url', URL_, '--replace', '61'], {
    env: envOf(fake),
  });
  expect(run.code).toBe(0);
  expect(run.stdout).toContain('webhook 61 updated');
  expect(run.stderr).toContain('webhook 62 of this account (https://other.example.com/webhooks/chatwoot)');
  expect(await webhooksOf(fake)).toMatchObject({
    payload: { webhooks: [{ id: 61, url: HOOK, subscriptions: NEEDED }, { id: 62 }] },
  });
});

test('says who may not and why, and who does not answer', async () => {
  const fake = await startFake();
  const connect = (account: string, env: Record<string, string>) =>
    runCli(['connect', '--account', account, '--url', URL_, '--json'], { env });
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const [agent, bot, unknown, elsewhere, away, unset] = await Promise.all([
    connect('3', envOf(fake, fake.tokens.agent)),
    connect('3', envOf(fake, fake.tokens.bot)),
    connect('3', envOf(fake, 'no-token')),
    connect('4', envOf(fake)),
    connect('3', { ...envOf(fake), CHATWOOT_BASE_URL: nobody }),
    connect('3', {}),
  ]);
  const told = [agent, bot, unknown, elsewhere, away, unset].map(({ code, stdout }) => [
    code,
    JSON.parse(stdout).error.code,
  ]);
  expect(told).toEqual([
    [5, 'NOT_ADMINISTRATOR'],
    [5, 'CHATWOOT_BOT_FORBIDDEN'],
    [5, 'CHATWOOT_UNAUTHORIZED'],
    [5, 'ACCOUNT_NOT_SEEN'],
    [4, 'CHATWOOT_UNREACHABLE'],
    [2, 'CONFIG_MISSING'],
  ]);
  expect(away.stderr).toContain(nobody);
  expect(unset.stderr).toContain('CHATWOOT_API_TOKEN: not set');
  expect(await webhooksOf(fake)).toEqual({ payload: { webhooks: [] } });
});

test.each([
  ['4.10', {}],
  // One that tells no version shows it by its answer only.
  ['4.10', { release: 'latest' }],
] as const)(
  'connects a Chatwoot that does not sign in one run, and changes nothing the second time (%s, %j)',
  async (version, habits) => {
    const fake = await startFake({ version, habits });
    const path = join(temporaryFolder(), '.env');
    const args = ['connect', '--account', '3', '--url', URL_, '--write-env', path];
    const first = await runCli(args, { env: envOf(fake) });
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('does not sign') });
    const written = readFileSync(path, 'utf8');
    const token = /^CHATWOOT_UNSIGNED_TOKEN=([\w-]{32})$/m.exec(written)?.[1] ?? 'none';
    expect(written).toContain('CHATWOOT_ACCOUNT=3\n');
    expect(first.stdout + first.stderr).not.toContain(token);
    const hook = { url: `${HOOK}/unsigned/${token}` };
    expect(await webhooksOf(fake)).toMatchObject({ payload: { webhooks: [hook] } });

    // By the same words; by the address itself; and without the file, by what Chatwoot has.
    const explicit = ['connect', '--account', '3', '--url', hook.url, '--source', 'unsigned', '--json'];
    const [second, moved, unwritten] = await Promise.all([
      runCli([...args, '--json'], { env: envOf(fake) }),
      runCli([...explicit, '--write-env', path], { env: envOf(fake) }),
      runCli(['connect', '--account', '3', '--url', URL_, '--json'], { env: envOf(fake) }),
    ]);
    for (const run of [second, moved, unwritten]) {
      expect(run.code).toBe(0);
      expect(JSON.parse(run.stdout)).toMatchObject({
        webhook: { id: 61, action: 'unchanged', signed: false },
      });
    }
    expect(JSON.parse(unwritten.stdout).env).toEqual({
      CHATWOOT_UNSIGNED_TOKEN: token,
      CHATWOOT_ACCOUNT: '3',
    });
    expect(readFileSync(path, 'utf8')).toBe(written);
    expect(await webhooksOf(fake)).toMatchObject({ payload: { webhooks: [hook] } });
  },
);

test('attaches a bot only once the ingress takes its deliveries', async () => {
  const fake = await startFake();
  let status = 401;
  const ingress = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"status":"ignored"}');
  });
  const port = await freePort();
  await new Promise<void>((resolve) => ingress.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void ingress.close());
  const args = [
    'connect',
    '--account',
    '3',
    '--url',
    `http://127.0.0.1:${port}`,
    '--bot',
    'Switchyard',
    '--json',
  ];
  const botOf = () =>
    fetch(`${fake.url}/api/v1/accounts/3/inboxes/12/agent_bot`, {
      headers: { api_access_token: fake.tokens.administrator },
    }).then((response) => response.json());

  expect((await runCli(args, { env: envOf(fake) })).code).toBe(2);
  expect((await runCli([...args, '--inbox', '99'], { env: envOf(fake) })).code).toBe(3);
  const first = await runCli([...args, '--inbox', '12'], { env: envOf(fake) });
  expect(first.code).toBe(1);
  const told = JSON.parse(first.stdout);
  expect(told.bot).toMatchObject({ name: 'Switchyard', action: 'created', attached: false });
  expect(told.env.CHATWOOT_WEBHOOK_SECRET.split(',')).toHaveLength(2);
  expect(told.env.CHATWOOT_BOT_TOKEN).toMatch(/^\w{24}$/);
  expect(await botOf()).toEqual({ agent_bot: {} });

  status = 200;
  const env = { ...envOf(fake), ...told.env };
  const second = await runCli([...args, '--inbox', '12'], { env });
  expect(second.code).toBe(0);
  expect(JSON.parse(second.stdout)).toMatchObject({ bot: { action: 'unchanged', attached: true }, env: {} });
  expect(await botOf()).toMatchObject({ agent_bot: { name: 'Switchyard' } });

  // Another bot in its place is a decision for somebody.
  const other = [...args.map((arg) => (arg === 'Switchyard' ? 'Second' : arg)), '--inbox', '12'];
  expect(JSON.parse((await runCli(other, { env })).stdout).error.code).toBe('INBOX_HAS_BOT');
});
