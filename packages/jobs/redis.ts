import type { DependencyHealth, Logger } from '@switchyard/telemetry';
import { Redis } from 'ioredis';

/** A connection with our scripts on it. */
export interface RedisConnection {
  readonly client: Redis;
  /** A script that gets one key (a shard's prefix) and any number of arguments. */
  script(name: string, lua: string): (prefix: string, args: readonly (string | Buffer)[]) => Promise<unknown>;
  /** Whether it is connected, now or within `ms`. */
  readyWithin(ms: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface RedisSettings {
  readonly url: string;
  readonly log: Logger;
  readonly health?: DependencyHealth;
  /**
   * `patient` waits for Redis as long as it takes (workers: there is nothing else to do). `prompt` fails a
   * command at once while there is no connection and after `commandTimeoutMs` when there is no answer (the
   * ingress: a caller waits).
   */
  readonly temper: 'patient' | 'prompt';
  readonly commandTimeoutMs?: number;
}

/** A connection on which something was asked and nothing comes is dead, also when nobody has closed it. */
const SILENT_MS = 5_000;
const RECONNECT_MS = { first: 50, most: 1_000 };

/** Connects in the background and for ever: a missing Redis is said once, and once more when it is back. */
export function connectRedis(settings: RedisSettings): RedisConnection {
  const { log, health } = settings;
  const prompt = settings.temper === 'prompt';
  const client = new Redis(settings.url, {
    maxRetriesPerRequest: prompt ? 0 : null,
    enableOfflineQueue: !prompt,
    ...(prompt ? { socketTimeout: SILENT_MS } : {}),
    ...(settings.commandTimeoutMs === undefined ? {} : { commandTimeout: settings.commandTimeoutMs }),
    connectTimeout: 5_000,
    retryStrategy: (times) => Math.min(RECONNECT_MS.first * 2 ** Math.min(times, 10), RECONNECT_MS.most),
    // A replica that was promoted, or a primary that was demoted: the old connection must go (failover).
    reconnectOnError: (error) => /^(READONLY|LOADING)/.test(error.message),
    showFriendlyErrorStack: false,
  });
  const isReady = () => client.status === 'ready';
  let away = false;
  client.on('ready', () => {
    health?.ready();
    if (away) log.info('Redis is back');
    away = false;
  });
  client.on('error', (error: Error) => lost(error.message || error.name));
  client.on('close', () => lost('connection closed'));

  function lost(reason: string): void {
    health?.notReady(`away: ${reason}`);
    if (away || client.status === 'end') return;
    away = true;
    log.warn({ reason }, 'Redis is away; waiting for it');
  }

  return {
    client,
    script(name, lua) {
      client.defineCommand(name, { numberOfKeys: 1, lua });
      return (prefix, args) => {
        const command: unknown = Reflect.get(client, name);
        if (typeof command !== 'function') throw new Error(`script ${name} is not defined`);
        return command.call(client, prefix, ...args);
      };
    },
    async readyWithin(ms) {
      if (isReady()) return true;
      const ready = Promise.withResolvers<void>();
      const timer = setTimeout(ready.resolve, ms);
      client.once('ready', ready.resolve);
      await ready.promise;
      clearTimeout(timer);
      client.off('ready', ready.resolve);
      return isReady();
    },
    async close() {
      health?.notReady('closed');
      client.removeAllListeners('close');
      // quit waits for answers that may never come when Redis is away; then there is nothing to wait for.
      if (isReady()) await client.quit().catch(() => client.disconnect());
      else client.disconnect();
    },
  };
}
