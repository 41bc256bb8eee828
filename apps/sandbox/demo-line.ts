import { connectRedis, createQueueMonitor, createStories } from '@switchyard/jobs';
import { createLogger } from '@switchyard/telemetry';
import { startFakeChatwoot, startFakeCrm } from '@switchyard/testkit';
import { Board } from './board.ts';
import { customers } from './customers.ts';
import { DeliveryLog } from './delivery-log.ts';
import { watchContainers } from './demo-containers.ts';
import { type DemoCredentials, demoAddress } from './demo-credentials.ts';
import { followJobs } from './demo-jobs.ts';
import { createExperiments } from './experiments.ts';
import type { Opened } from './opened.ts';
import { startPageServer } from './page-server.ts';
import { watchQueues } from './queue-watch.ts';
import { serviceView } from './service-view.ts';
import { tellStory } from './story.ts';
import { startWireTap } from './wire-tap.ts';

export interface DemoOptions {
  readonly credentials: DemoCredentials;
  /** How often it was started before, with the same Redis. */
  readonly starts: number;
  readonly redisUrl: string;
  readonly opened: Opened;
  readonly signal: AbortSignal;
}

const everywhere = '0.0.0.0';
const ingress = { host: 'ingress', port: 3000 };
const pagePort = 4300;
/** A pretend Chatwoot that was restarted has forgotten everything; what the apps remember must not fit the new ones. */
const idsPerStart = 10_000;

/** Starts the pretend Chatwoot and CRM and the sandbox's page, around apps that run elsewhere. */
export async function startDemo(options: DemoOptions): Promise<{ readonly url: string }> {
  const { credentials, starts, redisUrl, opened, signal } = options;
  const board = new Board();
  opened.add('board', () => board.close());
  const deliveries = new DeliveryLog(board);

  const crm = await startFakeCrm({
    host: everywhere,
    port: demoAddress.crmPort,
    apiKey: credentials.CRM_API_KEY,
  });
  opened.add('CRM', () => crm.close());
  const tap = await startWireTap(ingress, (passing) => deliveries.pass(passing));
  opened.add('wire tap', () => tap.close());
  const webhook = { url: `${tap.url}/webhooks/chatwoot`, secret: credentials.CHATWOOT_WEBHOOK_SECRET };
  const chatwoot = await startFakeChatwoot({
    host: everywhere,
    port: demoAddress.chatwootPort,
    tokens: { administrator: credentials.CHATWOOT_API_TOKEN, bot: credentials.CHATWOOT_BOT_TOKEN },
    idsAfter: starts * idsPerStart,
    webhooks: [webhook],
  });
  opened.add('Chatwoot', () => chatwoot.close());
  // Nobody is at their desk: an agent who is assigned takes over, and the bot would rightly fall silent.
  for (const agent of [chatwoot.ids.agent, chatwoot.ids.secondAgent])
    chatwoot.setAvailability(agent, 'offline');
  board.set('process/Chatwoot', serviceView('Chatwoot', credentials.CHATWOOT_BASE_URL));
  board.set('process/CRM', serviceView('CRM', credentials.CRM_URL));

  const log = createLogger({ app: 'demo', level: 'warn' });
  const redis = connectRedis({ url: redisUrl, log, temper: 'patient' });
  opened.add('Redis', () => redis.close());
  const queues = watchQueues(createQueueMonitor({ redis }), board);
  opened.add('queue monitor', () => queues.close());
  const jobs = followJobs({ stories: createStories({ redis }), deliveries });
  opened.add('jobs', () => jobs.close());
  const containers = watchContainers(board);
  opened.add('containers', () => containers.close());
  const story = tellStory({ board, chatwoot, crm, deliveries });
  opened.add('story', () => story.close());
  const experiments = createExperiments({
    board,
    chatwoot,
    crm,
    redis: null,
    apps: [],
    deliveries,
    queues,
    story,
    webhook,
    signal,
  });
  showWhatIsWhere(board, credentials, experiments.names);
  const page = await startPageServer({
    host: everywhere,
    port: pagePort,
    board,
    actions: {
      write: async (customer, text, conversation) => story.write(customer, text, conversation),
      experiment: (name, target) => experiments.run(name, target),
    },
  });
  opened.add('page', () => page.close());
  return { url: page.url };
}

function showWhatIsWhere(board: Board, credentials: DemoCredentials, experiments: readonly string[]): void {
  for (const { phone: _, tier: __, ...customer } of customers) board.set(`customer/${customer.id}`, customer);
  board.set('about', {
    chatwootUrl: credentials.CHATWOOT_BASE_URL,
    crmUrl: credentials.CRM_URL,
    config: 'switchyard.config.ts',
    experiments,
    hint: 'Break more from a terminal: docker compose stop redis, docker compose kill bot-replies; start brings them back.',
  });
  board.set('log/1', {
    number: 1,
    process: 'demo',
    level: 'info',
    at: Date.now(),
    text: 'Each container has its own log: docker compose logs --follow ingress bot-replies',
    detail: '',
  });
}
