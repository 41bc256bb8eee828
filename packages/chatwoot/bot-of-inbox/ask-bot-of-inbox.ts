import type { AgentBot } from '../agent-bots.ts';
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

export interface AskOptions {
  /** Something says that the inbox has our bot: a remembered answer that says otherwise is not good enough. */
  readonly expectsOurs?: boolean;
  /** No remembered answer is good enough. */
  readonly again?: boolean;
  /** The bot that has the conversation: where its inbox has none, the answer is about that one. */
  readonly owner?: number | null;
}

export interface AskBotParts {
  readonly client: { readonly agentBots: Pick<ChatwootClient['agentBots'], 'list' | 'ofInbox'> };
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

  async function ask(reading: () => Promise<AgentBot | null>): Promise<BotOfInbox> {
    try {
      return whoseBot(await reading(), botToken);
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      // An inbox that is gone has no bot.
      if (error.code === 'CHATWOOT_NOT_FOUND') return { kind: 'none' };
      if (REFUSED.has(error.code)) return { kind: 'unknown' };
      throw error;
    }
  }

  function askAndRemember(key: string, reading: () => Promise<AgentBot | null>): Promise<BotOfInbox> {
    if (asked.size >= MOST_KEPT) asked.clear();
    // Without the signal of any one job, whose end would fail the others. The call has its own limit of time.
    const answer = ask(reading);
    const entry = { at: now(), answer };
    asked.set(key, entry);
    answer.catch(() => {
      if (asked.get(key) === entry) asked.delete(key);
    });
    return answer;
  }

  async function remembered(
    key: string,
    reading: () => Promise<AgentBot | null>,
    { expectsOurs = false, again = false }: AskOptions = {},
  ): Promise<BotOfInbox> {
    const known = asked.get(key);
    if (again || known === undefined || now() - known.at >= CACHED_MS) return askAndRemember(key, reading);
    const answer = await known.answer;
    return expectsOurs && answer.kind !== 'ours' ? askAndRemember(key, reading) : answer;
  }

  return async (account, inbox, options = {}) => {
    if (inbox === null) return { kind: 'unknown' };
    const ofInbox = () => client.agentBots.ofInbox(account, inbox);
    const answer = await remembered(`${account}/${inbox}`, ofInbox, options);
    const { owner = null } = options;
    if (answer.kind !== 'none' || owner === null) return answer;
    return remembered(`${account}/bot/${owner}`, async () => {
      const bots = await client.agentBots.list(account);
      return bots.find(({ id }) => id === owner) ?? null;
    });
  };
}
