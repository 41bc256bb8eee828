import {
  type AskBotOfInbox,
  type BotOfInbox,
  begunAnew,
  CallFailure,
  type ChatwootClient,
  type ChatwootEvent,
  type ConversationState,
  isHumanReply,
  type MessageRecord,
} from '@switchyard/chatwoot';
import { type BotSwitch, type HandoverOrder, type OwedJobs, readHandover } from '@switchyard/jobs';
import type { HandoverFacts } from './decide.ts';

export interface FactsParts {
  readonly client: Pick<ChatwootClient, 'conversations' | 'messages'>;
  readonly botOfInbox: AskBotOfInbox;
  readonly owed: Pick<OwedJobs, 'fate'>;
  readonly botSwitch: Pick<BotSwitch, 'read'>;
}

/** Chatwoot's page of newer messages. */
const PAGE = 100;
const MOST_PAGES = 10;

const NOTHING_KNOWN = {
  conversation: null,
  bot: 'none',
  humanReplied: false,
  begunAnew: null,
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
  const [bot, newer, botJob, state] = await Promise.all([
    whoseBot(botOfInbox, order.account, inbox),
    order.message === null ? [] : listNewer(client, order, order.message, signal),
    order.job === null ? null : owed.fate('bot-replies', order.job),
    botSwitch.read(),
  ]);
  return {
    ...{ order, conversation, bot, botJob },
    humanReplied: newer.some(isHumanReply),
    begunAnew: begunAnew(newer),
    botIsOn: state.on,
  };
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

/** Up to 1 000: who writes so much in a conversation that waits for the bot is no matter of ours. */
async function listNewer(
  client: FactsParts['client'],
  { account, conversation }: HandoverOrder,
  message: number,
  signal: AbortSignal,
): Promise<readonly MessageRecord[]> {
  const newer: MessageRecord[] = [];
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const after = newer.at(-1)?.id ?? message;
    const more = await client.messages.list(account, conversation, { after }, { signal });
    newer.push(...[...more].sort((a, b) => a.id - b.id));
    if (more.length < PAGE) break;
  }
  return newer;
}
