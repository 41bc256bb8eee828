import { CallFailure, type ChatwootEvent } from '@switchyard/chatwoot';
import type { Logger, Metrics } from '@switchyard/telemetry';
import type { StepContext } from '../define.ts';
import { ACCOUNT_UNKNOWN } from './account-unknown.ts';
import type { AccountFinder, FoundAccount } from './find-account.ts';

/** Counts events that named no account, by how it was found. */
type CountWithoutAccount = (source: string, result: FoundAccount['by'] | 'unknown') => void;

export interface NameAccountParts {
  readonly finder: AccountFinder;
  /** False for a worker that can do without: what can't be told is left null. */
  readonly needed: boolean;
  readonly step: StepContext['step'];
  readonly signal: AbortSignal;
  readonly count: CountWithoutAccount;
  readonly log: Logger;
}

/**
 * The event with its account. Found once a job: it is a step, so that every later attempt works in the same account
 * and the story shows it. Not knowing it is no result, so a redriven job asks again.
 *
 * @throws {CallFailure} as `AccountFinder.find`.
 */
export async function nameAccount(event: ChatwootEvent, parts: NameAccountParts): Promise<ChatwootEvent> {
  if (event.account !== null) return event;
  const { finder, needed, step, signal, count, log } = parts;
  const { source } = event.delivery;
  try {
    const { account } = await step('find-account', async () => {
      const found = await finder.find(event, signal);
      count(source, found.by);
      log.info({ source, account: found.account, by: found.by }, 'the event named no account');
      return found;
    });
    return { ...event, account };
  } catch (error) {
    if (!(error instanceof CallFailure) || error.code !== ACCOUNT_UNKNOWN) throw error;
    count(source, 'unknown');
    if (needed) throw error;
    return event;
  }
}

/** One metric for the ingress and the workers. */
export function withoutAccountMetric(metrics: Metrics) {
  return metrics.counter(
    'events_without_account_total',
    'Events to work on that named no account, by how it was found: source (its setting), token (the only account ' +
      'that it sees), looked-up (in each account); left-to-worker by the ingress, unknown by a worker.',
    ['source', 'result'],
  );
}
