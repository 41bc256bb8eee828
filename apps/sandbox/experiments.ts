import { setTimeout as sleep } from 'node:timers/promises';
import { type FakeChatwoot, type FakeCrm, fixture, type RedisServer } from '@switchyard/testkit';
import type { AppProcess } from './app-process.ts';
import type { Board } from './board.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { answerOf, count, since } from './experiment-words.ts';
import { Refusal } from './page-server.ts';
import type { QueueWatch } from './queue-watch.ts';
import type { Story } from './story.ts';
import { createSwitch, type Thing } from './switch.ts';
import type { ExperimentView } from './view.ts';

export interface ExperimentParts {
  readonly board: Board;
  readonly chatwoot: FakeChatwoot;
  readonly crm: FakeCrm;
  /** null: not ours to switch off. */
  readonly redis: RedisServer | null;
  /** Those that are ours to kill. */
  readonly apps: readonly AppProcess[];
  readonly deliveries: DeliveryLog;
  readonly queues: QueueWatch;
  readonly story: Story;
  /** Where Chatwoot posts, and the secret it signs with. */
  readonly webhook: { readonly url: string; readonly secret: string };
  readonly signal: AbortSignal;
}

export interface Experiments {
  /** Those that can be done, by name. */
  readonly names: readonly string[];
  /** @throws Refusal when there is no such experiment, or it can't be done now. */
  run(name: string, target: string | null): Promise<void>;
}

/** How long a repeated delivery's jobs, if there were any, get before the effects are counted. */
const settleMs = 5_000;

/** "Break things": each experiment says on the board, in one line, what happened. */
export function createExperiments(parts: ExperimentParts): Experiments {
  const { chatwoot, crm, redis, apps, signal } = parts;
  const things: Readonly<Record<string, Thing>> = {
    crm: { name: 'CRM', detail: crm.url, off: () => crm.faults.down(), on: () => crm.faults.up() },
    'chatwoot-api': {
      name: 'Chatwoot',
      detail: chatwoot.url,
      off: () => chatwoot.faults.down(),
      on: () => chatwoot.faults.up(),
    },
    ...(redis === null ? {} : { redis: redisThing(redis, apps, signal) }),
  };
  const switches = new Map(
    Object.entries(things).map(([name, thing]) => [name, createSwitch(name, thing, parts)]),
  );
  return {
    names: [...switches.keys(), 'duplicate', 'wrong-signature', ...(apps.length > 0 ? ['kill'] : [])],
    async run(name, target) {
      const found = switches.get(name);
      if (found !== undefined) return await found.flip();
      if (name === 'duplicate') return await repeatDelivery(parts);
      if (name === 'wrong-signature') return await forgeDelivery(parts);
      if (name === 'kill') return await killProcess(parts, target);
      throw new Refusal(`there is no experiment "${name}"`);
    },
  };
}

function redisThing(redis: RedisServer, apps: readonly AppProcess[], signal: AbortSignal): Thing {
  return {
    name: 'Redis',
    detail: redis.label,
    holdsQueues: true,
    off: () => redis.kill(),
    async on() {
      await redis.restart();
      await Promise.all(apps.map((app) => app.untilReady(signal)));
    },
  };
}

/** Sends the last delivery that had an effect once more, and counts what that led to. */
async function repeatDelivery(parts: ExperimentParts): Promise<void> {
  const { board, chatwoot, deliveries, queues, story, signal } = parts;
  const last = deliveries.list().findLast(({ effects }) => effects.length > 0);
  if (last === undefined || last.conversation === null) {
    throw new Refusal('Nothing to repeat yet: write as a customer first.');
  }
  show(board, 'duplicate', 'running', null);
  await queues.untilEmpty(settleMs, signal);
  const before = story.tally(last.conversation);
  await chatwoot.redeliver(last.id);
  await queues.untilEmpty(settleMs, signal);
  const after = story.tally(last.conversation);
  const answered = deliveries.list().findLast(({ id }) => id === last.id);
  const more = after.answers - before.answers + after.leads - before.leads;
  const outcome =
    more === 0
      ? `Still ${count(after.answers, 'answer')} and ${count(after.leads, 'lead')}.`
      : `${count(more, 'effect')} more than before: that should not be.`;
  show(board, 'duplicate', 'ready', `${answerOf(answered)} ${outcome}`);
}

async function forgeDelivery({
  board,
  chatwoot,
  deliveries,
  webhook,
  queues,
}: ExperimentParts): Promise<void> {
  show(board, 'wrong-signature', 'running', null);
  const before = await queues.ask();
  const { id } = await chatwoot.send({
    url: webhook.url,
    secret: webhook.secret,
    payload: chatwoot.deliveries().at(-1)?.body ?? fixture('message_created').raw,
    corruptSignature: true,
  });
  const answered = deliveries.list().findLast((each) => each.id === id);
  const nothing = before !== null && (await queues.ask()) === before ? ' Nothing got on the line.' : '';
  show(board, 'wrong-signature', 'ready', `${answerOf(answered)}${nothing}`);
}

async function killProcess({ board, apps, signal }: ExperimentParts, target: string | null): Promise<void> {
  const app = apps.find(({ name }) => name === target);
  if (app === undefined) throw new Refusal('Choose the process to kill.');
  show(board, 'kill', 'running', `${app.name} is dead; it is started again.`);
  const startedAt = performance.now();
  app.kill();
  await untilBack(app, signal);
  show(board, 'kill', 'ready', `${app.name} was killed and was at work again ${since(startedAt)} later.`);
}

/** Its first look may see it down: that is what a kill is. */
async function untilBack(app: AppProcess, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!signal.aborted && Date.now() < deadline) {
    await sleep(20);
    try {
      return await app.untilReady(signal);
    } catch {
      // Not up again yet.
    }
  }
}

function show(board: Board, name: string, state: ExperimentView['state'], happened: string | null): void {
  board.set(`experiment/${name}`, { name, state, happened });
}
