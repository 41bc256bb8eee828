import { CallFailure, type ChatwootEvent } from '@switchyard/chatwoot';
import { UNSIGNED_SOURCE } from '@switchyard/config';

/** The code of a job that is dead because nobody could tell of which account its event is. */
export const ACCOUNT_UNKNOWN = 'ACCOUNT_UNKNOWN';

/** Chatwoot before 4.14.2 names no account in some events (contract [R] 1), and `why` nobody else told it. */
export function accountUnknown({ delivery }: ChatwootEvent, why: string): CallFailure {
  const setting =
    delivery.source === 'default' || delivery.source === UNSIGNED_SOURCE
      ? 'CHATWOOT_ACCOUNT (or sources.default.account in the config file)'
      : `sources.${delivery.source}.account in the config file`;
  return new CallFailure(
    'permanent',
    `the event names no account, nor does its source "${delivery.source}", and ${why}; set ${setting}, then redrive`,
    { code: ACCOUNT_UNKNOWN, target: 'chatwoot' },
  );
}

/**
 * The account of an event that a worker is given, which the engine has found where the event named none.
 *
 * @throws {CallFailure} `permanent`, ACCOUNT_UNKNOWN: without an account there is nothing to do, and that is no
 *   reason to be silent.
 */
export function requireAccount(event: ChatwootEvent): number {
  if (event.account !== null) return event.account;
  throw accountUnknown(event, 'this worker does not look for it');
}
