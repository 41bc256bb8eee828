import { type ChatwootVersion, hasFeature, type Profile } from '@switchyard/chatwoot';
import type { CliConfig } from '@switchyard/config';
import { type Finding, fail, ok } from './check.ts';

export interface SourceAccountFacts {
  readonly sources: CliConfig['sources'];
  readonly profile: Profile;
  readonly version: ChatwootVersion | null;
  /** `chatwoot.accounts` of the config file. */
  readonly chosen: readonly number[] | null;
}

/** Whether each source has an account that the token sees: not every event names one before 4.14.2. Pure. */
export function judgeSourceAccounts({ sources, profile, version, chosen }: SourceAccountFacts): Finding[] {
  const seen = profile.accounts.map(({ id }) => id);
  if (seen.length === 0) return [];
  return Object.entries(sources).map(([source, { account }]): Finding => {
    const name = `account of source ${source}`;
    const [only] = seen;
    if (account !== undefined && seen.includes(account)) return ok(name, `${account}`);
    if (account !== undefined) {
      return fail(
        name,
        `${account}, which the token does not see: it sees ${seen.join(', ')}`,
        `Set ${variableOf(source)} right, or use a token of that account.`,
      );
    }
    if (seen.length === 1) return ok(name, `${only}, the only one that the token sees`);
    const mayBeShared = hasFeature(version, 'namesAccount') !== false;
    if (chosen !== null && chosen.length > 1 && mayBeShared) {
      return ok(name, `each event names its own, one of ${chosen.join(', ')}`);
    }
    const why = mayBeShared
      ? 'an event that names none would have to be looked up in each'
      : `Chatwoot ${version?.text} does not name it in every event: what can't be told goes to no CRM and no team`;
    const forOne = `Set ${variableOf(source)} (switchyard connect does it); another account gets a source of its own: connect --account <id> --source account-<id>.`;
    return fail(
      name,
      `it names none, and the token sees ${seen.length} (${seen.join(', ')}); ${why}`,
      mayBeShared
        ? `Where it serves several, name them in the config file: chatwoot: { accounts: [${seen.join(', ')}] }. Where it is of one: ${forOne}`
        : forOne,
    );
  });
}

function variableOf(source: string): string {
  return source === 'default' || source === 'unsigned' ? 'CHATWOOT_ACCOUNT' : `sources.${source}.account`;
}
