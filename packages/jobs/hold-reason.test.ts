import { expect, test } from 'vitest';
import { holdReason } from './hold-reason.ts';
import type { FailureClass } from './retry.ts';

test.each<[FailureClass, string, string]>([
  ['refused', 'CHATWOOT_UNAUTHORIZED', 'refused-token'],
  ['refused', 'CHATWOOT_ACCOUNT_SUSPENDED', 'account-suspended'],
  ['refused', 'CHATWOOT_PLAN_GATE', 'plan-gate'],
  ['refused', 'a word of a custom worker', 'refused'],
  ['outage', 'ECONNREFUSED', 'away'],
  ['rate-limited', 'CHATWOOT_RATE_LIMITED', 'rate-limited'],
  ['unknown-outcome', 'REDIS_AWAY', 'no-answer'],
])('%s, %s is %s', (failure, code, reason) => expect(holdReason({ failure, code })).toBe(reason));
