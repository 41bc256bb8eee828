import type { Logger } from '@switchyard/telemetry';
import type { Redis } from 'ioredis';

/**
 * A Redis that is killed, or loses power, while it writes a script's changes leaves the beginning of a transaction at
 * the end of its append-only file. At the next start it does not carry it out, but it cuts off only the command that
 * is torn and leaves `MULTI` and those before it in the file. What comes then is written behind it, so the start
 * after that one carries out the beginning as well: a job that was enqueued again by then is in its lane twice, and a
 * settled one takes another job out of its lane with it. Redis 7.0 does so, whatever `appendfsync` says; Valkey has
 * mended it in 2026 (https://github.com/valkey-io/valkey/pull/4342).
 *
 * A rewrite makes the file anew from what Redis has in memory, which is right. So each start of Redis gets one.
 */
export interface AofMend {
  /** Has the file rewritten, unless that was done since this Redis started. Rejects when Redis is away. */
  mend(redis: Redis): Promise<void>;
}

export function createAofMend(log: Logger): AofMend {
  let refused = false;
  return {
    async mend(redis) {
      if (!isAsLoaded(await redis.info('persistence'))) return;
      try {
        await redis.bgrewriteaof();
        log.info(
          'Redis was started anew and rewrites its append-only file, so that no torn transaction stays',
        );
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'ReplyError') throw error;
        // Somebody else's request came first.
        if (error.message.includes('in progress')) return;
        if (!refused)
          log.warn({ err: error }, 'Redis does not rewrite its append-only file (docs/operations)');
        refused = true;
      }
    },
  };
}

/** From `INFO persistence`: whether the file is still the one Redis was started with, and nobody is at it. */
export function isAsLoaded(info: string): boolean {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const isIdle = field('aof_rewrite_in_progress') === '0' && field('aof_rewrite_scheduled') === '0';
  const isRewritten =
    field('aof_last_rewrite_time_sec') !== '-1' && field('aof_last_bgrewrite_status') === 'ok';
  return field('aof_enabled') === '1' && isIdle && !isRewritten;
}
