import { type CliConfig, parseRedisUrl } from '@switchyard/config';
import { connectRedis, type RedisConnection } from '@switchyard/jobs';
import { createLogger } from '@switchyard/telemetry';
import { CommandFailure } from './command-failure.ts';
import { EXIT } from './exit.ts';

/** A slow Redis is waited for; one that refuses is told of soon. */
const CONNECT_MS = 10_000;
const REFUSED_MS = 1_000;
const LOOK_MS = 200;
const COMMAND_MS = 10_000;

/** @throws {CommandFailure} Redis can't be reached: with its address, without its password, and the reason. */
export async function withRedis<T>(
  { redisUrl }: Pick<CliConfig, 'redisUrl'>,
  work: (redis: RedisConnection) => Promise<T>,
): Promise<T> {
  const { redis, reason } = await openRedis(redisUrl);
  try {
    if (reason !== null) {
      const message = `Redis at ${redisPlace(redisUrl)} can't be reached: ${reason}`;
      throw new CommandFailure(EXIT.unreachable, 'REDIS_UNREACHABLE', message, redisAdvice(reason));
    }
    return await work(redis);
  } finally {
    await redis.close();
  }
}

/** Connects; `reason` says why that did not succeed. To be closed in either case. */
export async function openRedis(
  url: string,
): Promise<{ readonly redis: RedisConnection; readonly reason: string | null }> {
  let said: string | null = null;
  const health = {
    ready() {},
    notReady(detail: string) {
      const reason = detail.replace(/^away: /, '');
      // What made it close tells more than that it closed.
      if (reason !== 'connection closed' && reason !== 'closed') said = reason;
    },
    warn() {},
  };
  const log = createLogger({ app: 'switchyard', level: 'silent' });
  const redis = connectRedis({ url, log, health, temper: 'prompt', commandTimeoutMs: COMMAND_MS });
  const begun = performance.now();
  const within = () => performance.now() - begun < (said === null ? CONNECT_MS : REFUSED_MS);
  while (within()) if (await redis.readyWithin(LOOK_MS)) return { redis, reason: null };
  return { redis, reason: said ?? 'no answer' };
}

/** Where Redis is, without the password that may stand in its address. */
export function redisPlace(url: string): string {
  const address = parseRedisUrl(url);
  if (address.kind === 'sentinel') {
    return `${address.sentinels.map(({ host, port }) => `${host}:${port}`).join(', ')} (sentinels of ${address.name})`;
  }
  if (address.kind === 'cluster') return address.nodes.map(({ host, port }) => `${host}:${port}`).join(', ');
  const { hostname, port, pathname } = new URL(address.url);
  return `${hostname}:${port === '' ? 6379 : port}${pathname.length > 1 ? pathname : ''}`;
}

export function redisAdvice(reason: string): string[] {
  if (/NOAUTH|WRONGPASS|invalid password|without any password/i.test(reason)) {
    return [
      'REDIS_URL: give the password of this Redis: redis://:password@host:6379 (reserved characters %-encoded).',
    ];
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(reason))
    return ['REDIS_URL: there is no host of this name; check the spelling and the network.'];
  if (/certificate|SSL|TLS|EPROTO/i.test(reason)) {
    return [
      'REDIS_URL: rediss:// is for a Redis with TLS, redis:// for one without; its certificate must be one this machine trusts.',
    ];
  }
  return ['Start Redis, or set REDIS_URL to where it is. `switchyard doctor` checks the rest.'];
}
