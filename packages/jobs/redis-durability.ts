import type { DependencyHealth, Logger, Metrics } from '@switchyard/telemetry';
import type { Redis } from 'ioredis';
import { createAofMend } from './aof-mend.ts';
import type { RedisConnection } from './redis.ts';

/** How a Redis is set up to keep what it acknowledged; null where it does not tell. */
export interface DurabilitySettings {
  readonly appendonly: string | null;
  readonly appendfsync: string | null;
  readonly maxmemoryPolicy: string | null;
}

/** `detail` says what may be lost and what to set; null when nothing is wrong or nothing is known. */
export interface DurabilityJudgement {
  readonly setting: 'appendonly' | 'appendfsync' | 'maxmemory-policy';
  readonly verdict: 'safe' | 'unsafe' | 'unknown';
  readonly detail: string | null;
}

/** Which settings may lose deliveries that were acknowledged (docs/operations: durability). */
export function judgeDurability(settings: DurabilitySettings): readonly DurabilityJudgement[] {
  const { appendonly, appendfsync, maxmemoryPolicy } = settings;
  return [
    judge(
      'appendonly',
      appendonly,
      appendonly === 'no',
      'a restart of Redis loses deliveries; set appendonly yes',
    ),
    judge(
      'appendfsync',
      appendfsync,
      appendfsync === 'no' && appendonly === 'yes',
      'a crash of the machine loses the last half minute; set appendfsync everysec or always',
    ),
    judge(
      'maxmemory-policy',
      maxmemoryPolicy,
      maxmemoryPolicy !== 'noeviction',
      `${maxmemoryPolicy} may evict jobs and what is known of deliveries; set maxmemory-policy noeviction`,
    ),
  ];
}

function judge(
  setting: DurabilityJudgement['setting'],
  value: string | null,
  isUnsafe: boolean,
  detail: string,
): DurabilityJudgement {
  if (value === null) return { setting, verdict: 'unknown', detail: null };
  return isUnsafe ? { setting, verdict: 'unsafe', detail } : { setting, verdict: 'safe', detail: null };
}

/** What a Redis is set up to lose; of a cluster's primaries, the worst. Throws when Redis is away. */
export async function readDurability(redis: RedisConnection): Promise<readonly DurabilityJudgement[]> {
  const settings = await Promise.all(redis.primaries().map(readSettings));
  return worstOf(settings.map(judgeDurability));
}

const SEVERITY = ['safe', 'unknown', 'unsafe'] as const;

/** A cluster keeps what it acknowledged as well as the worst of its primaries does. */
function worstOf(ofEach: readonly (readonly DurabilityJudgement[])[]): DurabilityJudgement[] {
  const worst = new Map<string, DurabilityJudgement>();
  for (const judgement of ofEach.flat()) {
    const before = worst.get(judgement.setting);
    const isWorse = SEVERITY.indexOf(judgement.verdict) > SEVERITY.indexOf(before?.verdict ?? 'safe');
    if (before === undefined || isWorse) worst.set(judgement.setting, judgement);
  }
  return [...worst.values()];
}

/**
 * Asks Redis. INFO tells most of it also where CONFIG is forbidden, as it is on managed ones.
 *
 * @throws when Redis is away.
 */
async function readSettings(redis: Redis): Promise<DurabilitySettings> {
  const info = await redis.info();
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? null;
  const enabled = field('aof_enabled');
  return {
    appendonly: enabled === null ? null : enabled === '1' ? 'yes' : 'no',
    appendfsync: await configured(redis, 'appendfsync'),
    maxmemoryPolicy: field('maxmemory_policy') ?? (await configured(redis, 'maxmemory-policy')),
  };
}

async function configured(redis: Redis, name: string): Promise<string | null> {
  try {
    const answer: unknown = await redis.config('GET', name);
    const value: unknown = Array.isArray(answer) ? answer[1] : Reflect.get(Object(answer), name);
    return typeof value === 'string' && value !== '' ? value : null;
  } catch (error) {
    // An answer, only not the one we hoped for: forbidden, renamed, unknown.
    if (error instanceof Error && error.name === 'ReplyError') return null;
    throw error;
  }
}

export interface DurabilityWatch {
  close(): void;
}

export interface DurabilityWatchSettings {
  readonly redis: RedisConnection;
  readonly health: DependencyHealth;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly everyMs?: number;
}

/**
 * Looks at every connect and once a minute, and says in log, `/readyz` and metrics what may lose deliveries. Has the
 * append-only file of a Redis that was started anew rewritten (aof-mend.ts says why).
 */
export function watchDurability(settings: DurabilityWatchSettings): DurabilityWatch {
  const { redis, health, metrics, log, everyMs = 60_000 } = settings;
  const unsafe = metrics.gauge(
    'redis_unsafe',
    '1 when this setting of Redis may lose acknowledged deliveries, 0 when not or when Redis does not tell.',
    ['setting'],
  );
  const told = new Map<string, string | null>();
  const { mend } = createAofMend(log);

  async function look(): Promise<void> {
    if (redis.client.status !== 'ready') return;
    await Promise.allSettled(redis.primaries().map(mend));
    const known = await readDurability(redis).catch(() => null);
    // Away; the next connect looks again.
    if (known === null) return;
    for (const { setting, verdict, detail } of known) {
      unsafe.set({ setting }, verdict === 'unsafe' ? 1 : 0);
      const said = verdict === 'unknown' ? 'unknown: Redis does not tell' : detail;
      health.warn(setting, said);
      if (told.get(setting) === said) continue;
      if (verdict === 'unsafe') log.warn({ setting }, `Redis may lose acknowledged deliveries: ${detail}`);
      else if (verdict === 'unknown') log.info({ setting }, 'Redis does not tell how it is set up');
      told.set(setting, said);
    }
  }

  const onReady = () => void look();
  redis.client.on('ready', onReady);
  // A node of a cluster that was away.
  redis.client.on('+node', onReady);
  const timer = setInterval(onReady, everyMs);
  timer.unref();
  onReady();
  return {
    close() {
      clearInterval(timer);
      redis.client.off('ready', onReady);
      redis.client.off('+node', onReady);
    },
  };
}
