import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeChatwoot, type FakeChatwootOptions, startFakeChatwoot } from './fake-chatwoot/index.ts';
import { versions } from './fake-chatwoot/versions.ts';
import { type FakeCrm, startFakeCrm } from './fake-crm/index.ts';
import { freePort } from './services/ports.ts';
import { type RunningProcess, startProcess } from './services/processes.ts';

const ROOT = join(import.meta.dirname, '../..');
const SECRET = 'hG7kQ2mVx9RtYb4LnWc8ZpDs';
const PATH_TOKEN = 'v3Jt8KqLw5Zr2NxYb7Hc4PdMf9Gs6TaE';

export type AppName =
  | 'ingress'
  | 'crm-sync'
  | 'bot-replies'
  | 'routing'
  | 'healer'
  | 'custom-workers'
  | 'console';

export interface LineOptions {
  readonly redisUrl: string;
  readonly postgresUrl: string;
  readonly chatwoot?: FakeChatwootOptions;
  /** On top of what every app of the line gets. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface App extends RunningProcess {
  readonly adminUrl: string;
}

/** The apps as real processes, between a pretend Chatwoot that posts its webhooks to them and a pretend CRM. */
export interface Line {
  readonly chatwoot: FakeChatwoot;
  readonly crm: FakeCrm;
  readonly webhookUrl: string;
  readonly secret: string;
  /** Starts one more process of an app and waits until it is ready. The ingress has one address, so one process. */
  start(app: AppName, env?: Readonly<Record<string, string>>): Promise<App>;
  /** Stops what runs, then removes what was written. */
  close(): Promise<void>;
}

/**
 * Lays the line; no app runs until it is started. A Chatwoot that does not sign its webhooks gets the address with a
 * token, as `connect` gives it.
 */
export async function layLine(options: LineOptions): Promise<Line> {
  const chatwoot = await startFakeChatwoot(options.chatwoot);
  const crm = await startFakeCrm();
  const spoolDir = await mkdtemp(join(tmpdir(), 'switchyard-line-'));
  const port = await freePort();
  const signs = signsWebhooks(options.chatwoot);
  const webhookUrl = `http://127.0.0.1:${port}/webhooks/chatwoot${signs ? '' : `/unsigned/${PATH_TOKEN}`}`;
  chatwoot.addWebhook({ url: webhookUrl, secret: SECRET });
  const running: App[] = [];

  return {
    chatwoot,
    crm,
    webhookUrl,
    secret: SECRET,
    async start(name, env = {}) {
      const adminPort = await freePort();
      const adminUrl = `http://127.0.0.1:${adminPort}`;
      const started = await startProcess({
        name,
        command: process.execPath,
        args: [join(ROOT, 'apps', name, 'main.ts')],
        cwd: ROOT,
        readyUrl: `${adminUrl}/readyz`,
        env: {
          PATH: process.env.PATH,
          REDIS_URL: options.redisUrl,
          CUSTOMERS_DATABASE_URL: options.postgresUrl,
          CHATWOOT_BASE_URL: chatwoot.url,
          CHATWOOT_API_TOKEN: chatwoot.tokens.administrator,
          CHATWOOT_BOT_TOKEN: chatwoot.tokens.bot,
          CHATWOOT_WEBHOOK_SECRET: SECRET,
          ...(signs ? {} : { CHATWOOT_UNSIGNED_TOKEN: PATH_TOKEN }),
          CRM_URL: `${crm.url}/leads`,
          CRM_API_KEY: crm.apiKey,
          HOST: '127.0.0.1',
          PORT: String(port),
          ADMIN_PORT: String(adminPort),
          SPOOL_DIR: spoolDir,
          CONSOLE_AUTH: 'none',
          CONSOLE_PORT: String(await freePort()),
          ...options.env,
          ...env,
        },
      });
      const app = { ...started, adminUrl };
      running.push(app);
      return app;
    },
    async close() {
      await Promise.all(running.map((app) => app.stop()));
      await chatwoot.close();
      await crm.close();
      await rm(spoolDir, { recursive: true, force: true });
    },
  };
}

function signsWebhooks({ version = '4.16', habits }: FakeChatwootOptions = {}): boolean {
  return habits?.signedWebhooks ?? versions[version].signedWebhooks;
}
