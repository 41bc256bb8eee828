import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const service = z.looseObject({
  image: z.string(),
  restart: z.string(),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.array(z.string()),
  mem_limit: z.string(),
  logging: z.object({ options: z.object({ 'max-size': z.string() }) }),
  healthcheck: z.object({ test: z.array(z.string()) }),
  ports: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string().nullable()).default({}),
  volumes: z.array(z.string()).default([]),
  stop_grace_period: z.string().optional(),
  networks: z.union([z.array(z.string()), z.record(z.string(), z.unknown()).transform(Object.keys)]),
});
const compose = z
  .object({ services: z.record(z.string(), service) })
  .parse(parse(read('docker-compose.yml'), { merge: true }));
const services = Object.entries(compose.services);
const apps = [
  'ingress',
  'ingress-standby',
  'crm-sync',
  'bot-replies',
  'routing',
  'healer',
  'custom-workers',
  'console',
];

test('has the services that an installation needs', () => {
  const needed = [...apps, 'redis', 'postgres', 'prometheus', 'alertmanager', 'grafana', 'caddy', 'demo'];
  expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(needed));
  const byDefault = services.filter(([, { profiles }]) => profiles.length === 0).map(([name]) => name);
  expect(byDefault).not.toContain('demo');
});

test('every service is hardened, limited, watched and started again', () => {
  for (const [name, each] of services) {
    // The command line is run by hand and ends.
    const isTool = each.profiles.includes('tools');
    expect(each.restart, name).toBe(isTool ? 'no' : 'unless-stopped');
    expect(each.healthcheck.test[0], name).toMatch(isTool ? 'NONE' : /^CMD(-SHELL)?$/);
    expect(each.security_opt, name).toContain('no-new-privileges:true');
    expect(each.mem_limit, name).toMatch(/^\d+[mg]$/);
    expect(each, name).not.toHaveProperty('container_name');
    expect(each, name).not.toHaveProperty('privileged');
  }
});

test('every image is pinned to a version', () => {
  for (const [name, { image }] of services)
    expect(image, name).toMatch(/:(v?\d+\.\d+|\$\{SWITCHYARD_VERSION:-\d)/);
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(read('package.json')));
  expect(compose.services.ingress?.image).toBe(`switchyard:\${SWITCHYARD_VERSION:-${version}}`);
});

test('the image is built once, by the ingress, or by the command line where nothing is up yet', () => {
  const { services: raw } = z
    .object({ services: z.record(z.string(), z.looseObject({ image: z.string() })) })
    .parse(parse(read('docker-compose.yml'), { merge: true }));
  const builders = Object.entries(raw).filter(
    ([, each]) => each.image.startsWith('switchyard:') && each.build !== undefined,
  );
  expect(builders.map(([name]) => name)).toEqual(['ingress', 'switchyard']);
  expect(compose.services.switchyard?.profiles).toEqual(['tools']);
});

test('no variable stands in the default of another, which docker-compose 1.29 takes for text', () => {
  expect(read('docker-compose.yml')).not.toMatch(/\$\{[^}]*\$\{|:\+/);
});

describe('whom the ingress believes about addresses', () => {
  test.each([
    ['nobody', {}, ''],
    [
      "Docker's networks, where Caddy is before it",
      { SWITCHYARD_DOMAIN: 'a.example' },
      '172.16.0.0/12,192.168.0.0/16',
    ],
    ['whom the operator names', { SWITCHYARD_DOMAIN: 'a.example', TRUST_PROXY: '10.0.0.9' }, '10.0.0.9'],
  ])('is %s', (_who, env, expected) => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-app-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'app.sh'), read('deploy/app.sh').replace('root=/app\n', `root='${root}'\n`));
    writeFileSync(join(folder, 'node'), '#!/bin/sh\nprintenv TRUST_PROXY\n', { mode: 0o755 });
    const { stdout } = spawnSync('sh', [join(folder, 'app.sh'), 'ingress'], {
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env.PATH}`, ...env },
    });
    expect(stdout.trim()).toBe(expected);
    expect(Object.keys(compose.services.ingress?.environment ?? {})).toEqual(
      expect.arrayContaining(['TRUST_PROXY', 'SWITCHYARD_DOMAIN']),
    );
  });
});

describe("the operator's own files", () => {
  const git = (...args: readonly string[]) =>
    spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout.trim();

  test('are none that a version of Switchyard has, so that any version can be checked out over them', () => {
    const own = [
      'config/switchyard.config.ts',
      'config/rules/ours.ts',
      'config/alertmanager/alertmanager.yml',
      'deploy/alertmanager/secrets/slack-url',
      'docker-compose.override.yml',
      '.env',
    ];
    expect(git('check-ignore', ...own).split('\n')).toEqual(own);
    const tracked = git('ls-files', 'config').split('\n');
    expect(tracked.filter((path) => !/^$|\/(README\.md|\.gitignore)$/.test(path))).toEqual([]);
  });

  test('are mounted into every app, and into Alertmanager', () => {
    for (const name of [...apps, 'switchyard'])
      expect(compose.services[name]?.volumes, name).toContain('./config:/app/config:ro');
    expect(compose.services.alertmanager?.volumes).toContain(
      './config/alertmanager:/etc/alertmanager-own:ro',
    );
  });

  test("Alertmanager goes by the operator's file, and by the one that is delivered where there is none", () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-alertmanager-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const script = read('deploy/alertmanager/start.sh')
      .replaceAll('/etc/alertmanager-own', folder)
      .replace('exec /bin/alertmanager', 'echo');
    const start = () => spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout;
    expect(start()).toContain('--config.file=/etc/alertmanager/alertmanager.yml ');
    writeFileSync(join(folder, 'alertmanager.yml'), '');
    expect(start()).toContain(`--config.file=${folder}/alertmanager.yml `);
  });
});

test('every file that is mounted is there, and a start script can be run', () => {
  for (const [name, { volumes }] of services) {
    const mounted = volumes
      .map((volume) => volume.split(':')[0] ?? '')
      .filter((source) => source.startsWith('./'));
    for (const source of mounted) {
      // Docker would make an empty folder of that name, and say nothing.
      expect(existsSync(join(root, source)), `${name}: ${source}`).toBe(true);
      if (source.endsWith('.sh') && !source.endsWith('credentials.sh')) {
        expect(() => accessSync(join(root, source), constants.X_OK), source).not.toThrow();
      }
    }
  }
});

test('only the ingress and Caddy can be reached from other machines', () => {
  for (const [name, { ports }] of services) {
    const open = ports.filter((port) => !port.startsWith('127.0.0.1:'));
    if (name !== 'ingress' && name !== 'caddy') expect(open, name).toEqual([]);
  }
  for (const name of ['crm-sync', 'bot-replies', 'routing', 'healer', 'custom-workers', 'redis', 'postgres'])
    expect(compose.services[name]?.ports, name).toEqual([]);
});

test('Redis and the database are on networks that lead nowhere', () => {
  const networks = z
    .object({ networks: z.record(z.string(), z.object({ internal: z.boolean() }).nullable()) })
    .parse(parse(read('docker-compose.yml'))).networks;
  for (const name of ['redis', 'postgres'])
    for (const network of compose.services[name]?.networks ?? [])
      expect(networks[network]?.internal, `${name}: ${network}`).toBe(true);
});

test('an app has longer to stop than it takes for itself', () => {
  for (const name of apps) expect(compose.services[name]?.stop_grace_period, name).toBe('40s');
  expect(environmentTable()).toContain('| `SHUTDOWN_TIMEOUT_MS` | `25000` |');
});

test('.env.example has every variable that can be set, and a value for none of them', () => {
  const example = read('.env.example');
  const passedOn = services.flatMap(([, { environment }]) =>
    Object.entries(environment).flatMap(([name, value]) => (value === null ? [name] : [])),
  );
  const interpolated = [...read('docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g)].map(
    ([, name = '']) => name,
  );
  const documented = [...example.matchAll(/^# ([A-Z_]+)=/gm)].map(([, name = '']) => name);
  expect(documented).toEqual([...new Set(documented)]);
  // Compose's own.
  const own = ['COMPOSE_PROFILES', 'COMPOSE_PROJECT_NAME'];
  expect(documented.filter((name) => !own.includes(name)).toSorted()).toEqual(
    [...new Set([...passedOn, ...interpolated])].toSorted(),
  );
  expect(example.match(/^[^#\n].*$/gm)).toBeNull();
});

test('every variable that an app reads can be set, or is settled by the containers', () => {
  const settled = [
    'SWITCHYARD_CONFIG',
    'HOST',
    'PORT',
    'ADMIN_HOST',
    'ADMIN_PORT',
    'SPOOL_DIR',
    'CONSOLE_HOST',
    'CONSOLE_PORT',
  ];
  // Of these the ones for everything are passed on; the ones for traces alone go into an override file.
  const special = /^OTEL_(SDK_DISABLED|SERVICE_NAME|RESOURCE_ATTRIBUTES|EXPORTER_OTLP_(TRACES_|PROTOCOL))/;
  const known = [...environmentTable().matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name = '']) => name);
  expect(known).toContain('REDIS_URL');
  const passed = services.flatMap(([, { environment }]) => Object.keys(environment));
  expect(
    known.filter((name) => !settled.includes(name) && !special.test(name) && !passed.includes(name)),
  ).toEqual([]);
});

test('Redis keeps what was acknowledged, and stays below the limit of its container', () => {
  const settings = new Map(
    read('deploy/redis/redis.conf')
      .split('\n')
      .filter((line) => /^[a-z]/.test(line))
      .map((line): [string, string] => [line.split(' ')[0] ?? '', line.split(' ').slice(1).join(' ')]),
  );
  expect(settings.get('appendonly')).toBe('yes');
  expect(settings.get('appendfsync')).toBe('always');
  expect(settings.get('maxmemory-policy')).toBe('noeviction');
  expect(settings.get('maxmemory')).toBe('512mb');
  expect(compose.services.redis?.mem_limit).toBe('1g');
});

test('the sample database has the customers of the demo', () => {
  const rows = read('deploy/postgres/customers.sh');
  const customers = read('apps/sandbox/customers.ts');
  for (const [, email = '', tier = ''] of rows.matchAll(/\('([^']+@[^']+)', '([a-z]+)'/g)) {
    const customer = customers.split('  {').find((part) => part.includes(`email: '${email}'`));
    expect(customer, email).toContain(`tier: '${tier}'`);
  }
  expect(rows.match(/@/g)).toHaveLength(customers.match(/tier: '\w+',/g)?.length ?? 0);
});

/** The generated list of what apps read. */
function environmentTable(): string {
  const [, table = ''] = read('docs/configuration.md').split('<!-- table: environment -->');
  return table.split('<!-- end -->')[0] ?? '';
}

test('docs/deployment.md says what does not hold without a word: a restart, a doctor without an address', () => {
  const text = read('docs/deployment.md');
  expect(text).not.toMatch(/docker compose restart (ingress|crm-sync)/);
  for (const [line] of text.matchAll(/^.*switchyard doctor .*$/gm)) expect(line).toContain('--url https://');
  expect(text).toContain('`docker compose restart` does not read `.env` again');
});
