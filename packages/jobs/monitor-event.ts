import type { ChatwootEvent } from '@switchyard/chatwoot';
import { readJobData } from './job-data.ts';
import { jobKey, shardPrefixes } from './keys.ts';
import type { RedisConnection } from './redis.ts';

/** A job that BullMQ has. */
export interface KeptJob {
  readonly shard: number;
  /** With what a customer wrote in it. null where it can't be read, or is larger than anybody would read. */
  readonly event: ChatwootEvent | null;
}

const LARGEST = 512 * 1024;

/**
 * Finds a job in BullMQ, which keeps it until it is done.
 *
 * @returns null when BullMQ does not have it: done, discarded, or behind another job of its lane.
 * @throws when Redis is away.
 */
export async function findKeptJob(
  redis: RedisConnection,
  { queue, jobId, shards }: { readonly queue: string; readonly jobId: string; readonly shards: number },
): Promise<KeptJob | null> {
  const { client } = redis;
  const keys = shardPrefixes(shards).map((prefix) => jobKey(prefix, queue, jobId));
  const sizes = await Promise.all(keys.map((key) => client.hstrlen(key, 'data')));
  const shard = sizes.findIndex((size) => size > 0);
  const key = keys[shard];
  if (key === undefined) return null;
  if ((sizes[shard] ?? 0) > LARGEST) return { shard, event: null };
  return { shard, event: readJobData(parsed(await client.hget(key, 'data')))?.event ?? null };
}

function parsed(json: string | null): unknown {
  try {
    return json === null ? null : JSON.parse(json);
  } catch {
    return null;
  }
}
