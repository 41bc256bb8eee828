import type { ReadFailure } from './failure.ts';

/** Why a queue holds, a bounded label of `switchyard_holds_total`. The first four wait for somebody to mend them. */
export const HOLD_REASONS = [
  'refused-token',
  'account-suspended',
  'plan-gate',
  'refused',
  'away',
  'rate-limited',
  'no-answer',
] as const;

export type HoldReason = (typeof HOLD_REASONS)[number];

const REFUSALS: ReadonlyMap<string, HoldReason> = new Map([
  ['CHATWOOT_UNAUTHORIZED', 'refused-token'],
  ['CHATWOOT_ACCOUNT_SUSPENDED', 'account-suspended'],
  ['CHATWOOT_PLAN_GATE', 'plan-gate'],
]);

/** Pure. */
export function holdReason({ failure, code }: Pick<ReadFailure, 'failure' | 'code'>): HoldReason {
  if (failure === 'refused') return REFUSALS.get(code) ?? 'refused';
  if (failure === 'outage') return 'away';
  return failure === 'rate-limited' ? 'rate-limited' : 'no-answer';
}
