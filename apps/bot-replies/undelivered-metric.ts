import type { Undelivered } from '@switchyard/chatwoot';
import type { Metrics } from '@switchyard/telemetry';

/** Counts an answer of the bot that did not reach the customer. */
export type CountUndelivered = (reason: Undelivered | 'cannot-reply') => void;

const REASONS = ['external-error', 'failed', 'cannot-reply'] as const;

export function createUndeliveredMetric(metrics: Metrics): CountUndelivered {
  const counter = metrics.counter(
    'bot_undelivered_total',
    'Answers of the bot that the channel did not take (external-error, failed), or would not have (cannot-reply).',
    ['reason'],
  );
  // An alert on a counter needs it to be there before the first time.
  for (const reason of REASONS) counter.inc({ reason }, 0);
  return (reason) => {
    counter.inc({ reason });
  };
}
