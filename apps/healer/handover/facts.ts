import {
  CallFailure,
  type ChatwootClient,
  type ChatwootEvent,
  type ConversationState,
  isHumanReply,
} from '@switchyard/chatwoot';
import { type BotSwitch, type HandoverOrder, type OwedJobs, readHandover } from '@switchyard/jobs';
import type { BotInboxes } from '../bot-inboxes.ts';
import type { HandoverFacts } from './decide.ts';

export interface FactsParts {
  readonly client: Pick<ChatwootClient, 'conversations' | 'messages'>;
  readonly inboxes: BotInboxes;
  readonly owed: Pick<OwedJobs, 'fate'>;
  readonly botSwitch: Pick<BotSwitch, 'read'>;
}

const NOTHING_KNOWN = {
  conversation: null,
  inboxHasBot: false,
  humanReplied: false,
  botJob: null,
  botIsOn: true,
} as const;

/** Everything is read with the user's token: a bot's may not (contract [R] 2). */
export async function gatherFacts(
  { client, inboxes, owed, botSwitch }: FactsParts,
  event: ChatwootEvent,
  signal: AbortSignal,
): Promise<HandoverFacts> {
  const order = readHandover(event);
  if (order === null) return { order, ...NOTHING_KNOWN };
  const conversation = await readConversation(client, order, signal);
  if (conversation?.status !== 'pending') return { order, ...NOTHING_KNOWN, conversation };
  const inbox = conversation.inboxId ?? order.inbox;
  const [inboxHasBot, humanReplied, botJob, bot] = await Promise.all([
    inbox === null ? false : inboxes.has(order.account, inbox, signal),
    order.message === null ? false : hasHumanReply(client, order, order.message, signal),
    order.job === null ? null : owed.fate('bot-replies', order.job),
    botSwitch.read(),
  ]);
  return { order, conversation, inboxHasBot, humanReplied, botJob, botIsOn: bot.on };
}

/** null when it was deleted since. */
async function readConversation(
  client: FactsParts['client'],
  { account, conversation }: HandoverOrder,
  signal: AbortSignal,
): Promise<ConversationState | null> {
  try {
    return await client.conversations.get(account, conversation, { signal });
  } catch (error) {
    if (error instanceof CallFailure && error.code === 'CHATWOOT_NOT_FOUND') return null;
    throw error;
  }
}

async function hasHumanReply(
  client: FactsParts['client'],
  { account, conversation }: HandoverOrder,
  after: number,
  signal: AbortSignal,
): Promise<boolean> {
  return (await client.messages.list(account, conversation, { after }, { signal })).some(isHumanReply);
}
