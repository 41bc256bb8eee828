import { type ChatwootVersion, hasFeature } from '@switchyard/chatwoot';
import { CommandFailure } from '../command-failure.ts';
import { EXIT } from '../exit.ts';

export interface AccountFacts {
  readonly account: number;
  readonly source: string;
  /** The account of the source as it is configured, or written down; null where it names none. */
  readonly configured: number | null;
  /** Other accounts whose webhooks lead to this source already. */
  readonly others: readonly number[];
  readonly version: ChatwootVersion | null;
}

/**
 * Whether the source is to name this account. A source has one account: before 4.14.2 Chatwoot does not name it in
 * every event (contract [R] 1), so that only the source can tell. From then on a source that names none may have
 * several. Pure.
 *
 * @throws {CommandFailure} the source belongs to another account already.
 */
export function accountPlace(facts: AccountFacts): 'as-it-is' | 'to-write' | 'shared' {
  const { account, source, configured, others, version } = facts;
  if (configured === account) return 'as-it-is';
  if (configured !== null) {
    throw taken(
      facts,
      `source ${source} is account ${configured}'s, so events of account ${account} would be ignored there`,
    );
  }
  if (others.length === 0) return 'to-write';
  if (hasFeature(version, 'namesAccount') === false) {
    throw taken(
      facts,
      `webhooks of account ${others.join(', ')} lead to source ${source} already, and this Chatwoot (${version?.text}) does not name the account in every event: nobody could tell whose they are`,
    );
  }
  return 'shared';
}

function taken({ account, source, version }: AccountFacts, message: string): CommandFailure {
  const several =
    hasFeature(version, 'namesAccount') === false
      ? `One source for several accounts needs Chatwoot 4.14.2 or later; this is ${version?.text}.`
      : `Or take the account away from source ${source} (CHATWOOT_ACCOUNT, or account in the config file): from 4.14.2 on, Chatwoot names it in every event, and one source may have several, which chatwoot.accounts in the config file names.`;
  return new CommandFailure(EXIT.problem, 'SOURCE_TAKEN', message, [
    `Give account ${account} a source of its own: the same command with --source account-${account}.`,
    several,
  ]);
}
