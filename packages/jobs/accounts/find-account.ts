import { CallFailure, type ChatwootClient, type ChatwootEvent, isAccountShut } from '@switchyard/chatwoot';
import { ACCOUNT_UNKNOWN, accountUnknown } from './account-unknown.ts';
import { isSameConversation } from './same-conversation.ts';
import { createVisibleAccounts } from './visible-accounts.ts';

type AccountBy = 'source' | 'token' | 'looked-up';

export interface FoundAccount {
  readonly account: number;
  /** By its source's setting, as the only one that the token sees, or by looking the conversation up in each. */
  readonly by: AccountBy;
}

export interface AccountFinder {
  /**
   * The account of an event that names none.
   *
   * @throws {CallFailure} `permanent`, ACCOUNT_UNKNOWN, with what to set; `transient` while Chatwoot does not
   *   answer, or one of several accounts is shut that may have the conversation: that is this job's trouble alone,
   *   others need no answer; or `refused` where it refuses our token: that holds the queue, since no such job can go
   *   on until somebody mends it.
   */
  find(event: ChatwootEvent, signal: AbortSignal): Promise<FoundAccount>;
}

/** What of Chatwoot's API the question takes. */
type AccountsClient = Pick<ChatwootClient, 'profile'> & {
  readonly conversations: Pick<ChatwootClient['conversations'], 'get'>;
};

export interface AccountFinderSettings {
  /** The account of each source by its name; null for one that names none. */
  readonly sources: Readonly<Record<string, number | null>>;
  /** With the user's token; null where there is none. */
  readonly client: AccountsClient | null;
  readonly now?: () => number;
}

/** What Chatwoot answers for an account where the conversation is not, or not for this token. */
const NOT_THERE: ReadonlySet<string> = new Set(['CHATWOOT_NOT_FOUND', 'CHATWOOT_FORBIDDEN']);

export function createAccountFinder({ sources, client, now }: AccountFinderSettings): AccountFinder {
  const visible = client === null ? null : createVisibleAccounts(client, now);

  return {
    async find(event, signal) {
      const ofSource = sources[event.delivery.source] ?? null;
      if (ofSource !== null) return { account: ofSource, by: 'source' };
      if (client === null || visible === null) {
        throw accountUnknown(event, 'there is no CHATWOOT_API_TOKEN to ask Chatwoot with');
      }
      try {
        const accounts = await visible(signal);
        const [only] = accounts;
        if (only !== undefined && accounts.length === 1) return { account: only, by: 'token' };
        return { account: await lookUp(client, event, accounts, signal), by: 'looked-up' };
      } catch (error) {
        throw ofThisJobAlone(error, signal);
      }
    },
  };
}

/** @throws {CallFailure} also ACCOUNT_UNKNOWN, when not exactly one account surely has the conversation. */
async function lookUp(
  client: AccountsClient,
  event: ChatwootEvent,
  accounts: readonly number[],
  signal: AbortSignal,
): Promise<number> {
  const { conversation } = event;
  const sees = `CHATWOOT_API_TOKEN sees ${accounts.length} accounts`;
  if (conversation === null) throw accountUnknown(event, `${sees}, with no conversation to tell them by`);
  const having: number[] = [];
  let shut: CallFailure | null = null;
  for (const account of accounts) {
    const answer = await isIn(client, event, account, conversation.id, signal);
    if (answer === true) having.push(account);
    if (answer instanceof CallFailure) shut ??= answer;
  }
  const [found] = having;
  if (found !== undefined && having.length === 1) return found;
  if (shut !== null && having.length === 0) throw ofOneJob(shut);
  const surely = having.length === 0 ? 'none' : `${having.length}`;
  throw accountUnknown(event, `${sees}, of which ${surely} surely have the conversation`);
}

/** The refusal, where the account is shut: it may have the conversation. */
async function isIn(
  client: AccountsClient,
  event: ChatwootEvent,
  account: number,
  conversation: number,
  signal: AbortSignal,
): Promise<boolean | CallFailure> {
  try {
    return isSameConversation(event, await client.conversations.get(account, conversation, { signal }));
  } catch (error) {
    if (error instanceof CallFailure && NOT_THERE.has(error.code)) return false;
    if (isAccountShut(error)) return error;
    throw error;
  }
}

/**
 * Chatwoot is away: the queue itself may not need it at all, so that does not hold it, and the job waits for its turn
 * to ask again. A token that is refused does not end by itself, and the job would die of its age: it holds.
 */
function ofThisJobAlone(error: unknown, signal: AbortSignal): unknown {
  if (!(error instanceof CallFailure) || signal.aborted) return error;
  if (error.code === ACCOUNT_UNKNOWN || error.failure === 'refused') return error;
  return ofOneJob(error);
}

function ofOneJob(error: CallFailure): CallFailure {
  return new CallFailure(
    'transient',
    `the event names no account, and asking for it failed: ${error.message}`,
    {
      code: error.code,
      target: error.target,
      ...(error.status === undefined ? {} : { status: error.status }),
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      cause: error,
    },
  );
}
