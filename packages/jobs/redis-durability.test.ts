import { createHealth, createLogger, createMetrics } from '@switchyard/telemetry';
import { startRedis } from '@switchyard/testkit';
import { expect, test, vi } from 'vitest';
import { connectRedis } from './redis.ts';
import { judgeDurability, watchDurability } from './redis-durability.ts';

test.each([
  ['yes', 'always', 'noeviction', []],
  ['yes', 'everysec', 'noeviction', []],
  ['yes', 'no', 'noeviction', ['appendfsync']],
  ['no', 'everysec', 'noeviction', ['appendonly']],
  ['no', 'no', 'allkeys-lru', ['appendonly', 'maxmemory-policy']],
  ['yes', 'always', 'volatile-ttl', ['maxmemory-policy']],
  [null, null, null, []],
] as const)(
  'appendonly %s, appendfsync %s, %s: unsafe is %j',
  (appendonly, appendfsync, maxmemoryPolicy, unsafe) => {
    const judged = judgeDurability({ appendonly, appendfsync, maxmemoryPolicy });
    expect(judged.filter(({ verdict }) => verdict === 'unsafe').map(({ setting }) => setting)).toEqual(
      unsafe,
    );
    expect(judged.every(({ verdict, detail }) => (verdict === 'unsafe') === (detail !== null))).toBe(true);
    expect(judged.some(({ verdict }) => verdict === 'unknown')).toBe(appendonly === null);
  },
);

test('of a real Redis, says what may lose deliveries, until it is mended; also where CONFIG is forbidden', async () => {
  const server = await startRedis({ owned: true, appendonly: 'no', maxmemoryPolicy: 'allkeys-lru' });
  const lines: string[] = [];
  const log = createLogger({
    app: 'test',
    level: 'warn',
    destination: { write: (line) => void lines.push(line) },
  });
  const metrics = createMetrics({ app: 'test', version: '0' });
  const health = createHealth();
  const shown = health.dependency('redis');
  const redis = connectRedis({ url: server.url, log, temper: 'patient', health: shown });
  const watch = watchDurability({ redis, health: shown, metrics, log, everyMs: 50 });
  const said = () => Object.keys(health.readiness().detail).filter((key) => key.startsWith('warning'));
  const gauge = () => metrics.registry.getSingleMetricAsString('switchyard_redis_unsafe');

  await vi.waitFor(
    () => expect(said()).toEqual(['warning: redis.appendonly', 'warning: redis.maxmemory-policy']),
    20_000,
  );
  expect(await gauge()).toContain('{setting="appendonly"} 1');
  expect(health.readiness().ok).toBe(true);

  await redis.client.config('SET', 'appendonly', 'yes');
  await redis.client.config('SET', 'maxmemory-policy', 'noeviction');
  await vi.waitFor(() => expect(said()).toEqual([]), 20_000);
  expect(await gauge()).toContain('{setting="appendonly"} 0');
  expect(lines).toHaveLength(2);

  await redis.client.call('ACL', 'SETUSER', 'default', '-config');
  await vi.waitFor(
    () =>
      expect(health.readiness().detail).toMatchObject({
        'warning: redis.appendfsync': 'unknown: Redis does not tell',
      }),
    20_000,
  );
  expect(said()).toHaveLength(1);
  watch.close();
  await redis.close();
  await server.close();
});
