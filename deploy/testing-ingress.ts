import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:https';
import { join } from 'node:path';
import { fixture, freePort, type RunningProcess, startProcess } from '@switchyard/testkit';

const SECRET = 'hG7kQ2mVx9RtYb4LnWc8ZpDs';
/** Chatwoot waits five seconds (contract §1.4). */
const LIMIT_MS = 5_000;
const { raw } = fixture('message_created');

/** An ingress like a container of compose: it keeps its port and its spool when it is started anew. */
export interface RolledIngress {
  readonly port: number;
  isReady(): Promise<boolean>;
  /** Told to stop, and started when it has gone; as `up --force-recreate` does. */
  recreate(): Promise<void>;
  close(): Promise<void>;
}

export async function startIngress(folder: string, redisUrl: string): Promise<RolledIngress> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const readyUrl = `http://127.0.0.1:${adminPort}/readyz`;
  const start = () =>
    startProcess({
      name: 'ingress',
      command: process.execPath,
      args: [join(import.meta.dirname, '../apps/ingress/main.ts')],
      readyUrl,
      env: {
        PATH: process.env.PATH,
        REDIS_URL: redisUrl,
        CHATWOOT_WEBHOOK_SECRET: SECRET,
        TRUST_PROXY: '127.0.0.1',
        HOST: '127.0.0.1',
        PORT: String(port),
        ADMIN_PORT: String(adminPort),
        SPOOL_DIR: join(folder, `spool-${port}`),
        LOG_LEVEL: 'warn',
      },
    });
  let running: RunningProcess = await start();
  return {
    port,
    isReady: () =>
      fetch(readyUrl).then(
        ({ ok }) => ok,
        () => false,
      ),
    async recreate() {
      await running.stop('SIGTERM', 40_000);
      running = await start();
    },
    close: async () => void (await running.stop('SIGKILL')),
  };
}

/** Sends one signed delivery by TLS; resolves with its status, or with what went wrong. */
export function deliver(port: number, number: number): Promise<string> {
  const body = raw.replace(/"id":\s*\d+/, `"id":${number}`);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
  return new Promise((resolve) => {
    const asking = request(
      {
        port,
        host: '127.0.0.1',
        servername: 'localhost',
        path: '/webhooks/chatwoot',
        method: 'POST',
        agent: false,
        timeout: LIMIT_MS,
        rejectUnauthorized: false,
        headers: {
          host: 'localhost',
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'x-chatwoot-delivery': randomUUID(),
          'x-chatwoot-timestamp': timestamp,
          'x-chatwoot-signature': `sha256=${signature}`,
        },
      },
      (answer) => {
        answer.resume();
        resolve(String(answer.statusCode));
      },
    );
    asking.on('timeout', () => asking.destroy(new Error('no answer within five seconds')));
    asking.on('error', (error) => resolve(error.message));
    asking.end(body);
  });
}
