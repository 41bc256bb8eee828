import type { ChatwootEvent } from '@switchyard/chatwoot';
import type { BotFacts } from './facts.ts';

/**
 * Whether the conversation is a bot's by its inbox: there `pending` is the bot's turn and `open` the people's, also
 * when Chatwoot has opened it by itself and left the bot its assignee (contract [R] 3). Elsewhere an open
 * conversation that nobody has taken is the bot's to answer too.
 */
export function isBotsInbox({ delivery }: ChatwootEvent, { inboxBot, conversation }: BotFacts): boolean {
  if (conversation?.assignee?.kind === 'agent_bot') return true;
  if (inboxBot.kind === 'unknown' || inboxBot.kind === 'other') return delivery.kind === 'agent-bot';
  return inboxBot.kind === 'ours';
}

/** Whether another bot has the conversation. In an inbox that is ours by now, a former bot still owns what it had (4.16). */
export function isAnotherBots({ delivery }: ChatwootEvent, { inboxBot, conversation }: BotFacts): boolean {
  const assignee = conversation?.assignee ?? null;
  if (assignee?.kind === 'captain_assistant') return true;
  // Somebody has pointed that bot at us, whatever its token.
  return inboxBot.kind === 'other' && delivery.kind !== 'agent-bot';
}
