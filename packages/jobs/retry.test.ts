import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideRetry, type FailureClass, fullJitter, type GiveUpPolicy } from './retry.ts';

const policy: GiveUpPolicy = { giveUpAfterMs: 60_000, baseMs: 1_000, capMs: 30_000, probeCapMs: 5_000 };
const most = () => 1;

describe('decideRetry', () => {
  const table: [
    failure: FailureClass,
    over: { attempt?: number; ageMs?: number; retryAfterMs?: number },
    expected: object,
  ][] = [
    ['permanent', {}, { action: 'dead', reason: 'permanent' }],
    ['transient', {}, { action: 'retry', delayMs: 1_000 }],
    ['transient', { attempt: 4 }, { action: 'retry', delayMs: 8_000 }],
    ['transient', { attempt: 40 }, { action: 'retry', delayMs: 30_000 }],
    ['transient', { retryAfterMs: 7_000 }, { action: 'retry', delayMs: 7_000 }],
    ['transient', { ageMs: 60_000 }, { action: 'dead', reason: 'gave-up' }],
    ['transient', { ageMs: 59_999 }, { action: 'retry', delayMs: 1_000 }],
    ['unknown-outcome', {}, { action: 'retry', delayMs: 6_000 }],
    ['unknown-outcome', { attempt: 2 }, { action: 'hold', toldMs: null, atLeastMs: 6_000 }],
    ['unknown-outcome', { ageMs: 60_000 }, { action: 'dead', reason: 'gave-up' }],
    ['rate-limited', {}, { action: 'hold', toldMs: null, atLeastMs: 0 }],
    ['rate-limited', { retryAfterMs: 120_000 }, { action: 'hold', toldMs: 120_000, atLeastMs: 0 }],
    ['rate-limited', { retryAfterMs: 0 }, { action: 'hold', toldMs: 0, atLeastMs: 0 }],
    ['rate-limited', { ageMs: 60_000 }, { action: 'dead', reason: 'gave-up' }],
    ['outage', { attempt: 3 }, { action: 'hold', toldMs: null, atLeastMs: 0 }],
    ['outage', { retryAfterMs: 9_000 }, { action: 'hold', toldMs: 9_000, atLeastMs: 0 }],
    ['outage', { ageMs: 60_000 }, { action: 'dead', reason: 'gave-up' }],
    ['unexpected', { attempt: 4 }, { action: 'retry', delayMs: 8_000 }],
    ['unexpected', { attempt: 5 }, { action: 'dead', reason: 'unexpected' }],
  ];

  test.each(table)('%s %o → %o', (failure, { attempt = 1, ageMs = 0, retryAfterMs = null }, expected) => {
    expect(decideRetry({ failure, attempt, ageMs, retryAfterMs }, policy, most)).toEqual(expected);
  });
});

describe('fullJitter', () => {
  test('stays between a tenth of the ceiling and the ceiling, and never above the cap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, random) => {
          const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempt - 1, 30));
          const delay = fullJitter(attempt, policy, () => random);
          expect(delay).toBeGreaterThanOrEqual(ceiling * 0.1);
          expect(delay).toBeLessThanOrEqual(ceiling);
        },
      ),
    );
  });
});
