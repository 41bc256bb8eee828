import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type RunningProcess, startProcess } from '@switchyard/testkit';

export const SECRET = 'hG7kQ2mVx9RtYb4LnWc8ZpDs';

/** A real ingress as a process, with the limits it is shipped with unless told otherwise. */
export interface Besieged {
  readonly port: number;
  readonly adminPort: number;
  readonly process: RunningProcess;
  /** Resident memory now, megabytes. */
  memory(): Promise<number>;
  /** Processor time so far, seconds. */
  cpuSeconds(): Promise<number>;
  close(): Promise<void>;
}

export async function besiege(
  redisUrl: string,
  ingress: Readonly<Record<string, unknown>> = {},
): Promise<Besieged> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-hostile-'));
  const config = join(folder, 'switchyard.config.json');
  const bot = { rules: [{ when: { any: ['x'] }, reply: 'y' }] };
  await writeFile(config, JSON.stringify({ ingress, bot }));
  const [port, adminPort] = [await freePort(), await freePort()];
  const running = await startProcess({
    name: 'ingress',
    command: process.execPath,
    args: [join(import.meta.dirname, '../../apps/ingress/main.ts')],
    readyUrl: `http://127.0.0.1:${adminPort}/readyz`,
    env: {
      PATH: process.env.PATH,
      REDIS_URL: redisUrl,
      CHATWOOT_WEBHOOK_SECRET: SECRET,
      SWITCHYARD_CONFIG: config,
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      SPOOL_DIR: join(folder, 'spool'),
      LOG_LEVEL: 'warn',
    },
  });
  async function figure(name: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
    return Number(new RegExp(`^switchyard_${name} (\\S+)`, 'm').exec(text)?.[1]);
  }
  return {
    port,
    adminPort,
    process: running,
    memory: async () => (await figure('process_resident_memory_bytes')) / 1024 / 1024,
    cpuSeconds: () => figure('process_cpu_seconds_total'),
    async close() {
      await running.stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
