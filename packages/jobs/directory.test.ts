import { CallFailure, createChatwootClient } from '@switchyard/chatwoot';
import { createHealth, createLogger, createMetrics } from '@switchyard/telemetry';
import { type FakeChatwoot, startFakeChatwoot } from '@switchyard/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDirectory, type Reference } from './directory.ts';
import { checkDirectory } from './directory-check.ts';
import { createSend } from './outbound.ts';

const account = 3;
const log = createLogger({ app: 'test', level: 'silent' });

describe('a team or agent by what the config says', () => {
  it.each([
    { what: 'a team by name, whatever its letter case', kind: 'team', value: 'ENTERPRISE  support', id: 41 },
    { what: 'a team by id', kind: 'team', value: 43, id: 43 },
    { what: 'an agent by e-mail', kind: 'agent', value: 'Tobias.Engel@northwind.example', id: 27 },
    { what: 'an agent by name', kind: 'agent', value: 'priya nair', id: 28 },
  ] as const)('finds $what', async ({ kind, value, id }) => {
    const { directory } = await start();
    expect(await directory.resolve(account, { kind, setting: 'x', value })).toBe(id);
  });

  it.each([
    {
      reference: team('Enterprize', 'routing.rules[2].assign.team'),
      message:
        'routing.rules[2].assign.team: no team "Enterprize" in Chatwoot account 3; there are: enterprise support, standard support, sales',
    },
    {
      reference: team(99, 'routing.otherwise.assign.team'),
      message:
        'routing.otherwise.assign.team: no team with id 99 in Chatwoot account 3; there are: 41 (enterprise support), 42 (standard support), 43 (sales)',
    },
    {
      reference: { kind: 'agent', setting: 'routing.rules[0].assign.agent', value: 'nobody@x.example' },
      message:
        'routing.rules[0].assign.agent: no agent "nobody@x.example" in Chatwoot account 3; there are: Ada Moreno, Tobias Engel, Priya Nair',
    },
  ] as const)('says what there is instead of $reference.value', async ({ reference, message }) => {
    const { directory } = await start();
    await expect(directory.resolve(account, reference)).rejects.toMatchObject({
      failure: 'permanent',
      message,
    });
  });

  it('asks Chatwoot once in five minutes', async () => {
    const clock = { now: 0 };
    const { directory, fake } = await start(clock);
    for (const minute of [0, 1, 4.9]) {
      clock.now = minute * 60_000;
      await directory.resolve(account, team('Sales'));
    }
    expect(fake.calls()).toHaveLength(1);
    clock.now = 5 * 60_000;
    await directory.resolve(account, team('Sales'));
    expect(fake.calls()).toHaveLength(2);
  });

  it('asks again for what it does not know, but not all the time', async () => {
    const clock = { now: 0 };
    const { directory, fake } = await start(clock);
    await directory.resolve(account, team('Sales'));
    for (const second of [1, 9, 11, 12]) {
      clock.now = second * 1000;
      await expect(directory.resolve(account, team('New'))).rejects.toBeInstanceOf(CallFailure);
    }
    expect(fake.calls()).toHaveLength(2);
  });
});

it('refuses a name that two agents have', async () => {
  const twins = [1, 2].map((id) => ({ id, name: 'Kim', email: null, role: null, availability: null }));
  const client = { agents: { list: async () => twins }, teams: { list: async () => [] } };
  const resolved = createDirectory({ client }).resolve(3, {
    kind: 'agent',
    setting: 'x.agent',
    value: 'Kim',
  });
  await expect(resolved).rejects.toThrow(
    'x.agent: 2 agents are called "Kim" in Chatwoot account 3; use an id: 1, 2',
  );
});

describe('the check at start', () => {
  it('is ready when everything is there', async () => {
    const { check, health } = await start();
    await check([team('Sales'), team('Enterprise support')]);
    expect(health.readiness().ok).toBe(true);
  });

  it('ends with a line for each name that is not there', async () => {
    const { check, health } = await start();
    await expect(check([team('Sles', 'a.team'), team('Sales'), team('x', 'b.team')])).rejects.toMatchObject({
      lines: [
        expect.stringMatching(/^a\.team: no team "Sles"/),
        expect.stringMatching(/^b\.team: no team "x"/),
      ],
    });
    expect(health.readiness().ok).toBe(false);
  });

  it('waits, not ready, while Chatwoot is away', async () => {
    const { check, health, fake } = await start();
    await fake.faults.down();
    const checked = check([team('Sales')]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(health.readiness()).toMatchObject({
      ok: false,
      detail: { chatwoot: expect.stringContaining('not checked') },
    });
    await fake.faults.up();
    await checked;
    expect(health.readiness().ok).toBe(true);
  });

  it.each([
    ['the token is refused', 401, 'Invalid Access Token', 'CHATWOOT_API_TOKEN', 'refused-token'],
    ['the account is suspended', 401, 'Account is suspended', 'account is suspended', 'account-suspended'],
  ])('waits, not ready, counted and with the reason, while %s', async (_, status, error, says, reason) => {
    const answers = [
      { status, headers: {}, body: JSON.stringify({ error }) },
      { status: 200, headers: {}, body: '{"id":1,"accounts":[]}' },
    ];
    const client = createChatwootClient({
      baseUrl: 'https://chat.example',
      token: 'good',
      send: async () => answers.shift() ?? Promise.reject(new Error('asked too often')),
    });
    const told: string[] = [];
    const health = {
      ready: () => void told.push('ready'),
      notReady: (why: string) => void told.push(why),
      warn() {},
    };
    const [directory, references] = [createDirectory({ client }), [team('Sales')]];
    const metrics = createMetrics({ app: 'test', version: '0' });
    const what = { queue: 'routing', metrics, client, directory, accounts: null, references, health, log };
    await checkDirectory({ ...what, baseMs: 1 });
    expect(told).toEqual([expect.stringContaining(says), 'ready']);
    expect(await metrics.registry.getSingleMetricAsString('switchyard_holds_total')).toContain(
      `{queue="routing",reason="${reason}"} 1`,
    );
  });

  it('asks nothing when the config names nothing', async () => {
    const { check, health } = clientOf('http://127.0.0.1:9', 'none');
    await check([]);
    expect(health.readiness().ok).toBe(true);
  });
});

async function start(clock = { now: 0 }) {
  const fake = await startFakeChatwoot();
  onTestFinished(() => fake.close());
  return { fake, ...clientOf(fake.url, fake.tokens.administrator, clock) };
}

function clientOf(baseUrl: FakeChatwoot['url'], token: string, clock = { now: 0 }) {
  const runtime = { log, metrics: createMetrics({ app: 'test', version: '0' }) };
  const sender = createSend({ target: 'chatwoot', timeoutMs: 2_000, runtime });
  onTestFinished(() => sender.close());
  const client = createChatwootClient({ baseUrl, token, send: sender.send });
  const directory = createDirectory({ client, now: () => clock.now });
  const health = createHealth();
  const dependency = health.dependency('chatwoot');
  const check = (references: readonly Reference[]) =>
    checkDirectory({
      queue: 'routing',
      metrics: runtime.metrics,
      client,
      directory,
      accounts: null,
      references,
      health: dependency,
      log,
      baseMs: 10,
    });
  return { directory, health, check };
}

function team(value: string | number, setting = 'x.team'): Reference {
  return { kind: 'team', setting, value };
}
