import { setTimeout as sleep } from 'node:timers/promises';
import type { Stories, StoryJob } from '@switchyard/jobs';
import type { DeliveryLog } from './delivery-log.ts';
import type { JobView } from './view.ts';

const everyMs = 300;
const atMost = 20;

/** Where the apps' lines can't be read, what became of the jobs is asked of Redis. */
export function followJobs(parts: {
  readonly stories: Pick<Stories, 'ofDelivery'>;
  readonly deliveries: DeliveryLog;
}): { close(): Promise<void> } {
  const { stories, deliveries } = parts;
  const ended = new AbortController();
  const ask = async (delivery: string) => {
    const jobs = await stories.ofDelivery(delivery).catch(() => null);
    for (const job of jobs ?? []) deliveries.job({ delivery, queue: job.queue, ...stateOf(job) });
  };
  const following = (async () => {
    while (!ended.signal.aborted) {
      const open = deliveries.list().filter(({ jobs }) => jobs.some(isOpen));
      await Promise.all(open.slice(-atMost).map(({ id }) => ask(id)));
      await sleep(everyMs, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  })();
  return {
    async close() {
      ended.abort();
      // Redis may be away, and then an answer never comes.
      await Promise.race([following, sleep(everyMs)]);
    },
  };
}

function isOpen({ state }: JobView): boolean {
  return state === 'due' || state === 'retrying';
}

function stateOf(job: StoryJob): Pick<JobView, 'state' | 'note'> {
  const { state, decision, error, attempts } = job;
  switch (state) {
    case 'done':
      return { state, note: decision === null ? null : words(decision) };
    case 'dead':
      return { state, note: error?.message ?? null };
    case 'delayed':
      return { state: 'retrying', note: attempts.at(0)?.message ?? null };
    default:
      return { state: 'due', note: null };
  }
}

function words({ action, reason }: { readonly action: string; readonly reason: string }): string {
  return `${action}: ${reason.replace(/^rule:/, 'rule ')}`.replaceAll('-', ' ');
}
