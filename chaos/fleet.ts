import type { App, AppName, Line } from '@switchyard/testkit';
import { pick, type Random } from './random.ts';

type WorkerName = Exclude<AppName, 'ingress'>;
const workerNames: readonly WorkerName[] = ['crm-sync', 'bot-replies', 'routing'];

/** Long enough for an orderly stop: SHUTDOWN_TIMEOUT_MS and what it is allowed to run over. */
const STOP_GRACE_MS = 40_000;

/** The processes of one run; each that is taken away has another put in its place. */
export interface Fleet {
  readonly ingress: App;
  readonly workers: readonly App[];
  /** Resolves when there is an ingress to write to. */
  ingressUp(): Promise<void>;
  killIngress(): Promise<void>;
  /** kill -9 of one worker. */
  killWorker(random: Random): Promise<void>;
  /** SIGTERM to one worker after the other, each followed by its successor. */
  rollWorkers(): Promise<void>;
}

/** What the processes get beside the line's own environment. */
export interface FleetEnvironment {
  readonly ingress: Readonly<Record<string, string>>;
  /** Of the worker in this place; its successors have the same. */
  worker(index: number): Readonly<Record<string, string>>;
}

/** How many worker processes a fleet has. */
export const workersOf = (perQueue: number) => perQueue * workerNames.length;

export async function startFleet(line: Line, perQueue: number, env: FleetEnvironment): Promise<Fleet> {
  const names = workerNames.flatMap((name) => Array.from({ length: perQueue }, () => name));
  let up = Promise.resolve();
  let ingress = await startIngress();
  const workers = await Promise.all(names.map((name, index) => startWorker(name, index)));

  function startIngress(): Promise<App> {
    return line.start('ingress', env.ingress);
  }

  function startWorker(name: WorkerName, index: number): Promise<App> {
    return line.start(name, env.worker(index));
  }

  async function replace(index: number, signal: NodeJS.Signals): Promise<void> {
    const worker = workers[index];
    const name = names[index];
    if (worker === undefined || name === undefined) throw new Error(`no worker ${index}`);
    await worker.stop(signal, STOP_GRACE_MS);
    workers[index] = await startWorker(name, index);
  }

  return {
    get ingress() {
      return ingress;
    },
    workers,
    ingressUp: () => up,
    async killIngress() {
      const back = Promise.withResolvers<void>();
      up = back.promise;
      try {
        await ingress.stop('SIGKILL');
        ingress = await startIngress();
      } finally {
        back.resolve();
      }
    },
    killWorker: (random) => replace(pick(random, [...workers.keys()]), 'SIGKILL'),
    async rollWorkers() {
      for (const index of workers.keys()) await replace(index, 'SIGTERM');
    },
  };
}
