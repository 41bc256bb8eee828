import { CallFailure, type ChatwootClient } from '@switchyard/chatwoot';

/**
 * Which inboxes have our bot. Only there is a conversation `pending` because we are to answer; another bot's inbox is
 * left to that bot.
 */
export interface BotInboxes {
  /** Asked once a minute an inbox. An inbox that is gone has none. @throws {CallFailure} when Chatwoot does not say. */
  has(account: number, inbox: number, signal: AbortSignal): Promise<boolean>;
}

const FRESH_MS = 60_000;
const MOST = 10_000;

export function createBotInboxes({
  client,
  botToken,
  now = () => performance.now(),
}: {
  readonly client: Pick<ChatwootClient, 'agentBots'>;
  /** CHATWOOT_BOT_TOKEN: a bot that shows another token is not ours. */
  readonly botToken: string | null;
  readonly now?: () => number;
}): BotInboxes {
  const known = new Map<string, { readonly has: boolean; readonly at: number }>();
  return {
    async has(account, inbox, signal) {
      const key = `${account}-${inbox}`;
      const one = known.get(key);
      if (one !== undefined && now() - one.at < FRESH_MS) return one.has;
      if (known.size >= MOST) known.clear();
      const has = await ask({ client, botToken }, account, inbox, signal);
      known.set(key, { has, at: now() });
      return has;
    },
  };
}

async function ask(
  {
    client,
    botToken,
  }: { readonly client: Pick<ChatwootClient, 'agentBots'>; readonly botToken: string | null },
  account: number,
  inbox: number,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const bot = await client.agentBots.ofInbox(account, inbox, { signal });
    const isAnothers = botToken !== null && bot?.accessToken != null && bot.accessToken !== botToken;
    return bot !== null && !isAnothers;
  } catch (error) {
    if (error instanceof CallFailure && error.code === 'CHATWOOT_NOT_FOUND') return false;
    throw error;
  }
}
