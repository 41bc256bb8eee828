import { createHealth } from '@switchyard/telemetry';
import { expect, test } from 'vitest';
import { createKeeperHealth, readinessOf } from './keeper-health.ts';

const STILL = 'refuses the oldest delivery of the spool, which stands still; see the log';

test.each([
  [null, { mode: 'direct', failing: false, standing: false }, true, 'ok'],
  [
    'away: closed',
    { mode: 'direct', failing: false, standing: false },
    true,
    'away: closed; the spool is ready',
  ],
  ['away: closed', { mode: 'spooling', failing: false, standing: false }, true, 'away, spooling'],
  [null, { mode: 'spooling', failing: false, standing: false }, true, 'draining the spool'],
  [
    'away: closed',
    { mode: 'spooling', failing: true, standing: false },
    false,
    'away, and the spool takes nothing',
  ],
  [null, { mode: 'spooling', failing: true, standing: false }, false, 'away, and the spool takes nothing'],
  [null, { mode: 'spooling', failing: false, standing: true }, false, STILL],
  ['away: closed', { mode: 'spooling', failing: false, standing: true }, true, 'away, spooling'],
] as const)('Redis %j and keeper %j: ready %j, %j', (away, state, ok, detail) =>
  expect(readinessOf(away, state)).toEqual({ ok, detail }),
);

test('shows both in the one dependency, whichever comes first', () => {
  const health = createHealth();
  const keeperHealth = createKeeperHealth(health.dependency('redis'));
  keeperHealth.redis.ready();
  expect(health.readiness().ok).toBe(false);
  keeperHealth.update({ mode: 'direct', failing: false, standing: false });
  expect(health.readiness()).toEqual({ ok: true, detail: { redis: 'ok' } });
  keeperHealth.redis.notReady('away: connection closed');
  keeperHealth.update({ mode: 'spooling', failing: false, standing: false });
  expect(health.readiness()).toEqual({ ok: true, detail: { redis: 'away, spooling' } });
});
