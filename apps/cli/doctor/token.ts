import type { Profile } from '@switchyard/chatwoot';
import { type Finding, fail, ok, warn } from './check.ts';

/** Whether the token's user may do what the workers do, in each account. Pure. */
export function judgeProfile(
  profile: Profile,
  account: number | null,
  configured: readonly number[] | null,
): Finding[] {
  const who = profile.name ?? `user ${profile.id}`;
  const wanted = account === null ? configured : [account];
  if (profile.accounts.length === 0) {
    return [fail('token', `${who} is in no account`, 'Use the token of an administrator of the account.')];
  }
  const missing = (wanted ?? []).filter((id) => profile.accounts.every((one) => one.id !== id));
  const seen = profile.accounts.filter(({ id }) => wanted === null || wanted.includes(id));
  return [
    ...missing.map((id) => {
      const theirs = profile.accounts.map((one) => one.id).join(', ');
      return fail(
        'token',
        `${who} is not in account ${id}, only in ${theirs}`,
        'Invite them there, or use another token.',
      );
    }),
    ...seen.map(({ id, name, role }) => {
      const place = `${who} in account ${id}${name === null ? '' : ` (${name})`}`;
      if (role === 'administrator' || role === null) return ok('token', `${place}, administrator`);
      return warn(
        'token',
        `${place} has the role ${role}: conversations it opens are assigned to it, it sees its inboxes only, and webhooks can't be checked`,
        "Use an administrator's token for CHATWOOT_API_TOKEN.",
      );
    }),
  ];
}
