import { extendLock } from 'bullmq/dist/esm/scripts/extendLock-2.js';
import { extendLocks } from 'bullmq/dist/esm/scripts/extendLocks-1.js';
import { moveJobFromActiveToWait } from 'bullmq/dist/esm/scripts/moveJobFromActiveToWait-9.js';
import { moveStalledJobsToWait } from 'bullmq/dist/esm/scripts/moveStalledJobsToWait-9.js';
import { moveToActive } from 'bullmq/dist/esm/scripts/moveToActive-11.js';
import { moveToDelayed } from 'bullmq/dist/esm/scripts/moveToDelayed-11.js';
import { moveToFinished } from 'bullmq/dist/esm/scripts/moveToFinished-14.js';
import { retryJob } from 'bullmq/dist/esm/scripts/retryJob-11.js';
import { version } from 'bullmq/dist/esm/version.js';
import type { RedisClient } from '../redis-client.ts';
import { WRITES_WHEN_FULL } from './first-write.ts';

/** What a BullMQ worker does with jobs that are there already. */
const WORKING = [
  moveToActive,
  moveToFinished,
  moveToDelayed,
  moveStalledJobsToWait,
  moveJobFromActiveToWait,
  retryJob,
  extendLock,
  extendLocks,
];

/**
 * Lets BullMQ's workers on this connection fetch, end and put off jobs while Redis is full. BullMQ defines its scripts
 * on a connection where that has none of this name yet (`loadCommands` of its RedisConnection), so these, which are
 * its own with one line before them, take their place. To be called before a worker is made.
 */
export function workWhenFull(client: RedisClient): void {
  for (const { name, keys, content } of WORKING)
    client.defineCommand(`${name}:${version}`, { numberOfKeys: keys, lua: `${WRITES_WHEN_FULL}${content}` });
}
