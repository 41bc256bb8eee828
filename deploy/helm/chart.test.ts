import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  loadBotRepliesConfig,
  loadConsoleConfig,
  loadCrmSyncConfig,
  loadCustomWorkersConfig,
  loadHealerConfig,
  loadIngressConfig,
  loadRoutingConfig,
} from '@switchyard/config';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import {
  chartFolder,
  type KubernetesObject,
  lintChart,
  objectSchema,
  renderChart,
  renderNotes,
} from './testing-chart.ts';
import { ofKind, ruleFaults, type Workload, workloadsOf } from './testing-rules.ts';
import { schemaFaults } from './testing-schemas.ts';
import { least, valueSets } from './testing-values.ts';

const ROOT = join(import.meta.dirname, '../..');
const [, everything] = valueSets.find(([name]) => name === 'everything') ?? [];

/** What was rendered already, by the very values: Helm takes its time. */
const known = new Map<unknown, Promise<readonly KubernetesObject[]>>();
function render(values: unknown): Promise<readonly KubernetesObject[]> {
  const rendered = known.get(values) ?? renderChart(values);
  known.set(values, rendered);
  return rendered;
}

describe.each(valueSets)('with %s', (_, values) => {
  let objects: readonly KubernetesObject[] = [];
  beforeAll(async () => {
    objects = await render(values);
  });

  test('what belongs together fits together', () => {
    expect(ruleFaults(objects)).toEqual([]);
  });

  test('only variables that Switchyard or the user knows are set, and once each', async () => {
    const docs = await readFile(join(ROOT, 'docs/configuration.md'), 'utf8');
    const variables = new Set([...docs.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name));
    for (const { container, env } of workloadsOf(objects)) {
      const unknown = [...env.keys()].filter((name) => !variables.has(name) && name !== 'SUPPORT_SECRET');
      expect(unknown, container.name).toEqual([]);
      expect(env.size).toBe(container.env.length);
    }
  });

  test('all processes agree on the shards, and are killed only after their own time for a stop', () => {
    const workloads = workloadsOf(objects);
    expect(new Set(workloads.map(({ env }) => env.get('SHARDS')?.value)).size).toBe(1);
    for (const { env, spec } of workloads) {
      const stopMs = Number(env.get('SHUTDOWN_TIMEOUT_MS')?.value);
      expect(spec.template.spec.terminationGracePeriodSeconds * 1000).toBeGreaterThan(stopMs + 15_000);
    }
  });
});

test('every object is one that Kubernetes knows, down to each field', async () => {
  const rendered = await Promise.all(valueSets.map(([, values]) => render(values)));
  expect(await schemaFaults(rendered.flat())).toBe('');
}, 120_000);

test('the checks above see a wrong field, a missing one, and selectors and ports that lead nowhere', async () => {
  const spoilt = (await render(least)).map((object) => {
    const text = JSON.stringify(object);
    if (object.kind === 'ServiceAccount') return reparse(text.replace('automount', 'autoMount'));
    if (object.kind === 'StatefulSet') return reparse(text.replace('"serviceName"', '"service"'));
    if (object.kind !== 'Service') return object;
    return reparse(
      text.replace('"targetPort":"http"', '"targetPort":"web"').replaceAll('"console"', '"desk"'),
    );
  });
  const faults = await schemaFaults(spoilt);
  expect(faults).toContain(`'"autoMountServiceAccountToken"' does not exist`);
  expect(faults).toContain(`'"service"' does not exist`);
  expect(ruleFaults(spoilt)).toEqual([
    'StatefulSet line-switchyard-ingress has no Service undefined',
    'Service line-switchyard-console selects no pod',
    'Service line-switchyard-ingress: line-switchyard-ingress has no port web',
    'Service line-switchyard-ingress-replicas: line-switchyard-ingress has no port web',
  ]);
}, 120_000);

test('the linter has nothing to say', async () => {
  expect(await lintChart(everything)).toContain('0 chart(s) failed');
});

test('no secret is anywhere but in the Secret', async () => {
  const objects = await render(least);
  const elsewhere = JSON.stringify(objects.filter(({ kind }) => kind !== 'Secret'));
  for (const value of Object.values(least.secret.values)) expect(elsewhere).not.toContain(value);
  expect(await renderNotes(least)).not.toContain('a-redis-password');
});

test('each app gets the secrets it needs and no others', async () => {
  const names = ({ env }: Workload) =>
    [...env.values()].flatMap((each) => (each.valueFrom === undefined ? [] : [each.name]));
  const got = workloadsOf(await render(everything)).map((each) => [each.container.name, names(each)]);
  expect(Object.fromEntries(got)).toEqual({
    ingress: ['REDIS_URL', 'CHATWOOT_WEBHOOK_SECRET', 'CHATWOOT_UNSIGNED_TOKEN', 'SUPPORT_SECRET'],
    'crm-sync': ['REDIS_URL', 'CHATWOOT_API_TOKEN', 'CRM_API_KEY'],
    'bot-replies': ['REDIS_URL', 'CHATWOOT_API_TOKEN', 'CHATWOOT_BOT_TOKEN'],
    routing: ['REDIS_URL', 'CHATWOOT_API_TOKEN', 'CUSTOMERS_DATABASE_URL'],
    healer: ['REDIS_URL', 'CHATWOOT_API_TOKEN', 'CHATWOOT_BOT_TOKEN'],
    'custom-workers': ['REDIS_URL', 'CHATWOOT_API_TOKEN', 'CHATWOOT_BOT_TOKEN'],
    console: ['REDIS_URL', 'CONSOLE_PASSWORD'],
  });
});

test('with its environment and the mounted file, every app finds its configuration whole', async () => {
  const file = `
    import { defineConfig } from '@switchyard/config';
    export default defineConfig({
      bot: { rules: [{ when: { contains: 'hours' }, reply: 'Always.' }] },
      routing: { otherwise: { assign: { team: 'Standard support' } } },
      workers: { vip: { events: ['message_created'], steps: async () => {} } },
    });`;
  const values = {
    ...least,
    config: { file },
    environment: { ...least.environment, SHARDS: 3 },
    customWorkers: { enabled: true },
  };
  const objects = await render(values);
  await using mount = await mountConfig(objects);
  const loaders = {
    ingress: loadIngressConfig,
    'crm-sync': loadCrmSyncConfig,
    'bot-replies': loadBotRepliesConfig,
    routing: loadRoutingConfig,
    healer: loadHealerConfig,
    'custom-workers': loadCustomWorkersConfig,
    console: loadConsoleConfig,
  };
  const envs = new Map(
    workloadsOf(objects).map(({ container, env }) => [container.name, processEnv(objects, env, mount.path)]),
  );
  expect([...envs.keys()].toSorted()).toEqual(Object.keys(loaders).toSorted());
  for (const [app, load] of Object.entries(loaders)) {
    const config = await load({ env: envs.get(app) ?? {}, cwd: '/' });
    expect(config, app).toMatchObject({
      shards: 3,
      redisUrl: least.secret.values.REDIS_URL,
      adminPort: 9100,
    });
  }
});

test('the image runs what a pod asks it to run, from the folder that the config file is mounted under', async () => {
  const dockerfile = await readFile(join(ROOT, 'deploy/Dockerfile'), 'utf8');
  const start = await readFile(join(ROOT, 'deploy/app.sh'), 'utf8');
  expect(dockerfile).toMatch(/^ENTRYPOINT .*"switchyard-app"\]$/m);
  const apps = /^ *([a-z |-]+)\) main=\$root\/apps\/\$app\/main\.ts/m.exec(start)?.[1]?.split(' | ') ?? [];
  for (const { container } of workloadsOf(await render(everything))) {
    expect(apps).toContain(container.args.join(' '));
    expect(dockerfile).toContain(`\nCOPY apps/${container.name} apps/${container.name}\n`);
    const mounted = container.volumeMounts.find(({ name }) => name === 'config')?.mountPath ?? '';
    expect(dockerfile).toContain(`\nWORKDIR ${dirname(mounted)}\n`);
  }
});

test('a change of the config file or of a secret starts the pods anew, and nothing else of them changes', async () => {
  const checksums = async (values: unknown) =>
    workloadsOf(await render(values)).map(({ spec }) => spec.template.metadata.annotations);
  const before = await checksums(least);
  expect(await checksums({ ...least })).toEqual(before);
  const config = { file: `${least.config.file}// more` };
  const secret = { values: { ...least.secret.values, CRM_API_KEY: 'new' } };
  for (const [index, annotations] of (await checksums({ ...least, config, secret })).entries()) {
    expect(annotations['checksum/config']).not.toBe(before[index]?.['checksum/config']);
    expect(annotations['checksum/secret']).not.toBe(before[index]?.['checksum/secret']);
  }
});

test('each ingress has a spool of its own, which a scale-down or an uninstall leaves alone', async () => {
  const [ingress] = workloadsOf(ofKind(await render(least), 'StatefulSet'));
  expect(ingress?.spec.volumeClaimTemplates).toHaveLength(1);
  expect(ingress?.spec.persistentVolumeClaimRetentionPolicy).toEqual({
    whenDeleted: 'Retain',
    whenScaled: 'Retain',
  });
  const spool = ingress?.container.volumeMounts.find(({ name }) => name === 'spool');
  expect(ingress?.env.get('SPOOL_DIR')?.value).toContain(`${spool?.mountPath}/`);
});

test('workers are scaled by the lanes that wait too long, unless their target is away', async () => {
  const query = z.looseObject({
    triggers: z.array(z.looseObject({ metadata: z.looseObject({ query: z.string() }) })).length(1),
  });
  const objects = ofKind(await render(everything), 'ScaledObject');
  const queries = objects.map(({ spec }) => query.parse(spec).triggers[0]?.metadata.query ?? '');
  expect(queries).toHaveLength(5);
  for (const gauge of ['lanes', 'oldest_waiting_seconds', 'breaker_open', 'queue_paused']) {
    for (const each of queries) expect(each).toContain(`switchyard_${gauge}{queue="`);
  }
  expect(queries.filter((each) => each.includes('queue="satisfaction",namespace="desk"'))).toHaveLength(1);
  const deployments = ofKind(await render(everything), 'Deployment');
  const fixed = deployments.filter(({ spec }) => z.looseObject({}).parse(spec).replicas !== undefined);
  expect(fixed.map(({ metadata }) => metadata.name)).toEqual(['line-switchyard-console']);
});

test('the alerts are those of deploy/prometheus/rules.yml', async () => {
  const source = await readFile(join(ROOT, 'deploy/prometheus/rules.yml'), 'utf8');
  const copy = await readFile(join(chartFolder, 'files/rules.yml'), 'utf8');
  // A chart follows no link out of its folder.
  const remedy = 'cp deploy/prometheus/rules.yml deploy/helm/switchyard/files/';
  expect(copy === source, remedy).toBe(true);
  const [rule] = ofKind(await render(everything), 'PrometheusRule');
  expect(rule?.spec).toEqual(parse(source));
});

test.each<[string, object, RegExp]>([
  ['no image', { ...least, image: {} }, /image\.repository: where is the image/],
  ['no config', { ...least, config: {} }, /config\.file: give your config file with --set-file/],
  ['no Redis', { ...least, secret: {} }, /secret: name a Secret of your own/],
  ['an unknown value', { ...least, botReplies: { replica: 2 } }, /'replica' not allowed/],
  ['shards in words', { ...least, environment: { SHARDS: 'two' } }, /SHARDS': got string, want integer/],
  ['an address without a scheme', { ...least, environment: { CRM_URL: 'crm' } }, /CRM_URL'/],
  [
    'a short password',
    { ...least, secret: { values: { ...least.secret.values, CONSOLE_PASSWORD: 'short' } } },
    /CONSOLE_PASSWORD: at least 12 characters/,
  ],
  [
    'egress to nowhere',
    { ...least, networkPolicy: { egress: { restrict: true } } },
    /networkPolicy\.egress\.redis/,
  ],
  [
    'autoscaling by nothing',
    { ...least, autoscaling: { enabled: true } },
    /autoscaling\.prometheusAddress: where/,
  ],
])('refuses %s, and says what to do', async (_, values, words) => {
  await expect(render(values)).rejects.toThrow(words);
});

function reparse(text: string): KubernetesObject {
  return objectSchema.parse(JSON.parse(text));
}

/** The process's environment, as the kubelet makes it from the pod and the Secret. */
function processEnv(objects: readonly KubernetesObject[], env: Workload['env'], mounted: string) {
  const [secret] = ofKind(objects, 'Secret');
  const data = z.record(z.string(), z.string()).parse(secret?.data);
  return Object.fromEntries(
    [...env.values()].map(({ name, value, valueFrom }) => {
      const encoded = data[valueFrom?.secretKeyRef.key ?? ''];
      const secretValue = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString();
      const text = value ?? secretValue;
      return [name, name === 'SWITCHYARD_CONFIG' ? join(mounted, basename(text ?? '')) : text];
    }),
  );
}

/** The ConfigMap as the kubelet mounts it: links, through a folder of the day, in a folder below the image's root. */
async function mountConfig(objects: readonly KubernetesObject[]) {
  const [map] = ofKind(objects, 'ConfigMap');
  const data = z.record(z.string(), z.string()).parse(map?.data);
  await mkdir(join(ROOT, '.cache'), { recursive: true });
  const path = await mkdtemp(join(ROOT, '.cache/chart-config-'));
  await mkdir(join(path, '..2026_01_02_03_04_05.6'));
  await symlink('..2026_01_02_03_04_05.6', join(path, '..data'));
  for (const [name, text] of Object.entries(data)) {
    await writeFile(join(path, '..data', name), text);
    await symlink(join('..data', name), join(path, name));
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
