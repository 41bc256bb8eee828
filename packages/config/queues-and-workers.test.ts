import { describe, expect, it } from 'vitest';
import {
  type ConfigOrigin,
  loadBotRepliesConfig,
  loadCrmSyncConfig,
  loadCustomWorkersConfig,
  loadIngressConfig,
  loadRoutingConfig,
} from './config.ts';
import { ConfigError } from './error.ts';
import { directoryWith } from './testing-directory.ts';

const ENV = {
  CHATWOOT_BASE_URL: 'https://chat.example.com',
  CHATWOOT_API_TOKEN: 'user-token',
  CHATWOOT_WEBHOOK_SECRET: 'a-secret-of-24-characters',
  CRM_URL: 'https://crm.example.com/leads',
};
const BOT = "bot: { rules: [{ when: { contains: 'hours' }, reply: 'Always.' }] }";
const ROUTING = "routing: { otherwise: { assign: { team: 'Support' } } }";
const ALERTS = "'vip-alerts': { events: ['conversation_created'], steps() {} }";
const AUDIT =
  "audit: { events: () => true, lane: 'contact', giveUpAfterHours: 2, concurrency: 3, steps() {} }";

/** Loads a config file with this between its braces. */
async function load<Config>(
  loader: (origin: ConfigOrigin) => Promise<Config>,
  inside: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Config> {
  await using folder = directoryWith({ 'switchyard.config.mjs': `export default { ${inside} };` });
  return await loader({
    env: { ...ENV, SWITCHYARD_CONFIG: 'switchyard.config.mjs', ...env },
    cwd: folder.path,
  });
}

async function faults(loading: Promise<unknown>): Promise<readonly string[]> {
  const error = await loading.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ConfigError) {
    return error.lines.map((line) => line.replace('switchyard.config.mjs: ', ''));
  }
  throw new Error('it is a good config', { cause: error });
}

describe('queues', () => {
  const queues =
    "queues: { 'crm-sync': { giveUpAfterHours: 96 }, routing: { concurrency: 4 }, 'bot-replies': { giveUpAfterHours: 6, concurrency: 7 } }";
  const inside = `${queues}, ${BOT}, ${ROUTING}`;

  it('say how long their jobs are worth trying, and how many at a time', async () => {
    expect(await load(loadCrmSyncConfig, inside)).toMatchObject({
      giveUpAfterMs: 96 * 3_600_000,
      concurrency: null,
    });
    expect(await load(loadRoutingConfig, inside)).toMatchObject({ giveUpAfterMs: null, concurrency: 4 });
    expect(await load(loadBotRepliesConfig, inside)).toMatchObject({
      giveUpAfterMs: 6 * 3_600_000,
      concurrency: 7,
    });
  });

  it('leave it to the catalogue where they say nothing', async () => {
    expect(await load(loadRoutingConfig, ROUTING)).toMatchObject({ giveUpAfterMs: null, concurrency: null });
  });

  it('give way to CONCURRENCY', async () => {
    expect(await load(loadRoutingConfig, inside, { CONCURRENCY: '9' })).toMatchObject({ concurrency: 9 });
  });

  it('that are none, and times that are none, are told', async () => {
    const wrong =
      "queues: { 'crm-snyc': {}, routing: { giveUpAfterHours: 0 }, 'bot-replies': { giveUpHours: 1 } }";
    expect(await faults(load(loadIngressConfig, wrong))).toEqual([
      "queues.crm-snyc: no such queue; there are crm-sync, bot-replies, routing, handover (a custom worker's settings stand " +
        'with it, in workers)',
      'queues.routing.giveUpAfterHours: expected number to be >0',
      'queues.bot-replies.giveUpHours: no such setting; check the spelling',
    ]);
  });

  it('leave time to hand over what is too late to be answered', async () => {
    const short = `queues: { 'bot-replies': { giveUpAfterHours: 0.1 } }, ${BOT}`;
    expect(await faults(load(loadBotRepliesConfig, short))).toEqual([
      expect.stringMatching(
        /^queues\.bot-replies\.giveUpAfterHours: must be longer than bot\.answerWithinMinutes/,
      ),
    ]);
  });

  it('are spread over one shard unless SHARDS says otherwise', async () => {
    expect(await load(loadIngressConfig, '')).toMatchObject({ shards: 1 });
    expect(await load(loadIngressConfig, '', { SHARDS: '4' })).toMatchObject({ shards: 4 });
  });
});

describe('workers', () => {
  const inside = `workers: { ${ALERTS}, ${AUDIT} }`;

  it('are run all, with their own settings or the usual ones', async () => {
    const { workers, concurrency, chatwoot } = await load(loadCustomWorkersConfig, inside);
    expect(concurrency).toBeNull();
    expect(chatwoot).toMatchObject({ apiToken: 'user-token' });
    expect(workers).toEqual({
      'vip-alerts': {
        events: ['conversation_created'],
        lane: 'conversation',
        concurrency: 10,
        giveUpAfterHours: 24,
        timeoutMs: 10_000,
        steps: expect.any(Function),
      },
      audit: {
        events: expect.any(Function),
        lane: 'contact',
        concurrency: 3,
        giveUpAfterHours: 2,
        timeoutMs: 10_000,
        steps: expect.any(Function),
      },
    });
  });

  it('or one of them', async () => {
    const one = (origin: ConfigOrigin) => loadCustomWorkersConfig(origin, 'audit');
    expect(Object.keys((await load(one, inside)).workers)).toEqual(['audit']);
    const other = (origin: ConfigOrigin) => loadCustomWorkersConfig(origin, 'odit');
    expect(await faults(load(other, inside))).toEqual([
      'no worker "odit" in switchyard.config.mjs; there are: vip-alerts, audit',
    ]);
  });

  it('need no Chatwoot', async () => {
    expect(await load(loadCustomWorkersConfig, inside, { CHATWOOT_API_TOKEN: '' })).toMatchObject({
      chatwoot: null,
    });
  });

  it('have queues that the ingress plans for', async () => {
    expect(await load(loadIngressConfig, inside, { CRM_URL: '' })).toMatchObject({
      queues: ['vip-alerts', 'audit'],
      workers: { audit: { lane: 'contact' } },
    });
  });

  it('that are none at all are told', async () => {
    expect(await faults(load(loadCustomWorkersConfig, ''))).toEqual([
      'workers: nothing configured in switchyard.config.mjs; see docs/custom-workers.md for an example',
    ]);
  });

  it.each([
    [
      "'VIP': { events: ['message_created'], steps() {} }",
      /^workers\.VIP: the name of a worker has lower-case letters/,
    ],
    [
      "routing: { events: ['message_created'], steps() {} }",
      /^workers\.routing: this name is taken by Switchyard/,
    ],
    [
      "lanes: { events: ['message_created'], steps() {} }",
      /^workers\.lanes: this name is taken by Switchyard/,
    ],
    [
      "a: { events: ['message_create'], steps() {} }",
      /^workers\.a\.events\[0\]: one of conversation_created, /,
    ],
    ['a: { events: [], steps() {} }', /^workers\.a\.events: give at least one event/],
    [
      "a: { events: 'message_created', steps() {} }",
      /^workers\.a\.events: a list of names of events, or a function/,
    ],
    [
      "a: { events: ['message_created'] }",
      /^workers\.a\.steps: a function .*; only a \.ts, \.js or \.mjs config file/,
    ],
    ["a: { events: ['message_created'], steps: 'post' }", /^workers\.a\.steps: a function .*; only a \.ts/],
    ["a: { events: ['message_created'], steps() {}, decide: 1 }", /^workers\.a\.decide: a function/],
    [
      "a: { events: ['message_created'], steps() {}, lane: 'inbox' }",
      /^workers\.a\.lane: conversation, contact, or/,
    ],
    [
      "a: { events: ['message_created'], step() {} }",
      /^workers\.a\.step: no such setting; did you mean steps\?/,
    ],
  ])('%s is told', async (worker, line) => {
    expect(await faults(load(loadIngressConfig, `workers: { ${worker} }`))).toEqual([
      expect.stringMatching(line),
    ]);
  });

  it('can not stand in a file of data only', async () => {
    const yaml = 'workers:\n  vip-alerts:\n    events: [conversation_created]\n';
    await using folder = directoryWith({ 'switchyard.config.yaml': yaml });
    const env = { ...ENV, SWITCHYARD_CONFIG: 'switchyard.config.yaml' };
    expect(await faults(loadIngressConfig({ env, cwd: folder.path }))).toEqual([
      'switchyard.config.yaml: workers.vip-alerts.steps: a function (event, decision, context) that writes, each ' +
        'write inside context.step; only a .ts, .js or .mjs config file can have one',
    ]);
  });
});
