import type { AgentBot } from '../agent-bots.ts';

/** Whose bot an inbox has. */
export type BotOfInbox =
  | { readonly kind: 'none' }
  | { readonly kind: 'ours' | 'other'; readonly id: number }
  /** It can't be asked; what the conversation shows has to do. */
  | { readonly kind: 'unknown' };

/** The path at which the ingress takes deliveries. */
const PATH = '/webhooks/chatwoot';

/**
 * Whose bot it is: by its token where both can be seen, else by where it posts. A bot that posts elsewhere answers
 * there, and is left alone. One that is shown to post nowhere is ours only where we do have a bot.
 *
 * @param bot of the inbox; null when it has none.
 * @param botToken CHATWOOT_BOT_TOKEN
 */
export function whoseBot(bot: AgentBot | null, botToken: string | null): BotOfInbox {
  if (bot === null) return { kind: 'none' };
  const { id, accessToken, outgoingUrl } = bot;
  if (botToken !== null && accessToken !== null) {
    return { kind: accessToken === botToken ? 'ours' : 'other', id };
  }
  const isOurs = outgoingUrl === null || outgoingUrl === '' ? botToken !== null : leadsToIngress(outgoingUrl);
  return { kind: isOurs ? 'ours' : 'other', id };
}

/** Whether an address looks like one of an ingress of Switchyard's, wherever it is. */
export function leadsToIngress(url: string): boolean {
  return URL.canParse(url) && new URL(url).pathname.includes(PATH);
}
