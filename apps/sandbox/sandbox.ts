import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createQueueMonitor } from '@switchyard/jobs';
import {
  type Environment,
  freePort,
  seedCustomers,
  startFakeChatwoot,
  startFakeCrm,
  startPostgres,
  startRedis,
} from '@switchyard/testkit';
import { appEnvironment, configFile } from './app-environment.ts';
import { type AppProcess, startAppProcess } from './app-process.ts';
import { Board } from './board.ts';
import { customerRows, customers } from './customers.ts';
import { DeliveryLog } from './delivery-log.ts';
import { createExperiments } from './experiments.ts';
import { LogTail } from './log-tail.ts';
import type { Opened } from './opened.ts';
import { startPageServer } from './page-server.ts';
import { watchQueues } from './queue-watch.ts';
import { serviceView } from './service-view.ts';
import type { Step } from './steps.ts';
import { tellStory } from './story.ts';
import { startWireTap } from './wire-tap.ts';

export interface SandboxOptions {
  readonly root: string;
  readonly env: Environment;
  /** null: 4300, or a free one when that is taken. */
  readonly port: number | null;
  /** Where the apps' lines are printed as well; null for nowhere. */
  readonly verboseTo: NodeJS.WriteStream | null;
  readonly step: Step;
  /** Takes what is opened, also when the start fails half-way. */
  readonly opened: Opened;
  readonly signal: AbortSignal;
}

const workers = ['crm-sync', 'bot-replies', 'routing', 'healer'];
const usualPort = 4300;

/** Starts the whole line and its page, and returns the page's address. */
export async function startSandbox(options: SandboxOptions): Promise<{ readonly url: string }> {
  const { root, env, step, opened, signal } = options;
  const board = new Board();
  opened.add('board', () => board.close());
  const deliveries = new DeliveryLog(board);
  const logs = new LogTail(board, (news) => deliveries.job(news), options.verboseTo);

  const spoolDir = await temporaryFolder(opened);
  // Servers of our own, whatever REDIS_URL says: the visitor will kill them.
  const redis = await step('Redis', async () => {
    const result = await startRedis({ owned: true, env });
    opened.add('Redis', () => result.close());
    return { result, detail: result.label };
  });
  const database = await step('Postgres', async () => {
    const result = await startPostgres({ owned: true, env });
    opened.add('Postgres', () => result.close());
    await seedCustomers(result.url, customerRows);
    return { result, detail: `${result.label}, ${customerRows.length} customers` };
  });
  const crm = await step('CRM', async () => {
    const result = await startFakeCrm();
    opened.add('CRM', () => result.close());
    return { result, detail: `pretend, ${result.url}` };
  });
  const ingressPort = await freePort();
  const tap = await startWireTap({ port: ingressPort }, (passing) => deliveries.pass(passing));
  opened.add('wire tap', () => tap.close());
  const webhookUrl = `${tap.url}/webhooks/chatwoot`;
  const { chatwoot, webhookSecret } = await step('Chatwoot', async () => {
    const fake = await startFakeChatwoot();
    opened.add('Chatwoot', () => fake.close());
    const { secret } = fake.addWebhook({ url: webhookUrl });
    // Nobody is at their desk: an agent who is assigned takes over, and the bot would rightly fall silent.
    for (const agent of [fake.ids.agent, fake.ids.secondAgent]) fake.setAvailability(agent, 'offline');
    return { result: { chatwoot: fake, webhookSecret: secret }, detail: `pretend, ${fake.url}` };
  });

  const appEnv = appEnvironment(env, {
    root,
    redisUrl: redis.url,
    databaseUrl: database.url,
    chatwootUrl: chatwoot.url,
    apiToken: chatwoot.tokens.administrator,
    botToken: chatwoot.tokens.bot,
    webhookSecret,
    crmUrl: `${crm.url}/leads`,
    crmApiKey: crm.apiKey,
    spoolDir,
    ingressPort,
  });
  const startApp = async (name: string) => {
    const adminPort = await freePort();
    const app = startAppProcess({
      name,
      root,
      env: { ...appEnv, ADMIN_PORT: String(adminPort) },
      adminPort,
      board,
      logs,
    });
    return app;
  };
  showServices(board, { Redis: redis.label, Postgres: database.label, Chatwoot: chatwoot.url, CRM: crm.url });
  const ingress = await step('ingress', async () => {
    const result = await startApp('ingress');
    opened.add('ingress', () => result.stop());
    await result.untilReady(signal);
    return { result, detail: `http://127.0.0.1:${ingressPort}/webhooks/chatwoot` };
  });
  const workerApps = await step('workers', async () => {
    const result: AppProcess[] = await Promise.all(workers.map(startApp));
    opened.add('workers', () => Promise.all(result.map((app) => app.stop())));
    await Promise.all(result.map((app) => app.untilReady(signal)));
    return { result, detail: workers.join(', ') };
  });

  const queues = watchQueues(createQueueMonitor({ redisUrl: redis.url }), board);
  opened.add('queue monitor', () => queues.close());
  const story = tellStory({ board, chatwoot, crm, deliveries });
  opened.add('story', () => story.close());
  const experiments = createExperiments({
    board,
    chatwoot,
    crm,
    redis,
    apps: [ingress, ...workerApps],
    deliveries,
    queues,
    story,
    webhook: { url: webhookUrl, secret: webhookSecret },
    signal,
  });
  for (const { phone: _, tier: __, ...customer } of customers) board.set(`customer/${customer.id}`, customer);
  board.set('about', {
    chatwootUrl: chatwoot.url,
    crmUrl: crm.url,
    config: relative(process.cwd(), configFile(env, root)),
    experiments: experiments.names,
    hint: 'Ctrl-C in the terminal stops everything.',
  });
  const page = await step('page', async () => {
    const result = await servePage(options.port, {
      board,
      actions: {
        write: async (customer, text, conversation) => story.write(customer, text, conversation),
        experiment: (name, target) => experiments.run(name, target),
      },
    });
    opened.add('page', () => result.close());
    return { result, detail: result.url };
  });
  return { url: page.url };
}

/** Removed at the end, and also when the process ends in a hurry. */
async function temporaryFolder(opened: Opened): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-sandbox-'));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.on('exit', remove);
  opened.add('temporary folder', () => {
    remove();
    process.off('exit', remove);
  });
  return folder;
}

function showServices(board: Board, details: Readonly<Record<string, string>>): void {
  for (const [name, detail] of Object.entries(details)) {
    board.set(`process/${name}`, serviceView(name, detail));
  }
}

async function servePage(
  port: number | null,
  options: Omit<Parameters<typeof startPageServer>[0], 'port'>,
): ReturnType<typeof startPageServer> {
  try {
    return await startPageServer({ ...options, port: port ?? usualPort });
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!taken || port !== null) throw error;
    return await startPageServer({ ...options, port: 0 });
  }
}
