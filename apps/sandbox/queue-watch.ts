import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueCounts, QueueMonitor } from '@switchyard/jobs';
import type { Board } from './board.ts';

export interface QueueWatch {
  /** Jobs accepted and not settled, over all queues, as last seen. */
  unsettled(): number;
  /** The same, asked now; null while Redis does not answer. */
  ask(): Promise<number | null>;
  /** Until no job waits, runs or is to be retried. False when the time is up. */
  untilEmpty(ms: number, signal: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

const everyMs = 150;

/** Keeps the queues' counts on the board. While Redis is away the last ones stay. */
export function watchQueues(monitor: QueueMonitor, board: Board): QueueWatch {
  const ended = new AbortController();
  let last = 0;

  const ask = async () => {
    try {
      const counts = await monitor.counts();
      for (const [name, each] of Object.entries(counts)) board.set(`queue/${name}`, { name, ...each });
      last = Object.values(counts).reduce((sum, each) => sum + unsettledOf(each), 0);
      return last;
    } catch {
      return null;
    }
  };
  const watch = (async () => {
    while (!ended.signal.aborted) {
      await ask();
      await sleep(everyMs, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  })();

  return {
    unsettled: () => last,
    ask,
    async untilEmpty(ms, signal) {
      const deadline = Date.now() + ms;
      while (!signal.aborted && Date.now() < deadline) {
        if ((await ask()) === 0) return true;
        await sleep(25);
      }
      return false;
    },
    async close() {
      ended.abort();
      await Promise.all([watch, monitor.close()]);
    },
  };
}

function unsettledOf({ waiting, active, delayed }: QueueCounts): number {
  return waiting + active + delayed;
}
