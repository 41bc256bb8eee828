/**
 * Names of keys in Redis. A shard's prefix carries one hash tag, so all that one delivery touches (its queues,
 * lanes, ledger, dedupe keys) lies in one slot of a cluster, and one script can change it atomically
 * (design.md §5).
 */
export function shardPrefix(shard: number): string {
  return `{switchyard:${shard}}`;
}

/** The prefixes of all shards. */
export function shardPrefixes(shards: number): string[] {
  return Array.from({ length: shards }, (_, shard) => shardPrefix(shard));
}

/** String: how many shards there are, in each of them. */
export function shardsKey(prefix: string): string {
  return `${prefix}:shards`;
}

export function jobKey(prefix: string, queue: string, jobId: string): string {
  return `${prefix}:${queue}:${jobId}`;
}

/** Hash: lane → id of the job that holds it, the only one of the lane that BullMQ knows of. */
export function lanesKey(prefix: string, queue: string): string {
  return `${prefix}:lanes:${queue}`;
}

/** Sorted set: every job accepted and not yet settled, by the time it was accepted (epoch milliseconds). */
export function unsettledKey(prefix: string, queue: string): string {
  return `${prefix}:unsettled:${queue}`;
}

/** Hash: the steps of a job and how it ended. */
export function ledgerKey(prefix: string, queue: string, jobId: string): string {
  return `${prefix}:ledger:${queue}:${jobId}`;
}

/** String: what a queue remembers between jobs. */
export function stateKey(prefix: string, queue: string, name: string): string {
  return `${prefix}:state:${queue}:${name}`;
}
