import { type FailureScope, usualScope } from '@switchyard/chatwoot';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideRetry, type FailureClass, fullJitter, type GiveUpPolicy } from './retry.ts';

const policy: GiveUpPolicy = { giveUpAfterMs: 60_000, baseMs: 1_000, capMs: 30_000, probeCapMs: 5_000 };
const most = () => 1;
const TWO_WEEKS = 14 * 24 * 60 * 60_000;

describe('decideRetry', () => {
  const table: [
    failure: FailureClass,
    over: { scope?: FailureScope; attempt?: number; ageMs?: number; heldMs?: number; retryAfterMs?: number },
    expected: object,
  ][] = [
    ['permanent', {}, { action: 'dead', reason: 'permanent' }],
    ['transient', {}, { action: 'retry', delayMs: 1_000 }],
    ['transient', { attempt: 4 }, { action: 'retry', delayMs: 8_000 }],
    ['transient', { attempt: 40 }, { action: 'retry', delayMs: 30_000 }],
    ['transient', { retryAfterMs: 7_000 }, { action: 'retry', delayMs: 7_000 }],
    ['transient', { ageMs: 60_000 }, { action: 'dead', reason: 'gave-up' }],
    ['transient', { ageMs: 59_999 }, { action: 'retry', delayMs: 1_000 }],
    ['transient', { ageMs: 90_000, heldMs: 30_001 }, { action: 'retry', delayMs: 1_000 }],
    ['transient', { ageMs: 90_000, heldMs: 30_000 }, { action: 'dead', reason: 'gave-up' }],
    [
      'transient',
      { ageMs: 60_000 + TWO_WEEKS, heldMs: 2 * TWO_WEEKS },
      { action: 'dead', reason: 'gave-up' },
    ],
    ['unknown-outcome', {}, { action: 'retry', delayMs: 6_000 }],
    ['unknown-outcome', { attempt: 2 }, { action: 'hold', toldMs: null, atLeastMs: 6_000 }],
    ['unknown-outcome', { attempt: 2, ageMs: 60_000 }, { action: 'hold', toldMs: null, atLeastMs: 6_000 }],
    ['unknown-outcome', { ageMs: 60_000 }, { action: 'dead', reason: 'gave-up' }],
    ['unknown-outcome', { scope: 'item', attempt: 2 }, { action: 'retry', delayMs: 6_000 }],
    ['unknown-outcome', { scope: 'item', attempt: 5 }, { action: 'retry', delayMs: 16_000 }],
    ['unknown-outcome', { scope: 'item', attempt: 5, ageMs: 60_000 }, { action: 'dead', reason: 'gave-up' }],
    ['rate-limited', { scope: 'item' }, { action: 'retry', delayMs: 1_000 }],
    ['rate-limited', { scope: 'item', retryAfterMs: 9_000 }, { action: 'retry', delayMs: 9_000 }],
    ['rate-limited', { scope: 'item', ageMs: 60_000 }, { action: 'dead', reason: 'gave-up' }],
    ['rate-limited', {}, { action: 'hold', toldMs: null, atLeastMs: 0 }],
    ['rate-limited', { retryAfterMs: 120_000 }, { action: 'hold', toldMs: 120_000, atLeastMs: 0 }],
    ['rate-limited', { retryAfterMs: 0 }, { action: 'hold', toldMs: 0, atLeastMs: 0 }],
    ['rate-limited', { ageMs: 60_000 }, { action: 'hold', toldMs: null, atLeastMs: 0 }],
    ['outage', { attempt: 3 }, { action: 'hold', toldMs: null, atLeastMs: 0 }],
    ['outage', { retryAfterMs: 9_000 }, { action: 'hold', toldMs: 9_000, atLeastMs: 0 }],
    ['outage', { ageMs: 60_000 }, { action: 'hold', toldMs: null, atLeastMs: 0 }],
    ['outage', { ageMs: 60_000 + TWO_WEEKS }, { action: 'dead', reason: 'gave-up' }],
    ['refused', { attempt: 9 }, { action: 'hold', toldMs: null, atLeastMs: 0 }],
    ['refused', { ageMs: 59_999 + TWO_WEEKS }, { action: 'hold', toldMs: null, atLeastMs: 0 }],
    ['refused', { ageMs: 60_000 + TWO_WEEKS }, { action: 'dead', reason: 'gave-up' }],
    ['unexpected', { attempt: 4 }, { action: 'retry', delayMs: 8_000 }],
    ['unexpected', { attempt: 5 }, { action: 'dead', reason: 'unexpected' }],
  ];

  test.each(table)('%s %o → %o', (failure, over, expected) => {
    const scope = failure === 'unexpected' ? 'item' : usualScope(failure);
    const failed = { failure, scope, attempt: 1, ageMs: 0, heldMs: 0, retryAfterMs: null, ...over };
    expect(decideRetry(failed, policy, most)).toEqual(expected);
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
