import { setTimeout as sleep } from 'node:timers/promises';
import type { DependencyHealth, Logger } from '@switchyard/telemetry';
import { Cluster, type Redis } from 'ioredis';
import { createClient, primariesOf, type RedisClient } from './redis-client.ts';

/** A connection with our scripts on it. */
export interface RedisConnection {
  readonly client: RedisClient;
  /** The servers behind it that hold data: each primary of a cluster, or the one there is. */
  primaries(): readonly Redis[];
  /** A script that gets one key (a shard's prefix) and any number of arguments. */
  script(name: string, lua: string): (prefix: string, args: readonly (string | Buffer)[]) => Promise<unknown>;
  /** Whether it is connected, now or within `ms`. */
  readyWithin(ms: number): Promise<boolean>;
  /** Makes something that takes connections of its own from this one; `end` cuts those. */
  withDuplicates<T>(make: () => T): { readonly made: T; end(): void };
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

const QUIT_MS = 1_000;
/** How often at most the log says that one node of a cluster is away. */
const NODE_COMPLAINT_MS = 60_000;

/**
 * Connects in the background and for ever: a missing Redis is said once, and once more when it is back.
 *
 * @throws {RedisUrlError} see `parseRedisUrl` for the forms an address may have.
 */
export function connectRedis(settings: RedisSettings): RedisConnection {
  const { log, health } = settings;
  const client = createClient(settings.url, {
    prompt: settings.temper === 'prompt',
    commandTimeoutMs: settings.commandTimeoutMs ?? null,
  });
  const duplicates = trackDuplicates(client);
  const isReady = () => client.status === 'ready';
  let away = false;
  client.on('ready', () => {
    health?.ready();
    if (away) log.info('Redis is back');
    away = false;
  });
  client.on('error', (error: Error) => lost(error.message || error.name));
  client.on('close', () => lost('connection closed'));
  if (client instanceof Cluster) complainOfNodes(client, log);

  function lost(reason: string): void {
    health?.notReady(`away: ${reason}`);
    if (away || client.status === 'end') return;
    away = true;
    log.warn(
      { reason, check: 'is Redis running, and is it where REDIS_URL says?' },
      'Redis is away; waiting for it',
    );
  }

  return {
    client,
    primaries: () => primariesOf(client),
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
    withDuplicates(make) {
      const before = new Set(duplicates);
      const made = make();
      const its = [...duplicates].filter((duplicate) => !before.has(duplicate));
      return { made, end: () => its.forEach(cut) };
    },
    async close() {
      health?.notReady('closed');
      client.removeAllListeners('close');
      // quit waits for answers that may never come when Redis is away; then there is nothing to wait for.
      if (isReady()) await Promise.race([client.quit().catch(() => {}), sleep(QUIT_MS)]);
      client.disconnect();
      duplicates.forEach(cut);
    },
  };
}

function cut(client: RedisClient): void {
  client.disconnect();
}

/**
 * BullMQ's workers block on connections of their own, made from ours, and can't be made to leave them while Redis is
 * away (`Worker.close(true)` after `close()` does nothing). So they end with ours: else the process would stay.
 */
function trackDuplicates(client: RedisClient): ReadonlySet<RedisClient> {
  const duplicates = new Set<RedisClient>();
  const keep = <Client extends RedisClient>(made: Client): Client => {
    duplicates.add(made);
    made.once('end', () => duplicates.delete(made));
    return made;
  };
  if (client instanceof Cluster) {
    const duplicate = client.duplicate.bind(client);
    client.duplicate = (...args) => keep(duplicate(...args));
  } else {
    const duplicate = client.duplicate.bind(client);
    client.duplicate = (...args) => keep(duplicate(...args));
  }
  return duplicates;
}

/** The others of a cluster go on, so this is no `away`; but somebody should know. */
function complainOfNodes(cluster: Cluster, log: Logger): void {
  const said = new Map<string, number>();
  cluster.on('node error', (error: Error, node: string) => {
    if (Date.now() - (said.get(node) ?? 0) < NODE_COMPLAINT_MS) return;
    said.set(node, Date.now());
    log.warn({ node, reason: error.message || error.name }, 'a node of the Redis cluster is away');
  });
}
