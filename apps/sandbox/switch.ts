import type { Board } from './board.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { answersOf, count, since } from './experiment-words.ts';
import { Refusal } from './page-server.ts';
import type { QueueWatch } from './queue-watch.ts';
import { serviceView } from './service-view.ts';
import type { ExperimentView } from './view.ts';

/** Something a visitor may switch off and on again. */
export interface Thing {
  /** As in its entry `process/<name>` on the board. */
  readonly name: string;
  readonly detail: string;
  /** Whether it is what the queues live in: then their jobs can't be counted while it is away. */
  readonly holdsQueues?: boolean;
  off(): Promise<void>;
  /** Resolves when the apps have noticed. */
  on(): Promise<void>;
}

export interface Switch {
  /** @throws Refusal while the last flip is under way. */
  flip(): Promise<void>;
}

export interface SwitchParts {
  readonly board: Board;
  readonly queues: QueueWatch;
  readonly deliveries: DeliveryLog;
  readonly signal: AbortSignal;
}

const tellEveryMs = 500;
const settleMs = 60_000;

/** Says on the board, under `experiment/<name>`, what waits while the thing is off and how it recovers. */
export function createSwitch(experiment: string, thing: Thing, parts: SwitchParts): Switch {
  const { board, queues, deliveries, signal } = parts;
  let state: 'on' | 'off' | 'moving' = 'on';
  let firstDelivery = 0;
  let telling: NodeJS.Timeout | undefined;
  signal.addEventListener('abort', () => clearInterval(telling), { once: true });

  const show = (now: ExperimentView['state'], happened: string) => {
    board.set(`experiment/${experiment}`, { name: experiment, state: now, happened: happened.trim() });
  };
  const showThing = (now: 'ready' | 'off') => {
    board.set(`process/${thing.name}`, serviceView(thing.name, thing.detail, now));
  };
  /** What waits: jobs, or when nobody can count those, what the ingress did with what came meanwhile. */
  const meanwhile = () =>
    thing.holdsQueues === true
      ? answersOf(deliveries.list().filter(({ number }) => number > firstDelivery))
      : `Jobs waiting: ${queues.unsettled()}.`;

  async function switchOff(): Promise<void> {
    firstDelivery = deliveries.list().at(-1)?.number ?? 0;
    await thing.off();
    const offSince = performance.now();
    const tell = () => show('off', `Off for ${since(offSince)}. ${meanwhile()}`);
    showThing('off');
    tell();
    telling = setInterval(tell, tellEveryMs);
  }

  async function switchOn(): Promise<void> {
    clearInterval(telling);
    const waited = queues.unsettled();
    const answers = meanwhile();
    show('running', 'Coming back …');
    const startedAt = performance.now();
    await thing.on();
    showThing('ready');
    const back = since(startedAt);
    const empty = await queues.untilEmpty(settleMs, signal);
    const rest = empty ? `the line was empty after ${since(startedAt)}` : 'after a minute jobs still wait';
    if (thing.holdsQueues === true) show('ready', `Everything was ready after ${back}, ${rest}. ${answers}`);
    else if (waited === 0) show('ready', 'Back; nothing had waited.');
    else if (empty) show('ready', `Back; ${count(waited, 'waiting job')} done within ${since(startedAt)}.`);
    else show('ready', `Back; ${rest}.`);
  }

  return {
    async flip() {
      if (state === 'moving') throw new Refusal('One moment: that is under way.');
      const from = state;
      state = 'moving';
      try {
        await (from === 'on' ? switchOff() : switchOn());
        state = from === 'on' ? 'off' : 'on';
      } catch (error) {
        state = from;
        show(from === 'on' ? 'ready' : 'off', error instanceof Error ? error.message : String(error));
      }
    },
  };
}
