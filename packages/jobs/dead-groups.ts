import { type DeadJob, readDead } from './dead-job.ts';
import { type DeadSource, walkDead } from './dead-walk.ts';
import type { RedisClient } from './redis-client.ts';

/** Dead jobs of one queue that died of the same fault. */
export interface DeadGroup {
  readonly fingerprint: string;
  readonly queue: string;
  readonly code: string;
  readonly step: string | null;
  /** Of the one that died last, as an example. */
  readonly message: string;
  readonly count: number;
  /** When the first and the last of them died, epoch milliseconds. */
  readonly oldestAt: number;
  readonly newestAt: number;
}

/** The largest group first. Reads every dead job once, a chunk at a time. */
export async function groupDead(client: RedisClient, sources: readonly DeadSource[]): Promise<DeadGroup[]> {
  const groups = new Map<string, DeadGroup>();
  for await (const places of walkDead(client, sources, { order: 'newest-first' })) {
    for (const { job, isThere } of await readDead(client, places)) {
      if (isThere) groups.set(job.fingerprint, including(groups.get(job.fingerprint), job));
    }
  }
  return [...groups.values()].toSorted((a, b) => b.count - a.count || b.newestAt - a.newestAt);
}

/** Jobs come newest first, so each one is the oldest so far. */
function including(group: DeadGroup | undefined, job: DeadJob): DeadGroup {
  if (group !== undefined) return { ...group, count: group.count + 1, oldestAt: job.diedAt };
  const { fingerprint, queue, code, step, message, diedAt } = job;
  return { fingerprint, queue, code, step, message, count: 1, oldestAt: diedAt, newestAt: diedAt };
}
