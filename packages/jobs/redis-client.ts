import { parseRedisUrl, type RedisAddress } from '@switchyard/config';
import { Cluster, Redis } from 'ioredis';
import { sendTogether } from './send-together.ts';

/** A client of one Redis, of the primary its sentinels name, or of a cluster: to us the same. */
export type RedisClient = Redis | Cluster;

/** How a connection behaves, whatever it leads to. */
export interface ClientTemper {
  /** Fails a command while there is no connection, rather than keep it. */
  readonly prompt: boolean;
  readonly commandTimeoutMs: number | null;
}

const CONNECT_MS = 5_000;
const RECONNECT_MS = { first: 50, most: 1_000 };
/**
 * A connection on which something was asked and nothing comes is dead, also when nobody has closed it: a failed-over
 * primary behind a network that is gone never says so. A patient one waits longer, since a Redis that is held up for
 * some seconds is not away, and BullMQ's blocking calls take up to ten.
 */
const SILENT_MS = { prompt: 5_000, patient: 30_000 };
/** How long a cluster's client follows redirections and waits for a node before a command fails; 100 ms each. */
const REDIRECTIONS = { prompt: 16, patient: 600 };
/** Answers of a Redis that is not, or no longer, the primary: another connection leads to the one that is. */
const DEMOTED = /^(READONLY|MASTERDOWN|LOADING)/;

/** @throws {RedisUrlError} */
export function createClient(url: string, temper: ClientTemper): RedisClient {
  const address = parseRedisUrl(url);
  const retryStrategy = (times: number) =>
    Math.min(RECONNECT_MS.first * 2 ** Math.min(times, 10), RECONNECT_MS.most);
  const each = {
    maxRetriesPerRequest: temper.prompt ? 0 : null,
    socketTimeout: temper.prompt ? SILENT_MS.prompt : SILENT_MS.patient,
    ...(temper.commandTimeoutMs === null ? {} : { commandTimeout: temper.commandTimeoutMs }),
    connectTimeout: CONNECT_MS,
    // 2: and send the command again. A prompt one tells its caller, who knows better what to do.
    reconnectOnError: (error: Error) => DEMOTED.test(error.message) && (temper.prompt ? 1 : 2),
    showFriendlyErrorStack: false,
  };
  if (address.kind === 'cluster') {
    const cluster = new Cluster([...address.nodes], {
      clusterRetryStrategy: retryStrategy,
      enableOfflineQueue: !temper.prompt,
      maxRedirections: temper.prompt ? REDIRECTIONS.prompt : REDIRECTIONS.patient,
      slotsRefreshTimeout: CONNECT_MS,
      redisOptions: { ...each, ...access(address) },
    });
    cluster.on('+node', sendTogether);
    return cluster;
  }
  const one = { ...each, retryStrategy, enableOfflineQueue: !temper.prompt };
  if (address.kind === 'single') return sendTogether(new Redis(address.url, one));
  const { sentinels, name, db, sentinelPassword, tls } = address;
  const client = new Redis({
    ...one,
    ...access(address),
    sentinels: [...sentinels],
    name,
    db,
    ...(sentinelPassword === null ? {} : { sentinelPassword }),
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    sentinelRetryStrategy: retryStrategy,
    // Told by the sentinels of a new primary, it leaves the old one, which may not know yet that it is the old one.
    failoverDetector: true,
  });
  return sendTogether(client);
}

function access({ username, password, tls }: Exclude<RedisAddress, { kind: 'single' }>) {
  return {
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
  };
}

/** The servers that hold data: each primary of a cluster, or the one there is. */
export function primariesOf(client: RedisClient): Redis[] {
  return client instanceof Cluster ? client.nodes('master') : [client];
}
