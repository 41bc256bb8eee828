import type { ChatwootClient } from '../client.ts';
import { CallFailure } from '../failure.ts';
import { type BotOfInbox, whoseBot } from './whose-bot.ts';

/**
 * @param inbox null where it is not named; the bot is then unknown.
 * @throws {CallFailure} what may answer differently later.
 */
export type AskBotOfInbox = (
  account: number,
  inbox: number | null,
  options?: AskOptions,
) => Promise<BotOfInbox>;

interface AskOptions {
  /** Something says that the inbox has our bot: a remembered answer that says otherwise is not good enough. */
  readonly expectsOurs?: boolean;
}

export interface AskBotParts {
  readonly client: { readonly agentBots: Pick<ChatwootClient['agentBots'], 'ofInbox'> };
  /** CHATWOOT_BOT_TOKEN */
  readonly botToken: string | null;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

const CACHED_MS = 60_000;
const MOST_KEPT = 1_000;

/** Answers that stay as they are however often they are asked for. The token itself is judged by other calls. */
const REFUSED: ReadonlySet<string> = new Set([
  'CHATWOOT_FORBIDDEN',
  'CHATWOOT_BOT_FORBIDDEN',
  'CHATWOOT_INVALID',
  'CHATWOOT_REFUSED',
]);

/**
 * Asks Chatwoot whose bot an inbox has (contract §3.7), at most once a minute an inbox, and once for all who ask at
 * the same time. A delivery does not tell: which of an account's and a bot's comes first is chance.
 */
export function createAskBotOfInbox({ client, botToken, now = Date.now }: AskBotParts): AskBotOfInbox {
  const asked = new Map<string, { readonly at: number; readonly answer: Promise<BotOfInbox> }>();

  async function ask(account: number, inbox: number): Promise<BotOfInbox> {
    try {
      return whoseBot(await client.agentBots.ofInbox(account, inbox), botToken);
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      // An inbox that is gone has no bot.
      if (error.code === 'CHATWOOT_NOT_FOUND') return { kind: 'none' };
      if (REFUSED.has(error.code)) return { kind: 'unknown' };
      throw error;
    }
  }

  function askAndRemember(account: number, inbox: number): Promise<BotOfInbox> {
    const key = `${account}/${inbox}`;
    if (asked.size >= MOST_KEPT) asked.clear();
    // Without the signal of any one job, whose end would fail the others. The call has its own limit of time.
    const answer = ask(account, inbox);
    const entry = { at: now(), answer };
    asked.set(key, entry);
    answer.catch(() => {
      if (asked.get(key) === entry) asked.delete(key);
    });
    return answer;
  }

  return async (account, inbox, { expectsOurs = false } = {}) => {
    if (inbox === null) return { kind: 'unknown' };
    const known = asked.get(`${account}/${inbox}`);
    if (known === undefined || now() - known.at >= CACHED_MS) return askAndRemember(account, inbox);
    const answer = await known.answer;
    return expectsOurs && answer.kind !== 'ours' ? askAndRemember(account, inbox) : answer;
  };
}
