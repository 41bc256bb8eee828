import { CallFailure, type ChatwootClient } from '@switchyard/chatwoot';
import { type Finding, fail, ok } from './check.ts';

/** Whether Chatwoot knows the bot's token. What it is for, writing, is not tried: that would be seen by customers. */
export async function botTokenFinding(
  client: ChatwootClient,
  account: number,
  token: string,
  signal: AbortSignal,
): Promise<Finding> {
  const bots = client.agentBots.list(account, { signal }).catch((error: unknown) => {
    if (error instanceof CallFailure) return [];
    throw error;
  });
  try {
    await client.agentBots.checkToken(account, { signal });
  } catch (error) {
    await bots;
    const denied =
      error instanceof CallFailure && (error.failure === 'permanent' || error.failure === 'refused');
    if (!denied) throw error;
    return fail(
      'bot token',
      error.message,
      "Copy the bot's access token again, or have it made: switchyard connect --bot.",
    );
  }
  const bot = (await bots).find(({ accessToken }) => accessToken === token);
  const whose = bot === undefined ? '' : `, that of ${bot.name} (${bot.id})`;
  return ok('bot token', `Chatwoot knows it${whose}; it only writes, which is not tried here`);
}
