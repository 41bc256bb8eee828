import {
  type AskBotOfInbox,
  type BotOfInbox,
  CallFailure,
  type ChatwootClient,
  type ChatwootEvent,
  type ConversationState,
  isHumanReply,
} from '@switchyard/chatwoot';
import { type BotSwitch, type HandoverOrder, type OwedJobs, readHandover } from '@switchyard/jobs';
import type { HandoverFacts } from './decide.ts';

export interface FactsParts {
  readonly client: Pick<ChatwootClient, 'conversations' | 'messages'>;
  readonly botOfInbox: AskBotOfInbox;
  readonly owed: Pick<OwedJobs, 'fate'>;
  readonly botSwitch: Pick<BotSwitch, 'read'>;
}

const NOTHING_KNOWN = {
  conversation: null,
  bot: 'none',
  humanReplied: false,
  botJob: null,
  botIsOn: true,
} as const;

/** Everything is read with the user's token: a bot's may not (contract [R] 2). */
export async function gatherFacts(
  { client, botOfInbox, owed, botSwitch }: FactsParts,
  event: ChatwootEvent,
  signal: AbortSignal,
): Promise<HandoverFacts> {
  const order = readHandover(event);
  if (order === null) return { order, ...NOTHING_KNOWN };
  const conversation = await readConversation(client, order, signal);
  if (conversation?.status !== 'pending') return { order, ...NOTHING_KNOWN, conversation };
  const inbox = conversation.inboxId ?? order.inbox;
  const [bot, humanReplied, botJob, state] = await Promise.all([
    whoseBot(botOfInbox, order.account, inbox),
    order.message === null ? false : hasHumanReply(client, order, order.message, signal),
    order.job === null ? null : owed.fate('bot-replies', order.job),
    botSwitch.read(),
  ]);
  return { order, conversation, bot, humanReplied, botJob, botIsOn: state.on };
}

/** @throws {CallFailure} where Chatwoot does not say: to open another bot's conversation, or to leave ours, is no guess. */
async function whoseBot(
  botOfInbox: AskBotOfInbox,
  account: number,
  inbox: number | null,
): Promise<Exclude<BotOfInbox['kind'], 'unknown'>> {
  // It is pending, so it may well be ours: a remembered answer that says otherwise is asked for again.
  const { kind } = await botOfInbox(account, inbox, { expectsOurs: true });
  if (kind !== 'unknown') return kind;
  throw new CallFailure(
    'permanent',
    'the token may not see whose bot the inbox has (GET inboxes/<id>/agent_bot)',
    {
      code: 'HANDOVER_BOT_UNKNOWN',
      target: 'chatwoot',
    },
  );
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
