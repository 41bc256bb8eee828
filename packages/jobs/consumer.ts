import { Worker } from 'bullmq';
import type { RedisConnection } from './redis.ts';

/** The BullMQ worker of a shard, or the one that took its place. */
export interface Consumer {
  /**
   * Lets another worker take the place of one that consumes nothing. Only for one with nothing in hand: what it may
   * still fetch, should it come to life, goes on when its lock expires.
   */
  replace(): void;
  /** Takes no new job, and resolves when those in hand have ended and Redis knows. */
  close(): Promise<void>;
  /** Stops what `close` leaves running while it waits for a Redis that is away: the renewal of locks. */
  abandon(): Promise<void>;
}

/** BullMQ's, which can be left to itself. */
export class ConsumingWorker extends Worker {
  async abandon(): Promise<void> {
    await this.lockManager.close();
  }
}

/**
 * BullMQ's worker can wait for ever on the connection it blocks on, long after Redis is back: after a node of a
 * cluster was away, always (BullMQ 6.7, `resetBlockedConnection` in redis-queue-backend), and there were other ways
 * (taskforcesh/bullmq#2964, #3185, #4479, #4585). Nothing can be done to that worker but to take another one.
 */
export function createConsumer(redis: RedisConnection, start: () => ConsumingWorker): Consumer {
  let { made: worker, end } = redis.withDuplicates(start);
  return {
    replace() {
      // In the background and perhaps never: that it does not move is why it is replaced.
      worker.close().catch(() => {});
      worker.abandon().catch(() => {});
      end();
      ({ made: worker, end } = redis.withDuplicates(start));
    },
    close: () => worker.close(),
    abandon: () => worker.abandon(),
  };
}
