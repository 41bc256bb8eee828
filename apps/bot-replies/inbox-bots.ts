import { CallFailure, type ChatwootClient } from '@switchyard/chatwoot';

/** The agent bot of an inbox. `ours` also where nothing says that it is another's: its token may be hidden from us. */
export type InboxBot =
  | { readonly kind: 'none' }
  | { readonly kind: 'ours' | 'other'; readonly id: number }
  /** It can't be asked; what the conversation shows has to do. */
  | { readonly kind: 'unknown' };

/** @throws {CallFailure} what may answer differently later. */
export type InboxBots = (account: number, inbox: number | null) => Promise<InboxBot>;

export interface InboxBotsParts {
  readonly client: Pick<ChatwootClient, 'agentBots'>;
  /** CHATWOOT_BOT_TOKEN: an inbox whose bot has another is left to that bot. */
  readonly botToken: string | null;
  readonly now?: () => number;
}

const CACHED_MS = 60_000;
const MOST_KEPT = 1_000;

/** Answers that stay as they are however often they are asked for. The token itself is judged by other calls. */
const REFUSED: ReadonlySet<string> = new Set([
  'CHATWOOT_NOT_FOUND',
  'CHATWOOT_FORBIDDEN',
  'CHATWOOT_BOT_FORBIDDEN',
  'CHATWOOT_INVALID',
  'CHATWOOT_REFUSED',
]);

/**
 * Asks Chatwoot whether an inbox has a bot (contract §3.7), at most once a minute an inbox, and once for all jobs
 * that ask at the same time. A delivery does not tell: which of an account's and a bot's comes first is chance.
 */
export function createInboxBots({ client, botToken, now = Date.now }: InboxBotsParts): InboxBots {
  const asked = new Map<string, { readonly at: number; readonly answer: Promise<InboxBot> }>();

  async function ask(account: number, inbox: number): Promise<InboxBot> {
    try {
      const bot = await client.agentBots.ofInbox(account, inbox);
      if (bot === null) return { kind: 'none' };
      const isOther = botToken !== null && bot.accessToken !== null && bot.accessToken !== botToken;
      return { kind: isOther ? 'other' : 'ours', id: bot.id };
    } catch (error) {
      if (error instanceof CallFailure && REFUSED.has(error.code)) return { kind: 'unknown' };
      throw error;
    }
  }

  return (account, inbox) => {
    if (inbox === null) return Promise.resolve({ kind: 'unknown' });
    const key = `${account}/${inbox}`;
    const known = asked.get(key);
    if (known !== undefined && now() - known.at < CACHED_MS) return known.answer;
    if (asked.size >= MOST_KEPT) asked.clear();
    // Without the signal of any one job, whose end would fail the others. The call has its own limit of time.
    const answer = ask(account, inbox);
    const entry = { at: now(), answer };
    asked.set(key, entry);
    answer.catch(() => {
      if (asked.get(key) === entry) asked.delete(key);
    });
    return answer;
  };
}
