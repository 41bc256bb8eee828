import { queues as catalogue } from './catalogue.ts';
import { createActs, KEEP_DEAD_MS } from './dead-acts.ts';
import type { DeadFilter } from './dead-filter.ts';
import { type DeadGroup, groupDead } from './dead-groups.ts';
import type { DeadJob } from './dead-job.ts';
import { type DeadPage, type DeadPageRequest, findDead, listDead } from './dead-list.ts';
import { type DeadOptions, type DeadResult, type DeadTarget, runAct } from './dead-run.ts';
import { type DeadSummary, summarizeDead } from './dead-summary.ts';
import type { RedisConnection } from './redis.ts';

export interface DeadJobsSettings {
  readonly redis: RedisConnection;
  /** How many shards the installation has. */
  readonly shards: number;
  /** All its queues, the user's own too; the catalogue's otherwise. */
  readonly queues?: readonly string[];
}

/** Dead jobs: what there is, why they died, and what an operator can do. All of it throws when Redis is away. */
export interface DeadJobs {
  /** One page of them, the newest first. @throws {RangeError} for a bad cursor or limit, or a queue that is none. */
  list(request: DeadPageRequest): Promise<DeadPage>;
  /** One job; null when it is not dead. */
  find(queue: string, jobId: string): Promise<DeadJob | null>;
  /** By what they died of, the largest group first. */
  groups(filter?: Pick<DeadFilter, 'queue'>): Promise<DeadGroup[]>;
  /** How many each queue has, and since when the oldest is dead. */
  summary(): Promise<Record<string, DeadSummary>>;
  /**
   * Sends them back to the tail of their lanes, the oldest death first; live jobs go before them. Finished steps are
   * skipped, a step of unknown outcome is confirmed first, and the age at which a queue gives up counts anew. Safe to
   * repeat, and to run twice at once. What dies again meanwhile is not taken a second time.
   */
  redrive(target: DeadTarget, options?: DeadOptions): Promise<DeadResult>;
  /** Removes them and their ledgers for good. */
  discard(target: DeadTarget, options?: DeadOptions): Promise<DeadResult>;
  /** Discards what has been dead longer than `keepMs` (30 days); for the upkeep, which says how many in log and metrics. */
  expire(request?: { readonly queue?: string; readonly keepMs?: number }): Promise<number>;
}

export function createDeadJobs(settings: DeadJobsSettings): DeadJobs {
  const { redis, shards, queues = catalogue.map(({ name }) => name) } = settings;
  const all = queues.flatMap((queue) => Array.from({ length: shards }, (_, shard) => ({ queue, shard })));
  const acts = createActs(redis);
  const { client } = redis;

  function sourcesOf(queue: string | undefined) {
    if (queue === undefined) return all;
    if (!queues.includes(queue)) throw new RangeError(`no queue "${queue}"; there are: ${queues.join(', ')}`);
    return all.filter((source) => source.queue === queue);
  }

  return {
    list: async (request) => listDead(client, sourcesOf(request.queue), request),
    find: async (queue, jobId) => findDead(client, sourcesOf(queue), jobId),
    groups: async (filter = {}) => groupDead(client, sourcesOf(filter.queue)),
    summary: async () => summarizeDead(client, all),
    redrive: async (target, options = {}) =>
      runAct({ client, sourcesOf, act: acts.redrive, target, options }),
    discard: async (target, options = {}) =>
      runAct({ client, sourcesOf, act: acts.discard, target, options }),
    async expire({ queue, keepMs = KEEP_DEAD_MS } = {}) {
      const target = { filter: { queue, olderThanMs: keepMs } };
      return (await runAct({ client, sourcesOf, act: acts.discard, target, options: {} })).done;
    },
  };
}
