import {
  type AskBotOfInbox,
  type BotOfInbox,
  CallFailure,
  type ChatwootClient,
  type ChatwootEvent,
  type ConversationState,
  isHumanReply,
  type PeopleOf,
  readToldHand,
  type ToldHand,
} from '@switchyard/chatwoot';
import type { JobContext } from '@switchyard/jobs';
import { knownOf } from './known.ts';
import { emptyMemory, isEmpty, type Memory, recall } from './memory.ts';
import { hasText, silentAboutMessage } from './silence.ts';

export interface BotFacts {
  readonly job: string;
  readonly now: number;
  readonly memory: Memory;
  /** As it is now, not as the event's late snapshot has it (contract §1.6); null when it is gone or not needed. */
  readonly conversation: ConversationState | null;
  /** Whether a person has taken it. */
  readonly hand: ToldHand;
  readonly inboxBot: BotOfInbox;
  /** Somebody has turned the bot off (`switchyard bot off`). */
  readonly botOff: boolean;
}

export interface FactsParts {
  readonly client: Pick<ChatwootClient, 'conversations' | 'messages'>;
  readonly people: PeopleOf;
  readonly botOfInbox: AskBotOfInbox;
  /** @throws when Redis is away. */
  readonly botIsOff: () => Promise<boolean>;
  readonly now?: () => number;
}

const NOBODY: ToldHand = { kind: 'none', why: 'nobody' };

/** Reads what the decision needs; of an event that is only to be remembered, or to be silent about, nothing. */
export async function gatherFacts(
  parts: FactsParts,
  event: ChatwootEvent,
  context: JobContext,
): Promise<BotFacts> {
  const { account, conversation, message } = event;
  const unread: BotFacts = {
    job: context.jobId,
    now: (parts.now ?? Date.now)(),
    memory: emptyMemory,
    conversation: null,
    hand: NOBODY,
    inboxBot: { kind: 'unknown' },
    botOff: false,
  };
  if (account === null || conversation === null) return unread;
  if (event.name === 'message_created' && message !== null) {
    if (isHumanReply(message) || silentAboutMessage(message, event.contact) !== null) return unread;
    return readMessageFacts(parts, event, account, unread, context, hasText(message));
  }
  const known = { ...unread, memory: await recall(context.state, account, conversation.id) };
  if (event.name === 'message_updated') return readState(parts, event, account, known, context);
  if (event.name === 'conversation_created' || event.name === 'conversation_updated') return known;
  // Nothing to forget: spare Chatwoot the question.
  if (isEmpty(known.memory)) return known;
  return { ...known, conversation: await readConversation(parts.client, account, conversation.id, context) };
}

async function readMessageFacts(
  parts: FactsParts,
  event: ChatwootEvent,
  account: number,
  unread: BotFacts,
  context: JobContext,
  answerable: boolean,
): Promise<BotFacts> {
  const inboxBot = await parts.botOfInbox(account, event.inbox?.id ?? null);
  // Only in a bot's inbox is anything done about a message without text.
  if (!answerable && inboxBot.kind === 'none') return { ...unread, inboxBot };
  const memory = await recall(context.state, account, event.conversation?.id ?? 0);
  const botOff = await parts.botIsOff();
  return readState(parts, event, account, { ...unread, inboxBot, memory, botOff }, context);
}

/** The conversation as it is now, and who has it. */
async function readState(
  parts: FactsParts,
  event: ChatwootEvent,
  account: number,
  known: BotFacts,
  context: JobContext,
): Promise<BotFacts> {
  const { memory } = known;
  const fresh = await readConversation(parts.client, account, event.conversation?.id ?? 0, context);
  const begun = memory.handoff?.job === known.job;
  // A job that has begun to hand over goes on, whoever has the conversation by now.
  if (fresh === null || begun || memory.human !== null) return { ...known, conversation: fresh };
  const { people, client, now } = parts;
  const hand = await readToldHand(
    { client, people, ...(now === undefined ? {} : { now }) },
    {
      account,
      conversation: fresh,
      known: knownOf(memory.known),
      since: memory.known.since ?? null,
      signal: context.signal,
    },
  );
  return { ...known, conversation: fresh, hand };
}

/** null when it was deleted since. */
async function readConversation(
  client: FactsParts['client'],
  account: number,
  conversation: number,
  { signal }: JobContext,
): Promise<ConversationState | null> {
  try {
    return await client.conversations.get(account, conversation, { signal });
  } catch (error) {
    if (error instanceof CallFailure && error.code === 'CHATWOOT_NOT_FOUND') return null;
    throw error;
  }
}
