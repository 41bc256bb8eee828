import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { emptyRedis, findCaddy } from '@switchyard/testkit';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { startCaddy } from './caddy/testing-caddy.ts';
import { pretendDocker } from './testing-docker.ts';
import { deliver, startIngress } from './testing-ingress.ts';
import { programOrNull } from './testing-programs.ts';

const run = promisify(execFile);
const caddy = await programOrNull('Caddy', () => findCaddy());

describe.skipIf(caddy === null)('two ingresses behind a real Caddy', () => {
  test('deploy/roll.sh starts both anew, and no delivery meanwhile fails', async () => {
    const line = await begin();
    const { statuses } = await deliverDuring(line.port, line.roll());
    expect(line.started).toEqual(['ingress-standby', 'ingress']);
    expect(statuses.length).toBeGreaterThan(50);
    expect(statuses.filter((status) => status !== '200')).toEqual([]);
  }, 180_000);

  test('a delivery fails while both are away, as `up` alone has them', async () => {
    const line = await begin();
    expect(await deliver(line.port, 1)).toBe('200');
    await line.stopBoth();
    expect(await deliver(line.port, 2)).not.toBe('200');
  }, 180_000);
});

async function begin() {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-roll-'));
  const redisUrl = await emptyRedis(inject('redisUrl'));
  const ingresses = new Map([
    ['ingress', await startIngress(folder, redisUrl)],
    ['ingress-standby', await startIngress(folder, redisUrl)],
  ]);
  const ports = [...ingresses.values()].map(({ port }) => port);
  const server = await startCaddy(ports, { memory: '400MiB', files: 2048, oldKeepsAll: true });
  const started: string[] = [];
  const docker = await pretendDocker(async (command) => {
    if (command === 'compose config --services') return { stdout: [...ingresses.keys(), 'caddy'].join('\n') };
    const [, asked] = /^compose ps -q (\S+)$/.exec(command) ?? [];
    if (asked !== undefined) return { stdout: asked };
    const [, id = ''] = /^inspect .* (\S+)$/.exec(command) ?? [];
    const looked = ingresses.get(id);
    if (looked !== undefined) return { stdout: (await looked.isReady()) ? 'healthy' : 'starting' };
    const [, renewed = ''] = /--force-recreate (\S+)$/.exec(command) ?? [];
    const ingress = ingresses.get(renewed);
    if (ingress === undefined) return {};
    started.push(renewed);
    await ingress.recreate();
    return {};
  });
  onTestFinished(async () => {
    await docker.close();
    await server.close();
    await Promise.all([...ingresses.values()].map((each) => each.close()));
    await rm(folder, { recursive: true, force: true });
  });
  return {
    port: server.port,
    started,
    roll: () =>
      run('sh', [join(import.meta.dirname, 'roll.sh')], {
        env: { PATH: `${docker.path}:${process.env.PATH}` },
      }),
    stopBoth: () => Promise.all([...ingresses.values()].map((each) => each.close())),
  };
}

/** One after another, so that Caddy 2.6, which shares what it keeps of a body, has nobody to share it with. */
async function deliverDuring(
  port: number,
  work: Promise<unknown>,
): Promise<{ readonly statuses: readonly string[] }> {
  const statuses: string[] = [];
  let over = false;
  const ended = work.finally(() => {
    over = true;
  });
  let number = 1_000_000;
  while (!over) {
    number += 1;
    statuses.push(await deliver(port, number));
  }
  await ended;
  return { statuses };
}
