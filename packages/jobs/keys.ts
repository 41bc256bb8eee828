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

/** String: the only account that the user's token sees, or `several`; in the first shard. */
export function soleAccountKey(prefix: string): string {
  return `${prefix}:sole-account`;
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

/** List: the jobs of a lane behind its holder, oldest first. */
export function laneKey(prefix: string, queue: string, lane: string): string {
  return `${prefix}:lane:${queue}:${lane}`;
}

/** List: the lanes of an account that wait to be admitted to BullMQ, with their holders. */
export function lineKey(prefix: string, queue: string, account: string): string {
  return `${prefix}:line:${queue}:${account}`;
}

/** Hash: how many jobs of a queue are done; see done/done-counts.ts. */
export function doneKey(prefix: string, queue: string): string {
  return `${prefix}:done:${queue}`;
}

/** Sorted set: the accounts that jobs were done for, the newest, by when the last one was. */
export function accountsKey(prefix: string): string {
  return `${prefix}:accounts`;
}

/** Hash: the steps of a job and how it ended. */
export function ledgerKey(prefix: string, queue: string, jobId: string): string {
  return `${prefix}:ledger:${queue}:${jobId}`;
}

/** String: what a queue remembers between jobs. */
export function stateKey(prefix: string, queue: string, name: string): string {
  return `${prefix}:state:${queue}:${name}`;
}

/** List: what became of the deliveries of many conversations; see story-store. */
export function storiesKey(prefix: string, bucket: number): string {
  return `${prefix}:stories:${bucket}`;
}

/** Hash: the conversations of many contacts, and when each last had a delivery; see story-store. */
export function storyContactsKey(prefix: string, bucket: number): string {
  return `${prefix}:story-contacts:${bucket}`;
}

/** Hash: the shapes of stories, by their numbers and by their digests. */
export function storyShapesKey(prefix: string): string {
  return `${prefix}:story-shapes`;
}

/** List: how the jobs of a conversation (`v3-17`), or of a contact alone (`c3-5`), ended, as versions before kept it. */
export function storyKey(prefix: string, subject: string): string {
  return `${prefix}:story:${subject}`;
}

/** Sorted set: the conversations of a contact (`c3-5`) that have a story, as versions before kept them. */
export function conversationsKey(prefix: string, contact: string): string {
  return `${prefix}:conversations:${contact}`;
}

/** String: who hands a late message over, a job of bot-replies or the healer; `name` is account, conversation, message. */
export function handedKey(prefix: string, name: string): string {
  return `${prefix}:handed:${name}`;
}

/** Hash: who holds a lease, and its fence; a string beside it counts the fences. */
export function leaseKey(prefix: string, name: string): string {
  return `${prefix}:lease:${name}`;
}

/** Hash: why a queue holds, since when and how wide it is; there while its breaker is open. */
export function breakerKey(prefix: string, queue: string): string {
  return `${prefix}:breaker:${queue}`;
}
