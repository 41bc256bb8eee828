import type { Profile } from '@switchyard/chatwoot';
import { CommandFailure } from '../command-failure.ts';
import { EXIT } from '../exit.ts';

export interface AccountAccess {
  readonly account: number;
  readonly accountName: string | null;
  readonly userName: string | null;
}

/**
 * Who the token belongs to, when that user may administer the account. Looked at first, because Chatwoot's own
 * answers do not tell a wrong account from a missing role. Pure.
 *
 * @throws {CommandFailure} not the right role or account.
 */
export function administratorOf(profile: Profile, account: number): AccountAccess {
  const who = profile.name ?? `user ${profile.id}`;
  const found = profile.accounts.find(({ id }) => id === account);
  if (found === undefined) {
    const theirs = profile.accounts.map(
      ({ id, name, role }) => `${id} (${[name, role].filter(Boolean).join(', ')})`,
    );
    throw new CommandFailure(
      EXIT.notAllowed,
      'ACCOUNT_NOT_SEEN',
      `the token in CHATWOOT_API_TOKEN belongs to ${who}, who is not in account ${account}`,
      [
        theirs.length === 0 ? `${who} is in no account.` : `${who} is in: ${theirs.join('; ')}.`,
        'The number of an account stands in its addresses: /app/accounts/<number>/…',
      ],
    );
  }
  if (found.role !== 'administrator' && found.role !== null) {
    throw new CommandFailure(
      EXIT.notAllowed,
      'NOT_ADMINISTRATOR',
      `the token in CHATWOOT_API_TOKEN belongs to ${who}, who is ${article(found.role)} in account ${account}; webhooks and bots need an administrator`,
      ["Use an administrator's access token (their profile page in Chatwoot), or have the role changed."],
    );
  }
  return { account, accountName: found.name, userName: profile.name };
}

function article(role: string): string {
  return `${/^[aeiou]/.test(role) ? 'an' : 'a'} ${role}`;
}
