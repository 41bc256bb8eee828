import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Line,
  layLine,
  type RedisServer,
  startProxy,
  startRedis,
  type Version,
} from '@switchyard/testkit';
import { Redis } from 'ioredis';
import { startBotEndpoint } from './bot-endpoint.ts';
import { check, type Finding, recoveryMs } from './checker.ts';
import { type Clocks, createClocks } from './clocks.ts';
import { type Customers, createCustomers } from './customers.ts';
import { createDeliveryDesk, type DeliveryDesk } from './delivery-desk.ts';
import type { ChaosFault, Stage, Target } from './faults.ts';
import { type Fleet, startFleet, workersOf } from './fleet.ts';
import type { Remains, Told } from './history.ts';
import { createRandom } from './random.ts';
import { recordEffects } from './record.ts';
import { lookForRemains } from './remains.ts';
import { moreAgents, quiet, setScenery } from './scenery.ts';

export interface RunOptions {
  readonly seed: number;
  /** Stop writing after so many deliveries. */
  readonly deliveries: number;
  /** Conversations held at the same time. */
  readonly atATime: number;
  /** Worker processes for each queue. */
  readonly perQueue: number;
  /** How many times something happens. */
  readonly times: number;
  /** Everything has to be over by then. */
  readonly limitMs: number;
  /** With the table of customers (customers.ts). */
  readonly postgresUrl: string;
  /** Of the pretend Chatwoot; the newest when nothing is said. */
  readonly version?: Version;
}

export interface RunReport {
  readonly fault: ChaosFault;
  readonly seed: number;
  readonly conversations: number;
  readonly deliveries: number;
  readonly acknowledged: number;
  readonly effects: number;
  /** Conversations that a person took, with or without a word. */
  readonly taken: number;
  /** Conversations of a bot's inbox that we opened. */
  readonly handedOver: number;
  /** Conversations that Chatwoot took from the bot. */
  readonly released: number;
  readonly findings: readonly Finding[];
  /** From the end of the fault to the last effect of what had been acknowledged by then. */
  readonly secondsToRecover: number;
  /** The last lines of the processes, for whoever looks into a finding. */
  readonly logs: readonly string[];
}

/** Every call to a pretend system takes so long, that work is under way when something happens to it. */
const CALL_MS = 15;
/** More than a breaker needs to close again. */
const GREETINGS = 12;

/** Lays a line, has customers write while the fault happens, waits for rest, and checks what came of it. */
export async function runFault(fault: ChaosFault, options: RunOptions): Promise<RunReport> {
  const { seed, postgresUrl } = options;
  const signal = AbortSignal.timeout(options.limitMs);
  await using held = new AsyncDisposableStack();
  const clocks = await createClocks(fault.clock, workersOf(options.perQueue));
  held.defer(() => clocks.close());
  const redis = await startOwnRedis(fault, clocks);
  held.defer(() => redis.close());
  const proxy = fault.proxied ? await startProxy({ targetPort: redis.port }) : null;
  if (proxy !== null) held.defer(() => proxy.close());
  const scenery = fault.scenery ?? quiet;
  const env = { SWITCHYARD_CONFIG: join(import.meta.dirname, 'switchyard.config.ts') };
  const chatwoot = {
    version: options.version ?? '4.16',
    agents: scenery.takes ? moreAgents : [],
    random: createRandom(seed + 2),
  };
  const line = await layLine({ redisUrl: redis.url, postgresUrl, env, chatwoot });
  held.defer(() => line.close());
  const botEndpoint = await startBotEndpoint(line.webhookUrl);
  held.defer(() => botEndpoint.close());
  setScenery(line.chatwoot, scenery, { url: botEndpoint.url, secret: line.secret });
  const pace = keepPace(line, fault.callMs ?? CALL_MS);
  const workerEnv: Record<string, string> = proxy === null ? {} : { REDIS_URL: proxy.url };
  const fleet = await startFleet(line, options.perQueue, {
    ingress: clocks.envOf('ingress'),
    worker: (index) => ({ ...workerEnv, ...clocks.envOf('workers', index) }),
  });
  const desk = createDeliveryDesk(line.chatwoot);
  held.defer(() => desk.close());
  const random = createRandom(seed);
  const customers = createCustomers({
    line,
    desk,
    random,
    scenery,
    gate: () => fleet.ingressUp(),
    signal,
  });
  const client = new Redis(redis.url, { maxRetriesPerRequest: 1 });
  client.on('error', () => {}); // It is killed on purpose; who asks it gets the error.
  held.defer(() => client.disconnect());

  const written = customers.write(options.deliveries, options.atATime);
  const stage: Stage = {
    line,
    fleet,
    redis,
    proxy,
    botEndpoint,
    clocks: clocks.stepped,
    random: createRandom(seed + 1),
    times: options.times,
    reached: reachedBy(desk, options.deliveries, written),
    stepBehind: pace,
  };
  const injected = fault.during(stage).then(() => Date.now());
  const [overAt] = await Promise.all([injected, written]);
  const look = () => lookForRemains(client, fleet.ingress.adminUrl);
  await awaitRest(line, look, signal, isBusyButForBreakers);
  await customers.greet(GREETINGS);
  const remains = await awaitRest(line, look, signal, ({ busy }) => busy);
  return report(fault, seed, { line, desk, customers, fleet, remains, overAt });
}

/** A process of ours where its clock is to be stepped: a folder of this machine keeps it out of Docker. */
async function startOwnRedis(fault: ChaosFault, clocks: Clocks): Promise<RedisServer> {
  const settings = { owned: true, appendonly: fault.redis ?? 'everysec' } as const;
  if (fault.clock !== 'redis') return startRedis(settings);
  const dir = await mkdtemp(join(tmpdir(), 'switchyard-chaos-'));
  const redis = await startRedis({ ...settings, dir, env: { ...process.env, ...clocks.envOf('redis') } });
  return {
    ...redis,
    async close() {
      await redis.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function keepPace(line: Line, ms: number): (target: Target) => void {
  const add = (target: Target) => line[target].faults.add({ kind: 'slow', ms });
  const offs: Record<Target, () => void> = { chatwoot: add('chatwoot'), crm: add('crm') };
  return (target) => {
    offs[target]();
    offs[target] = add(target);
  };
}

function reachedBy(desk: DeliveryDesk, deliveries: number, written: Promise<void>) {
  let isWritten = false;
  const done = written.finally(() => {
    isWritten = true;
  });
  done.catch(() => {}); // Whoever awaits `written` itself gets it.
  return async (share: number) => {
    while (!isWritten && desk.attempts < share * deliveries) await Promise.race([sleep(20), done]);
    if (share >= 1) await done;
  };
}

/** Nothing on its way and nothing left to do, twice in a row; or what is left when the time is over. */
async function awaitRest(
  { chatwoot }: Line,
  look: () => Promise<Remains>,
  signal: AbortSignal,
  busyOf: (remains: Remains) => readonly string[],
): Promise<Remains> {
  let calm = 0;
  for (;;) {
    if (!signal.aborted) await Promise.race([chatwoot.idle(), sleep(10_000)]);
    const remains = await look().catch((error: unknown) => unseen(error));
    calm = busyOf(remains).length === 0 ? calm + 1 : 0;
    if (calm >= 2 || signal.aborted) return remains;
    await sleep(100);
  }
}

function unseen(error: unknown): Remains {
  return { busy: [`can't look: ${String(error)}`], dead: [] };
}

/** A breaker closes with the jobs that come through; when there are none left, it is half open, and that is rest. */
function isBusyButForBreakers({ busy }: Remains): readonly string[] {
  return busy.filter((what) => !what.startsWith('breaker:'));
}

function isByPerson({ word }: Told): boolean {
  return word === 'human' || word === 'take';
}

interface Ended {
  readonly line: Line;
  readonly desk: DeliveryDesk;
  readonly customers: Customers;
  readonly fleet: Fleet;
  readonly remains: Remains;
  /** When the fault was over, epoch milliseconds. */
  readonly overAt: number;
}

function report(fault: ChaosFault, seed: number, ended: Ended): RunReport {
  const { line, desk, customers, fleet, remains, overAt } = ended;
  const { conversations } = customers;
  const effects = recordEffects(line.chatwoot, line.crm);
  const history = { conversations, effects, remains };
  return {
    fault,
    seed,
    conversations: conversations.length,
    deliveries: desk.attempts,
    acknowledged: desk.acknowledged,
    effects: effects.length,
    taken: conversations.filter(({ told }) => told.some(isByPerson)).length,
    handedOver: new Set(effects.flatMap((each) => (each.kind === 'opened' ? [each.conversation] : []))).size,
    released: conversations.filter(({ botsInbox }) => botsInbox != null && botsInbox.releasedAt !== null)
      .length,
    findings: check(history),
    secondsToRecover: recoveryMs(history, overAt) / 1000,
    logs: [fleet.ingress, ...fleet.workers].flatMap((app) => app.logs().map((text) => `${app.name} ${text}`)),
  };
}
