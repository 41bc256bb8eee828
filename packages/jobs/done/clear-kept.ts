import { jobKey } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';

/** So many at once; each may hold a message of 150 000 characters. */
const AT_ONCE = 500;

/**
 * Removes done jobs that BullMQ keeps, with what a customer wrote in them: versions before this one let it keep ten
 * thousand. By commands that a full Redis takes. Answers how many it found, fewer than 500 when none is left.
 */
export async function clearKeptJobs(client: RedisClient, prefix: string, queue: string): Promise<number> {
  const completed = `${prefix}:${queue}:completed`;
  const jobIds = await client.zrange(completed, '0', String(AT_ONCE - 1));
  if (jobIds.length === 0) return 0;
  await client.unlink(...jobIds.map((jobId) => jobKey(prefix, queue, jobId)));
  await client.zrem(completed, ...jobIds);
  return jobIds.length;
}
