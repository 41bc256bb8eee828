import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { type DockerAnswer, pretendDocker } from './testing-docker.ts';

const run = promisify(execFile);
const workers = ['crm-sync', 'bot-replies', 'routing', 'healer', 'console'];
const withTls = ['ingress', 'ingress-standby', ...workers, 'redis', 'prometheus', 'alertmanager', 'caddy'];

interface Situation {
  readonly services?: readonly string[];
  readonly unhealthy?: readonly string[];
  readonly image?: boolean;
  readonly running?: boolean;
}

test('the ingress that stands by goes first, the other one when that is healthy, then all the rest', async () => {
  const { changes, code } = await roll();
  expect(code).toBe(0);
  expect(changes).toEqual([
    `${RENEW} ingress-standby`,
    `${RENEW} ingress`,
    `${RENEW} ${workers.join(' ')}`,
    'compose up --detach --no-build',
    'compose kill -s USR1 caddy',
    'compose kill -s HUP prometheus',
    'compose kill -s HUP alertmanager',
  ]);
});

test('no ingress is touched before the one before it was seen healthy', async () => {
  const { commands } = await roll();
  const at = (command: string) => commands.lastIndexOf(command);
  const looked = commands.indexOf('inspect --format {{.State.Health.Status}} ingress-standby');
  expect(looked).toBeGreaterThan(at(`${RENEW} ingress-standby`));
  expect(looked).toBeLessThan(at(`${RENEW} ingress`));
});

test('a standby that does not become healthy ends it, and the ingress that takes webhooks is left alone', async () => {
  const { changes, code, said } = await roll({ unhealthy: ['ingress-standby'] });
  expect(code).toBe(1);
  expect(changes).toEqual([`${RENEW} ingress-standby`]);
  expect(said).toContain('ingress-standby is not healthy after 0 s, so nothing else was touched');
});

test('an ingress that is unwell goes first, since the other one has the webhooks', async () => {
  const { changes, code } = await roll({ unhealthy: ['ingress'] });
  expect(code).toBe(1);
  expect(changes).toEqual([`${RENEW} ingress`]);
});

test('workers of your own and the standby go along, with new rules as the others have them', async () => {
  const { changes } = await roll({ services: [...withTls, 'custom-workers'] });
  expect(changes).toContain(`${RENEW} crm-sync bot-replies routing healer custom-workers console`);
  expect(changes[0]).toBe(`${RENEW} ingress-standby`);
});

test('the image of an upgrade is built before anything is stopped, that of a rollback is there', async () => {
  expect((await roll({ image: false })).changes.slice(0, 2)).toEqual([
    'compose build',
    `${RENEW} ingress-standby`,
  ]);
  expect((await roll()).changes).not.toContain('compose build');
  expect((await roll({}, ['--build'])).changes[0]).toBe('compose build');
});

test('without the profile tls it says what is lost, and starts only what there is', async () => {
  const { changes, said } = await roll({ services: ['ingress', ...workers, 'redis'] });
  expect(said).toContain('webhooks that come in the next seconds are lost');
  expect(changes[0]).toBe(`${RENEW} ingress`);
  expect(changes.join(' ')).not.toMatch(/standby|caddy|custom-workers/);
});

test('an ingress without workers is not taken for everything there is', async () => {
  const { changes } = await roll({ services: ['ingress', 'redis'] });
  expect(changes).toEqual([`${RENEW} ingress`, 'compose up --detach --no-build']);
});

test('where nothing runs yet, everything is started', async () => {
  expect((await roll({ running: false })).changes).toEqual(['compose up --detach --no-build']);
});

const RENEW = 'compose up --detach --no-build --no-deps --force-recreate';

/** Runs deploy/roll.sh; `changes` are the commands that change something. */
async function roll(situation: Situation = {}, args: readonly string[] = []) {
  const docker = await pretendDocker((command) => answerOf(command, situation));
  onTestFinished(() => docker.close());
  const { code, said } = await run('sh', [join(import.meta.dirname, 'roll.sh'), ...args], {
    env: { PATH: `${docker.path}:${process.env.PATH}`, HEALTHY_SECONDS: '0' },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    (error: unknown) => ({
      code: Number(Reflect.get(Object(error), 'code')),
      said: `${Reflect.get(Object(error), 'stdout')}${Reflect.get(Object(error), 'stderr')}`,
    }),
  );
  const changes = docker.commands.filter((command) =>
    /^compose (up|build|kill|restart|stop|rm)/.test(command),
  );
  return { code, said, changes, commands: docker.commands };
}

function answerOf(command: string, situation: Situation): DockerAnswer {
  const { services = withTls, unhealthy = [], image = true, running = true } = situation;
  if (command === 'compose config --services') return { stdout: `${services.join('\n')}\n` };
  if (command === 'compose config') return { stdout: '    image: switchyard:9.9.9\n' };
  if (command.startsWith('image inspect')) {
    expect(command).toBe('image inspect switchyard:9.9.9');
    return { code: image ? 0 : 1 };
  }
  const [, asked] = /^compose ps -q (\S+)$/.exec(command) ?? [];
  if (asked !== undefined) return { stdout: running ? `${asked}\n` : '' };
  const [, id] = /^inspect .* (\S+)$/.exec(command) ?? [];
  if (id !== undefined) return { stdout: `${unhealthy.includes(id) ? 'starting' : 'healthy'}\n` };
  return {};
}
