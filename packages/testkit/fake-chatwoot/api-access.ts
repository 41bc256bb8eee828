import { ApiError, forbiddenByPolicy, notFound, unauthorized } from './api-errors.ts';
import type { BotRow, InboxRow, UserRow } from './records.ts';
import type { Store } from './store.ts';
import type { Doer, World } from './world.ts';

export type Caller =
  | { readonly kind: 'none' | 'invalid' }
  | { readonly kind: 'user'; readonly user: UserRow }
  | { readonly kind: 'bot'; readonly bot: BotRow };

/** Whoever the token belongs to. Rack folds `Api-Access-Token` and `api_access_token` into one (contract §3.1). */
export function callerOf(
  store: Store,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Caller {
  const token = headers.api_access_token ?? headers['api-access-token'];
  if (typeof token !== 'string' || token === '') return { kind: 'none' };
  const user = store.users.find((each) => each.token === token);
  if (user !== undefined) return { kind: 'user', user };
  const bot = [...store.bots.values()].find((each) => each.token === token);
  return bot === undefined ? { kind: 'invalid' } : { kind: 'bot', bot };
}

/** The word for a caller in records of calls. */
export function tokenKind(caller: Caller): string {
  return caller.kind === 'user' ? caller.user.role : caller.kind;
}

/** Chatwoot's checks, in its order: token, bot, account, role. @throws ApiError */
export function assertMayCall(
  world: World,
  caller: Caller,
  route: { readonly bots?: boolean | 'where-they-read'; readonly administratorsOnly?: boolean },
  accountId: string | undefined,
): void {
  if (caller.kind === 'none') {
    throw new ApiError(401, { errors: ['You need to sign in or sign up before continuing.'] });
  }
  if (caller.kind === 'invalid') throw unauthorized('Invalid Access Token');
  const botsMay = route.bots === 'where-they-read' ? world.habits.botsRead : route.bots;
  if (caller.kind === 'bot' && !botsMay) {
    throw unauthorized('Access to this endpoint is not authorized for bots');
  }
  if (accountId !== undefined) assertInAccount(world, caller, Number(accountId));
  if (route.administratorsOnly && !(caller.kind === 'user' && caller.user.role === 'administrator')) {
    throw forbiddenByPolicy();
  }
}

function assertInAccount({ store }: World, caller: Caller, accountId: number): void {
  const account = [store.account, ...store.otherAccounts].find(({ id }) => id === accountId);
  if (account === undefined) throw notFound();
  if (account.status === 'suspended') throw unauthorized('Account is suspended');
  if (account === store.account) return;
  throw unauthorized(
    caller.kind === 'bot'
      ? 'Bot is not authorized to access this account'
      : 'You are not authorized to access this account',
  );
}

/** An agent sees only the inboxes it is a member of; that too is a 401 (contract §3.1). @throws ApiError */
export function assertSeesInbox(caller: Caller, inbox: InboxRow): void {
  if (caller.kind === 'user' && caller.user.role === 'agent' && !inbox.member_ids.includes(caller.user.id)) {
    throw forbiddenByPolicy();
  }
}

export function isAdministrator(caller: Caller): boolean {
  return caller.kind === 'user' && caller.user.role === 'administrator';
}

export function doerOf(caller: Caller): Doer {
  if (caller.kind === 'user') return { kind: 'user', user: caller.user };
  if (caller.kind === 'bot') return { kind: 'bot', bot: caller.bot };
  return { kind: 'system' };
}
