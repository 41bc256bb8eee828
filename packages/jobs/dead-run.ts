import type { Act } from './dead-acts.ts';
import { type DeadFilter, meant } from './dead-filter.ts';
import { type DeadRecord, readDead } from './dead-job.ts';
import { placesOfJob } from './dead-list.ts';
import type { Fate } from './dead-lua.ts';
import { summarizeDead } from './dead-summary.ts';
import { type DeadSource, failedKey, walkDead } from './dead-walk.ts';
import type { RedisClient } from './redis-client.ts';

/** One job, a group, or all that a filter means. */
export type DeadTarget =
  | { readonly job: { readonly queue: string; readonly jobId: string } }
  | { readonly fingerprint: string }
  | { readonly filter: DeadFilter };

export interface DeadOptions {
  /** Stop after so many: one, then ten, then all. */
  readonly limit?: number;
  /** After each batch. */
  readonly onProgress?: (progress: DeadProgress) => void;
  /** Stops between two batches; what is done stays done. */
  readonly signal?: AbortSignal;
}

/** How many jobs met which fate. */
export interface DeadProgress {
  readonly done: number;
  readonly notDead: number;
  readonly unknown: number;
  readonly expired: number;
  /** Dead jobs looked at so far, of how many there were at the start: for a progress bar. */
  readonly seen: number;
  readonly of: number;
}

export interface DeadResult extends DeadProgress {
  readonly ended: 'all' | 'limit' | 'aborted';
}

/** Jobs in one script. Redis does nothing else meanwhile, and the ingress waits for it. */
const BATCH = 25;

const COUNTED = { done: 'done', 'not-dead': 'notDead', unknown: 'unknown', expired: 'expired' } as const;

interface Run {
  readonly client: RedisClient;
  sourcesOf(queue: string | undefined): readonly DeadSource[];
  readonly act: Act;
  readonly target: DeadTarget;
  readonly options: DeadOptions;
}

export async function runAct({ client, sourcesOf, act, target, options }: Run): Promise<DeadResult> {
  const { limit = Number.POSITIVE_INFINITY, onProgress, signal } = options;
  const total = { done: 0, notDead: 0, unknown: 0, expired: 0, seen: 0, of: 0 };
  const tally = (fate: Fate) => {
    total[COUNTED[fate]] += 1;
  };
  if ('job' in target) {
    tally(await actOnOne(client, sourcesOf(target.job.queue), act, target.job.jobId));
    Object.assign(total, { seen: 1, of: 1 });
    onProgress?.({ ...total });
    return { ...total, ended: 'all' };
  }

  const filter = 'filter' in target ? target.filter : { fingerprint: target.fingerprint };
  const sources = sourcesOf(filter.queue);
  const startedAt = Date.now();
  const { until, of } = await extent(client, sources, filter, startedAt);
  total.of = of;
  for await (const places of walkDead(client, sources, { order: 'oldest-first', until })) {
    const records = await readDead(client, places);
    const wanted = records.filter(({ job }) => meant(job, filter) && (job.redrivenAt ?? 0) < startedAt);
    for (let at = 0; at < wanted.length; ) {
      if (signal?.aborted) return { ...total, ended: 'aborted' };
      const batch = wanted.slice(at, at + Math.min(BATCH, limit - total.done));
      for (const together of bySource(batch)) for (const fate of await act(together)) tally(fate);
      at += batch.length;
      onProgress?.({ ...total });
      if (total.done >= limit) return { ...total, ended: 'limit' };
    }
    total.seen += places.length;
    onProgress?.({ ...total });
  }
  return { ...total, ended: 'all' };
}

/** Until which death to go: what dies again while this runs is left, or a fault that is still there loops for ever. */
async function extent(
  client: RedisClient,
  sources: readonly DeadSource[],
  filter: DeadFilter,
  now: number,
): Promise<{ until: number; of: number }> {
  const last = await Promise.all(
    sources.map((source) => client.zrevrange(failedKey(source), 0, 0, 'WITHSCORES')),
  );
  const newest = Math.max(0, ...last.map(([, diedAt]) => Number(diedAt ?? 0)));
  const counts = Object.values(await summarizeDead(client, sources)).map(({ count }) => count);
  return {
    until: Math.min(newest, filter.olderThanMs === undefined ? newest : now - filter.olderThanMs),
    of: counts.reduce((sum, count) => sum + count, 0),
  };
}

async function actOnOne(
  client: RedisClient,
  sources: readonly DeadSource[],
  act: Act,
  jobId: string,
): Promise<Fate> {
  // The same id lives on one shard only, and a shard that does not know it says so.
  for (const record of await readDead(client, await placesOfJob(client, sources, jobId))) {
    const [fate = 'unknown'] = await act([record]);
    if (fate !== 'unknown') return fate;
  }
  return 'unknown';
}

/** A script reaches one queue on one shard. */
function bySource(records: readonly DeadRecord[]): DeadRecord[][] {
  const sources = new Map<string, DeadRecord[]>();
  for (const record of records) {
    const key = failedKey(record.place);
    sources.set(key, [...(sources.get(key) ?? []), record]);
  }
  return [...sources.values()];
}
