import { describe, expect, it } from 'vitest';
import { createHealth, type DependencyHealth, type Health } from './health.ts';

type Happening = (health: Health, redis: DependencyHealth) => void;

describe('readiness', () => {
  const table: readonly (readonly [
    what: string,
    happenings: readonly Happening[],
    ok: boolean,
    detail: object,
  ])[] = [
    ['a dependency is not ready until it says so', [], false, { redis: 'not there yet' }],
    ['ready', [(_, redis) => redis.ready()], true, { redis: 'ok' }],
    ['ready, in its own words', [(_, redis) => redis.ready('2 shards')], true, { redis: '2 shards' }],
    [
      'away',
      [(_, redis) => redis.ready(), (_, redis) => redis.notReady('away: refused')],
      false,
      { redis: 'away: refused' },
    ],
    [
      'back',
      [(_, redis) => redis.notReady('away: refused'), (_, redis) => redis.ready()],
      true,
      { redis: 'ok' },
    ],
    [
      'one of two is missing',
      [(health) => void health.dependency('chatwoot'), (_, redis) => redis.ready()],
      false,
      { redis: 'ok', chatwoot: 'not there yet' },
    ],
    [
      'a warning does not stop the work',
      [(_, redis) => redis.ready(), (_, redis) => redis.warn('policy', 'may evict keys')],
      true,
      { redis: 'ok', 'warning: redis.policy': 'may evict keys' },
    ],
    [
      'a warning that was taken back',
      [
        (_, redis) => redis.ready(),
        (_, redis) => redis.warn('policy', 'may evict keys'),
        (_, redis) => redis.warn('policy', null),
      ],
      true,
      { redis: 'ok' },
    ],
    [
      'stopping is not ready, whatever is there',
      [(_, redis) => redis.ready(), (health) => health.stopping()],
      false,
      { redis: 'ok', process: 'stopping' },
    ],
    [
      'stopping is for good',
      [(health) => health.stopping(), (_, redis) => redis.ready()],
      false,
      { redis: 'ok', process: 'stopping' },
    ],
  ];

  it.each(table)('%s', (_what, happenings, ok, detail) => {
    const health = createHealth();
    const redis = health.dependency('redis');
    for (const happen of happenings) happen(health, redis);
    expect(health.readiness()).toEqual({ ok, detail });
  });

  it('is given where nothing is needed', () => {
    expect(createHealth().readiness()).toEqual({ ok: true, detail: {} });
  });
});

describe('liveness', () => {
  it('is asked anew each time, and tells each thing that is wrong', () => {
    const health = createHealth();
    let stuck: string | null = null;
    health.liveness(() => stuck);
    health.liveness(() => (stuck === null ? null : 'and the loop lags'));
    expect(health.alive()).toEqual({ ok: true, detail: {} });
    stuck = 'no job ended for 10 min';
    expect(health.alive()).toEqual({
      ok: false,
      detail: { 0: 'no job ended for 10 min', 1: 'and the loop lags' },
    });
    stuck = null;
    expect(health.alive().ok).toBe(true);
  });

  it('does not depend on readiness: a restart would not bring Redis back', () => {
    const health = createHealth();
    health.dependency('redis').notReady('away');
    health.stopping();
    expect(health.alive().ok).toBe(true);
  });
});
