import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeChatwoot, Line, RedisServer, SteppedClock, ToxicProxy } from '@switchyard/testkit';
import type { BotEndpoint } from './bot-endpoint.ts';
import type { Clocked } from './clocks.ts';
import type { Fleet } from './fleet.ts';
import { between, pick, type Random } from './random.ts';
import { quiet, type Scenery } from './scenery.ts';

/** What a fault has to work with while customers write. */
export interface Stage {
  readonly line: Line;
  readonly fleet: Fleet;
  readonly redis: RedisServer;
  /** Between the workers and Redis; only where the fault asks for it. */
  readonly proxy: ToxicProxy | null;
  /** Between Chatwoot and the ingress, for the agent bot's deliveries alone. */
  readonly botEndpoint: BotEndpoint;
  /** The wall clocks that the fault asked for. */
  readonly clocks: readonly SteppedClock[];
  readonly random: Random;
  /** How many times something happens: more in the long run. */
  readonly times: number;
  /** Resolves when this share of the deliveries was sent, or all of them were. */
  reached(share: number): Promise<void>;
  /** Of several faults that fit a call the oldest acts, so the everyday slowness has to step behind a new one. */
  stepBehind(target: Target): void;
}

export interface ChaosFault {
  readonly name: string;
  /** For the report. */
  readonly what: string;
  readonly redis?: 'always' | 'everysec';
  readonly proxied?: boolean;
  /** How Chatwoot is set up; `quiet` where nothing is said. */
  readonly scenery?: Scenery;
  /** Whose wall clock is not to be relied on. */
  readonly clock?: Clocked;
  /** How long a call to a pretend system takes, where work is to be under way at any moment: 15 ms by default. */
  readonly callMs?: number;
  /** A run in which Chatwoot took no conversation from the bot shows nothing. */
  readonly releases?: boolean;
  /** docs/reliability.md says that this one is not survived whole; it is measured, and fails nothing. */
  readonly knownGap?: boolean;
  /** Makes the fault and takes it back; all is well again when it resolves. */
  readonly during: (stage: Stage) => Promise<void>;
}

type HttpFault = Parameters<FakeChatwoot['faults']['add']>[0];
export type Target = 'chatwoot' | 'crm';

const targets: readonly Target[] = ['chatwoot', 'crm'];
const targetNames: Readonly<Record<Target, string>> = { chatwoot: 'Chatwoot', crm: 'the CRM' };

const BUSY_CALL_MS = 80;

export const faults: readonly ChaosFault[] = [
  { name: 'none', what: 'nothing goes wrong', during: async () => {} },
  {
    name: 'worker-kill',
    what: 'kill -9 of workers at random moments',
    callMs: BUSY_CALL_MS,
    during: (stage) => atRandomMoments(stage, () => stage.fleet.killWorker(stage.random)),
  },
  {
    name: 'worker-roll',
    what: 'SIGTERM and a successor, one worker after the other, under load',
    callMs: BUSY_CALL_MS,
    during: (stage) =>
      atRandomMoments({ ...stage, times: Math.ceil(stage.times / 6) }, () => stage.fleet.rollWorkers()),
  },
  {
    name: 'worker-stop',
    what: 'SIGSTOP of workers for 40 s (their lock is 20 s), far from Redis, then SIGCONT',
    proxied: true,
    callMs: BUSY_CALL_MS,
    during: stopWorkers,
  },
  {
    name: 'ingress-kill',
    what: 'kill -9 of the ingress at random moments',
    during: (stage) => atRandomMoments(stage, () => stage.fleet.killIngress()),
  },
  {
    name: 'redis-kill',
    what: 'kill -9 of Redis, AOF always, back after seconds',
    redis: 'always',
    during: (stage) =>
      atRandomMoments({ ...stage, times: Math.ceil(stage.times / 2) }, () => killRedis(stage)),
  },
  {
    name: 'redis-kill-everysec',
    what: 'kill -9 of Redis, AOF everysec, back after seconds',
    during: (stage) =>
      atRandomMoments({ ...stage, times: Math.ceil(stage.times / 2) }, () => killRedis(stage)),
  },
  {
    name: 'redis-pause',
    what: 'SIGSTOP of Redis for seconds',
    during: (stage) =>
      atRandomMoments({ ...stage, times: Math.ceil(stage.times / 2) }, async () => {
        await stage.redis.pause();
        await sleep(between(stage.random, 500, 6_000));
        await stage.redis.resume();
      }),
  },
  {
    name: 'network-latency',
    what: '20 to 80 ms each way between workers and Redis',
    proxied: true,
    async during({ proxy, random, reached }) {
      for (const share of [0.1, 0.3, 0.5, 0.7]) {
        await reached(share);
        proxy?.latency(between(random, 20, 80));
      }
      await reached(0.9);
      proxy?.latency(0);
    },
  },
  {
    name: 'network-partition',
    what: 'connections between workers and Redis cut, or silent, for seconds',
    proxied: true,
    during: (stage) =>
      atRandomMoments({ ...stage, times: Math.ceil(stage.times / 2) }, () => partition(stage)),
  },
  {
    name: 'clock-workers',
    what: 'wall clocks of workers step by up to 4 minutes, each by itself, while Chatwoot answers 500 to 5 % of calls',
    clock: 'workers',
    during: (stage) =>
      withFault(stage, 'chatwoot', { kind: 'status', status: 500, probability: 0.05 }, () =>
        stepClocks(stage),
      ),
  },
  {
    name: 'clock-ingress',
    what: 'the wall clock of the ingress steps by up to 4 minutes',
    clock: 'ingress',
    during: stepClocks,
  },
  {
    name: 'clock-redis',
    what: 'the wall clock of Redis steps by up to 4 minutes, while Chatwoot answers 500 to 5 % of calls',
    clock: 'redis',
    during: (stage) =>
      withFault(stage, 'chatwoot', { kind: 'status', status: 500, probability: 0.05 }, () =>
        stepClocks(stage),
      ),
  },
  ...targets.flatMap(targetFaults),
  ...[
    assigned('inbox', 'the inbox assigns', { inboxAssigns: true, teamAssigns: false }),
    assigned('team', 'teams assign', { teamAssigns: true }),
    assigned('automation', 'an automation rule assigns', { routed: false }),
    assigned('bot', 'inbox and teams assign in the inbox of our agent bot', {
      bot: true,
      inboxAssigns: true,
    }),
  ],
  {
    name: 'bot-endpoint',
    what: "the agent bot's endpoint answers 500 or 503 for seconds, again and again, and Chatwoot opens what it had",
    scenery: { ...quiet, bot: true, takes: true },
    callMs: BUSY_CALL_MS,
    releases: true,
    during: failBotEndpoint,
  },
];

/** @throws {Error} for a name that is no fault's. */
export function faultNamed(name: string): ChaosFault {
  const found = faults.find((fault) => fault.name === name);
  if (found === undefined) {
    throw new Error(`no fault "${name}"; there are: ${faults.map((each) => each.name).join(', ')}`);
  }
  return found;
}

/** Chatwoot tries again after a 500, where it does (contract [R] 7), and never after a 503. */
async function failBotEndpoint(stage: Stage): Promise<void> {
  const statuses = [503, 500].values();
  await atRandomMoments(stage, async () => {
    stage.botEndpoint.fail(statuses.next().value ?? pick(stage.random, [500, 503] as const));
    await sleep(between(stage.random, 1_000, 4_000));
    stage.botEndpoint.fail(null);
  });
}

/** Agents are online and Chatwoot assigns, people take conversations, and workers are killed. */
function assigned(name: string, what: string, scenery: Partial<Scenery>): ChaosFault {
  return {
    name: `assigned-${name}`,
    what: `agents online, ${what}, and kill -9 of workers at random moments`,
    scenery: { ...quiet, takes: true, ...scenery },
    callMs: BUSY_CALL_MS,
    during: (stage) => atRandomMoments(stage, () => stage.fleet.killWorker(stage.random)),
  };
}

function targetFaults(target: Target): readonly ChaosFault[] {
  const name = targetNames[target];
  const often = (id: string, what: string, probability: number, fault: HttpFault): ChaosFault => ({
    name: `${target}-${id}`,
    what: `${name} ${what}, ${Math.round(probability * 100)} % of calls`,
    during: (stage) => withFault(stage, target, { ...fault, probability }, () => stage.reached(1)),
  });
  const writes = (id: string, what: string, probability: number, fault: HttpFault): ChaosFault => ({
    name: `${target}-${id}`,
    what: `${name} ${what}, ${Math.round(probability * 100)} % of writes`,
    during: (stage) =>
      withFault(stage, target, { ...fault, probability, method: 'POST' }, () =>
        withFault(stage, target, { ...fault, probability, method: 'PATCH' }, () => stage.reached(1)),
      ),
  });
  const bursts = (id: string, what: string, fault: HttpFault): ChaosFault => ({
    name: `${target}-${id}`,
    what: `${name} ${what}, all calls for a second, again and again`,
    during: (stage) => atRandomMoments(stage, () => withFault(stage, target, fault, () => sleep(1_000))),
  });
  return [
    bursts('429', 'answers 429 without Retry-After', { kind: 'rateLimit' }),
    bursts('429-told', 'answers 429 with Retry-After: 1', { kind: 'rateLimit', retryAfterSeconds: 1 }),
    often('500', 'answers 500 before committing', 0.1, { kind: 'status', status: 500 }),
    writes('500-committed', 'answers 500 after committing', 0.2, {
      kind: 'status',
      status: 500,
      afterCommit: true,
    }),
    often('timeout', 'times out before committing', 0.03, { kind: 'timeoutBeforeCommit' }),
    writes('timeout-committed', 'times out after committing', 0.1, { kind: 'timeoutAfterCommit' }),
    often('reset', 'resets connections before committing', 0.1, { kind: 'resetBeforeCommit' }),
    writes('reset-committed', 'resets connections after committing', 0.2, { kind: 'resetAfterCommit' }),
    writes('cut', 'cuts its answer off after committing', 0.2, { kind: 'badJson' }),
    {
      ...writes('late', 'commits 6 s after our limit for a call', 0.1, {
        kind: 'slow',
        ms: 8_000,
        beforeCommit: true,
      }),
      knownGap: target === 'chatwoot',
    },
    often('slow', 'is slow by 1 s', 0.2, { kind: 'slow', ms: 1_000 }),
    {
      name: `${target}-down`,
      what: `${name} is gone for seconds`,
      during: (stage) =>
        atRandomMoments({ ...stage, times: Math.ceil(stage.times / 2) }, async () => {
          const { faults: server } = stage.line[target];
          await server.down(pick(stage.random, ['refuse', 'reset'] as const));
          await sleep(between(stage.random, 500, 4_000));
          await server.up();
        }),
    },
  ];
}

async function atRandomMoments(stage: Stage, act: () => Promise<void>): Promise<void> {
  const { times, random, reached } = stage;
  const shares = Array.from({ length: times }, () => 0.05 + 0.9 * random()).toSorted(
    (one, other) => one - other,
  );
  for (const share of shares) {
    await reached(share);
    await sleep(between(random, 0, 300));
    await act();
  }
}

/** Less than the five minutes by which a signature's time may differ, or the ingress rightly takes nothing. */
const STEP_SECONDS = 240;

async function stepClocks(stage: Stage): Promise<void> {
  const { clocks, random } = stage;
  await atRandomMoments(stage, async () => {
    const clock = pick(random, clocks);
    await clock.step(between(random, -STEP_SECONDS, STEP_SECONDS));
    await sleep(between(random, 2_500, 6_000)); // It takes up to two seconds to come into force.
    if (random() < 0.5) await clock.step(0);
  });
  for (const clock of clocks) await clock.step(0);
}

/** The lock, the look for jobs that lost theirs, and time for others to go on with them. */
const STOPPED_MS = 40_000;

/** Far from Redis, so that many are stopped between what they wrote there and what they do next. */
async function stopWorkers({ fleet, proxy, times, random, reached }: Stage): Promise<void> {
  proxy?.latency(50);
  const rounds = Math.max(1, Math.round(times / 10));
  for (let round = 0; round < rounds; round += 1) {
    await reached((round + 0.2) / rounds);
    // One of each queue; the others take over what these hold.
    const names = [...new Set(fleet.workers.map(({ name }) => name))];
    const stopped = names.map((name) =>
      pick(
        random,
        fleet.workers.filter((worker) => worker.name === name),
      ),
    );
    for (const worker of stopped) worker.kill('SIGSTOP');
    await sleep(STOPPED_MS);
    for (const worker of stopped) worker.kill('SIGCONT');
  }
  proxy?.latency(0);
}

async function killRedis({ redis, random }: Stage): Promise<void> {
  await redis.kill();
  await sleep(between(random, 200, 3_000));
  await redis.restart();
}

async function partition({ proxy, random }: Stage): Promise<void> {
  if (random() < 0.5) {
    await proxy?.cut();
    await sleep(between(random, 200, 4_000));
    await proxy?.restore();
  } else {
    proxy?.stall();
    await sleep(between(random, 200, 8_000));
    proxy?.resume();
  }
}

async function withFault(
  { line, stepBehind }: Stage,
  target: Target,
  fault: HttpFault,
  work: () => Promise<void>,
): Promise<void> {
  const { faults: server } = line[target];
  const off = server.add(fault);
  stepBehind(target);
  try {
    await work();
  } finally {
    off();
  }
}
