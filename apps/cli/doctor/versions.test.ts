import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, spokenVersions, startFakeChatwoot } from '@switchyard/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runCli, temporaryFolder } from '../testing-cli.ts';

// Each test runs several processes, beside everything else that a machine with two cores does.
vi.setConfig({ testTimeout: 180_000 });

interface Told {
  readonly group: string;
  readonly name: string;
  readonly status: string;
  readonly detail: string;
}

async function doctor(env: Readonly<Record<string, string>>): Promise<readonly Told[]> {
  const run = await runCli(['doctor', '--json'], { env });
  const { checks }: { checks: readonly Told[] } = JSON.parse(run.stdout);
  return checks.filter(({ group }) => group === 'Chatwoot');
}

test.each(spokenVersions)(
  'what connect wrote for a Chatwoot %s is right for doctor, with a bot as well',
  async (version) => {
    const fake = await startFakeChatwoot({ version });
    onTestFinished(() => fake.close());
    const path = join(temporaryFolder(), '.env');
    const env = {
      CHATWOOT_BASE_URL: fake.url,
      CHATWOOT_API_TOKEN: fake.tokens.administrator,
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
    };
    const args = ['connect', '--account', '3', '--url', 'https://sw.example.com', '--write-env', path];
    const bot = ['--bot', 'Switchyard', '--inbox', '12', '--no-verify'];
    const first = await runCli([...args, ...bot], { env });
    expect(first).toMatchObject({ code: 0 });
    const written = readFileSync(path, 'utf8');
    const second = await runCli([...args, ...bot, '--json'], { env });
    expect(second.code).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({
      webhook: { action: 'unchanged' },
      bot: { action: 'unchanged', attached: true },
      env: {},
    });
    expect(readFileSync(path, 'utf8')).toBe(written);

    const lines = written.split('\n').filter((line) => line !== '');
    const set = Object.fromEntries(lines.map((line) => line.split('=', 2)));
    const checks = await doctor({ ...env, ...set });
    expect(checks.filter(({ status }) => status === 'fail')).toEqual([]);
    const details = checks.map(({ detail }) => detail).join('\n');
    expect(details).toContain(`Chatwoot ${version}`);
    expect(details).toContain('posts here; its new conversations begin pending');
    expect(details).toContain('Chatwoot knows it, that of Switchyard');

    // The token is a person's, as far as its name says.
    expect(checks).toContainEqual(
      expect.objectContaining({
        name: 'user of its own',
        status: 'warn',
        detail: expect.stringContaining('Ada Moreno may be a person'),
      }),
    );

    // Without what connect wrote, the ingress would refuse it.
    const other = version === '4.10' ? 'CHATWOOT_UNSIGNED_TOKEN' : 'CHATWOOT_WEBHOOK_SECRET';
    const wrong = await doctor({ ...env, ...set, [other]: 'u8-Xw_2bQ0pLr5TzKc9vNd1MfYj3GhEa' });
    const failed = wrong.filter(({ status }) => status === 'fail').map(({ name }) => name);
    expect(failed).toEqual(['webhook 61', 'bot of inbox 12']);
  },
);

test("a bot's token alone is red, and says what is missing", async () => {
  const fake = await startFakeChatwoot();
  onTestFinished(() => fake.close());
  const checks = await doctor({ CHATWOOT_BASE_URL: fake.url, CHATWOOT_BOT_TOKEN: fake.tokens.bot });
  const failed = checks.filter(({ status }) => status === 'fail');
  expect(failed).toContainEqual(
    expect.objectContaining({ name: 'bot token', detail: expect.stringContaining('CHATWOOT_API_TOKEN') }),
  );
});
