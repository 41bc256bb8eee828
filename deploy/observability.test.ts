import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type App,
  findPrometheus,
  type Line,
  layLine,
  type PrometheusServer,
  type RedisServer,
  seedCustomers,
  startPrometheus,
  startRedis,
} from '@switchyard/testkit';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { dashboardFiles } from './grafana/dashboards.ts';
import { documentedMetrics, parseDashboard, ruleGroups } from './testing-documents.ts';
import { programOrNull } from './testing-programs.ts';
import { filledIn, selectorsOf } from './testing-promql.ts';

/** Labels with few values each, which neither a stranger nor a customer can make more of (docs/operations.md). */
const BOUNDED = new Set([
  ...[
    'queue',
    'duty',
    'cause',
    'state',
    'result',
    'reason',
    'action',
    'source',
    'event',
    'level',
    'secret',
    'part',
    'what',
  ],
  ...['target', 'operation', 'status', 'node', 'setting', 'app', 'version', 'le'],
  // Node's own.
  ...['type', 'kind', 'space', 'major', 'minor', 'patch'],
]);
const QUEUES = ['crm-sync', 'bot-replies', 'routing', 'handover'];
const PATIENCE_MS = 60_000;

const rulesSchema = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          name: z.string(),
          health: z.string(),
          lastError: z.string().optional(),
          alerts: z.array(z.object({ annotations: z.record(z.string(), z.string()) })).optional(),
        }),
      ),
    }),
  ),
});

const programs = await programOrNull('dashboards and rules against a real Prometheus', findPrometheus);

let redis: RedisServer;
let line: Line;
let apps: App[];

beforeAll(async () => {
  redis = await startRedis({ owned: true, extraArgs: ['--maxmemory', '256mb'] });
  const postgresUrl = inject('postgresUrl');
  await seedCustomers(postgresUrl, [
    { email: 'priya@enterprise.example', subscription_tier: 'enterprise', name: 'Priya' },
  ]);
  const env = { SWITCHYARD_CONFIG: join(import.meta.dirname, 'testing-config.ts') };
  line = await layLine({ redisUrl: redis.url, postgresUrl, env });
  apps = await Promise.all(
    (['ingress', 'crm-sync', 'bot-replies', 'routing', 'routing', 'healer', 'console'] as const).map((name) =>
      line.start(name),
    ),
  );
}, 120_000);
afterAll(async () => {
  await line?.close();
  await redis?.close();
});

interface Scraped {
  readonly help: Map<string, string>;
  readonly type: Map<string, string>;
  readonly labels: Map<string, Set<string>>;
}

/** What all processes together export. */
async function scrape(): Promise<Scraped> {
  const scraped: Scraped = { help: new Map(), type: new Map(), labels: new Map() };
  for (const { adminUrl } of apps) {
    const text = await (await fetch(`${adminUrl}/metrics`)).text();
    for (const [, name = '', help = ''] of text.matchAll(/^# HELP (\S+) ?(.*)$/gm))
      scraped.help.set(name, help);
    for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm))
      scraped.type.set(name, type);
    for (const [, series = '', labels = ''] of text.matchAll(/^(switchyard_\w+)\{(.*)\} /gm)) {
      const histogram = series.replace(/_(bucket|sum|count)$/, '');
      const name = scraped.type.has(series) ? series : histogram;
      const known = scraped.labels.get(name) ?? new Set();
      for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
      scraped.labels.set(name, known);
    }
  }
  return scraped;
}

const customer = (name: string, content: string) =>
  line.chatwoot.writeAsCustomer({ contact: { name, email: `${name}@shop.example` }, content });

describe('the metrics', () => {
  test('are those of docs/operations.md, each with its type and labels, and the reverse', async () => {
    await customer('first', 'What are your hours?');
    await line.chatwoot.idle();
    const { type, labels } = await scrape();
    const documented = documentedMetrics();
    expect([...type.keys()].sort()).toEqual(documented.map(({ name }) => name).sort());
    for (const metric of documented.filter((one) => one.type !== '')) {
      expect({ name: metric.name, type: type.get(metric.name) }).toEqual({
        name: metric.name,
        type: metric.type,
      });
      const seen = [...(labels.get(metric.name) ?? [])].filter((label) => label !== 'le');
      if (seen.length > 0)
        expect([metric.name, ...seen.sort()]).toEqual([metric.name, ...[...metric.labels].sort()]);
    }
  });

  test('each say in words what they are, in base units, with labels of few values', async () => {
    const { help, type, labels } = await scrape();
    for (const [name, kind] of type) {
      expect([name, (help.get(name) ?? '').split(' ').length > 2]).toEqual([name, true]);
      expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter']);
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|hours|kb|mb|percent)(_|$)/);
    }
    const unbounded = [...labels].flatMap(([name, all]) =>
      [...all].filter((label) => !BOUNDED.has(label)).map((label) => `${name}{${label}}`),
    );
    expect(unbounded).toEqual([]);
  });

  test('hold nothing of a customer, and no secret', async () => {
    for (const { adminUrl } of apps) {
      const text = await (await fetch(`${adminUrl}/metrics`)).text();
      for (const word of ['shop.example', 'hours?', line.secret, line.crm.apiKey])
        expect(text).not.toContain(word);
    }
  });
});

describe.skipIf(programs === null)('a real Prometheus', () => {
  let prometheus: PrometheusServer;

  beforeAll(async () => {
    prometheus = await startPrometheus(configuration());
    await driveTheLine();
  }, 240_000);
  afterAll(() => prometheus?.close());

  /** deploy/prometheus as it is, but for who is scraped, and for how long everything waits. */
  function configuration(): Record<string, string> {
    const groups = ruleGroups().map(({ name, rules }) => ({
      name,
      interval: '1s',
      rules: rules.map(({ for: _, ...rule }) => rule),
    }));
    const config = {
      global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '1s' },
      rule_files: ['rules.yml'],
      scrape_configs: [...new Set(apps.map(({ name }) => name))].map((name) => ({
        job_name: name,
        static_configs: [
          { targets: apps.filter((app) => app.name === name).map(({ adminUrl }) => new URL(adminUrl).host) },
        ],
      })),
    };
    return { 'prometheus.yml': stringify(config), 'rules.yml': stringify({ groups }) };
  }

  /** Waits until Prometheus finds it. */
  async function seen(expr: string): Promise<void> {
    const find = async () => expect(await prometheus.query(expr)).not.toEqual([]);
    await vi.waitFor(find, { timeout: PATIENCE_MS, interval: 500 }).catch((cause: unknown) => {
      const logs = apps.map((app) => `${app.name}:\n  ${app.logs().slice(-5).join('\n  ')}`);
      throw new Error(`Prometheus does not see ${expr}. The last words of all:\n${logs.join('\n')}`, {
        cause,
      });
    });
  }

  async function turnBot(to: 'on' | 'off'): Promise<void> {
    const cli = join(import.meta.dirname, '../apps/cli/main.ts');
    await promisify(execFile)(process.execPath, [cli, 'bot', to], { env: { REDIS_URL: redis.url } });
  }

  /** Traffic, and every fault that some panel or rule is there for. */
  async function driveTheLine(): Promise<void> {
    // A counter that rises before it was seen the first time has not risen.
    await seen(`count(sum_over_time(up[5m]) >= 2) == ${apps.length}`);
    await seen('switchyard_jobs{queue="crm-sync",state="dead"} == 0');
    await customer('priya', 'How much does it cost?');
    const delivery = line.chatwoot.deliveries()[0]?.id ?? '';
    await line.chatwoot.idle();
    await line.chatwoot.redeliver(delivery);
    for (let tries = 0; tries < 12; tries += 1) {
      await line.chatwoot.send({
        url: line.webhookUrl,
        payload: {},
        secret: line.secret,
        corruptSignature: true,
      });
    }

    line.crm.faults.add({ kind: 'status', status: 401, method: 'POST', count: 1 });
    await customer('unlucky', 'hello');
    await seen('switchyard_jobs{queue="crm-sync",state="dead"} == 1');

    const mend = line.crm.faults.add({ kind: 'status', status: 503, method: 'POST' });
    await customer('patient', 'hello');
    await seen('switchyard_breaker_open{queue="crm-sync"} == 1');
    mend();
    await seen('switchyard_breaker_open{queue="crm-sync"} == 0');

    // What is pending while the bot is off is the healer's; twice, since a first value is no rise.
    line.chatwoot.connectBot({ url: line.webhookUrl, secret: line.secret });
    for (const name of ['pending', 'pending-too']) {
      await customer(name, 'What are your hours?');
      await line.chatwoot.idle();
      await seen('switchyard_jobs{queue="bot-replies",state="waiting"} == 0');
      await turnBot('off');
      await seen(
        `sum(switchyard_jobs_total{queue="handover",result="done"}) >= ${name === 'pending' ? 1 : 2}`,
      );
      await turnBot('on');
    }

    await redis.pause();
    await customer('spooled', 'hello');
    await seen('switchyard_spool_records > 0');
    await seen('switchyard_redis_up == 0');
    await redis.resume();
    await seen('switchyard_spool_records == 0');
    await seen('switchyard_jobs{queue="routing"}');
    await line.chatwoot.idle();
  }

  const dashboards = [...dashboardFiles()].map(([file, text]) => ({ file, ...parseDashboard(text) }));

  /**
   * A query has data when it finds series, and not only those that are no number. It may take a moment: a recorded
   * series comes after what it is made of, and a process that is busy may miss a scrape.
   */
  async function expectData(what: string, expr: string): Promise<void> {
    await vi.waitFor(
      async () => {
        const samples = await prometheus.query(expr);
        const data = samples.some(({ value }) => !Number.isNaN(value));
        expect({ what, expr, data }).toEqual({ what, expr, data: true });
      },
      { timeout: PATIENCE_MS, interval: 500 },
    );
  }

  test.each(dashboards)('has data for every panel of $file', async ({ panels, templating, annotations }) => {
    const values = templating.list.some(({ name }) => name === 'queue') ? QUEUES : [''];
    for (const queue of values) {
      for (const { title, targets = [] } of panels) {
        for (const { expr } of targets) await expectData(title, filledIn(expr, { queue, job: '.+' }));
      }
    }
    for (const { expr } of annotations.list) await expectData('alerts as marks', expr);
  });

  test('knows the values of every variable', async () => {
    const found: Record<string, unknown> = {};
    for (const { name, query } of dashboards.flatMap(({ templating }) => templating.list)) {
      const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query.query) ?? [];
      found[name] = await prometheus.api(
        `/api/v1/label/${label}/values?match[]=${encodeURIComponent(selector)}`,
      );
    }
    expect(found).toEqual({
      queue: expect.arrayContaining([...QUEUES, 'vip-alerts']),
      job: expect.arrayContaining([
        'ingress',
        'console',
        'healer',
        ...QUEUES.filter((one) => one !== 'handover'),
      ]),
    });
  });

  test('evaluates every rule without a fault, and finds the series that each reads', async () => {
    const { groups } = rulesSchema.parse(await prometheus.api('/api/v1/rules'));
    const faults = groups.flatMap(({ rules }) => rules).filter(({ health }) => health !== 'ok');
    expect(faults).toEqual([]);
    for (const rule of ruleGroups().flatMap(({ rules }) => rules)) {
      const name = rule.alert ?? rule.record ?? '';
      if (rule.record !== undefined) await expectData(name, rule.expr);
      for (const { text } of selectorsOf(rule.expr)) {
        // The bound of the bucket is one of two, and `up` is asked about jobs that this line has not.
        await expectData(name, `last_over_time(${text}[5m])`);
      }
    }
  });

  test('tells of the faults that were made, in words', async () => {
    const firing = await prometheus.query(
      'count by (alertname) (last_over_time(ALERTS{alertstate="firing"}[5m]))',
    );
    expect(firing.map(({ labels }) => labels.alertname)).toEqual(
      expect.arrayContaining([
        'BreakerOpen',
        'DeadJobsGrowing',
        'IngressRejecting',
        'QueueWithoutWorker',
        'RedisDown',
        'SpoolInUse',
      ]),
    );
    const { groups } = rulesSchema.parse(await prometheus.api('/api/v1/rules'));
    const words = groups.flatMap(({ rules }) =>
      rules.flatMap(({ alerts = [] }) => alerts.map((one) => one.annotations.summary)),
    );
    expect(words).toContainEqual('Jobs wait on vip-alerts and no worker is connected to it');
    expect(words.join('\n')).not.toMatch(/error expanding|<no value>|%!/);
  });
});
