import { Queue } from 'bullmq';
import { queues as catalogue } from './catalogue.ts';
import { shardPrefixes } from './keys.ts';
import type { RedisConnection } from './redis.ts';

/**
 * Stops a queue and lets it go on, on all its shards and for all its workers. Jobs in hand are finished; what is
 * accepted meanwhile waits.
 */
export interface QueueSwitch {
  /** Repeating it changes nothing, here and with `resume`. @throws {RangeError} for a name that is no queue's. */
  pause(queue: string): Promise<void>;
  resume(queue: string): Promise<void>;
  /** Whether any of its shards is. */
  paused(queue: string): Promise<boolean>;
}

export interface QueueSwitchSettings {
  readonly redis: RedisConnection;
  /** How many shards the installation has; 1 by default. */
  readonly shards?: number;
  /** Its queues, the user's own too; the catalogue's otherwise. */
  readonly queues?: readonly string[];
}

/** All of it throws when Redis is away. */
export function createQueueSwitch({
  redis,
  shards = 1,
  queues = catalogue.map(({ name }) => name),
}: QueueSwitchSettings): QueueSwitch {
  async function onAllShards<T>(name: string, act: (queue: Queue) => Promise<T>): Promise<T[]> {
    if (!queues.includes(name)) {
      throw new RangeError(`no queue "${name}"; there are: ${queues.join(', ')}`);
    }
    return Promise.all(
      shardPrefixes(shards).map(async (prefix) => {
        const queue = new Queue(name, { connection: redis.client, prefix, skipMetasUpdate: true });
        queue.on('error', () => {}); // The call itself tells.
        try {
          return await act(queue);
        } finally {
          await queue.close();
        }
      }),
    );
  }

  return {
    pause: async (name) => void (await onAllShards(name, (queue) => queue.pause())),
    resume: async (name) => void (await onAllShards(name, (queue) => queue.resume())),
    paused: async (name) => (await onAllShards(name, (queue) => queue.isPaused())).includes(true),
  };
}
