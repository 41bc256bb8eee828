import {
  type AskBotOfInbox,
  type AskOptions,
  type BotOfInbox,
  CallFailure,
  type ChatwootClient,
  type ChatwootEvent,
  type ConversationState,
  givenBackAt,
  isHumanReply,
  type PeopleOf,
  readToldHand,
  type ToldHand,
} from '@switchyard/chatwoot';
import type { JobContext } from '@switchyard/jobs';
import { givenBackBy } from './given-back.ts';
import { knownOf } from './known.ts';
import {
  emptyMemory,
  isEmpty,
  isHandedOver,
  isHumans,
  isInDoubt,
  type Memory,
  recall,
  settled,
} from './memory.ts';
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
  // Nothing to forget, or the event tells by itself: spare Chatwoot the question.
  if (isEmpty(known.memory) || givenBackBy(event) !== null) return known;
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
  const { delivery, conversation } = event;
  const inbox = event.inbox?.id ?? null;
  const expectsOurs = delivery.kind === 'agent-bot' || isBotsTurn(conversation);
  const inboxBot = await parts.botOfInbox(account, inbox, { expectsOurs });
  // Only in a bot's inbox is anything done about a message without text.
  if (!answerable && inboxBot.kind === 'none') return { ...unread, inboxBot };
  const memory = await recall(context.state, account, conversation?.id ?? 0);
  const botOff = await parts.botIsOff();
  const facts = await readState(parts, event, account, { ...unread, inboxBot, memory, botOff }, context);
  const options = lookAgain(facts, expectsOurs);
  return options === null ? facts : { ...facts, inboxBot: await parts.botOfInbox(account, inbox, options) };
}

/** How to ask once more whose bot the inbox has; null where what is remembered of it is good enough. */
function lookAgain(
  { conversation, memory, inboxBot, hand }: BotFacts,
  expectsOurs: boolean,
): AskOptions | null {
  const owner = conversation?.assignee?.kind === 'agent_bot' ? conversation.assignee.id : null;
  if (inboxBot.kind === 'ours') {
    // The first that we do in it, or nobody has handed it over: that bot may have been taken away, or exchanged.
    const isFirst = memory.answered === null && memory.passed.length === 0 && memory.handoff === null;
    const isOpened = conversation?.status === 'open' && !isHandedOver(memory) && hand.kind === 'none';
    return isFirst || isOpened ? { again: true, owner } : null;
  }
  // It may have got its bot, and become pending, after all that was remembered.
  if (!isBotsTurn(conversation)) return null;
  return expectsOurs && owner === null ? null : { expectsOurs: true, owner };
}

/** Where a conversation is so, its inbox is likely to have a bot. */
function isBotsTurn(conversation: Pick<ConversationState, 'status' | 'assignee'> | null): boolean {
  return conversation?.status === 'pending' || conversation?.assignee?.kind === 'agent_bot';
}

/** The conversation as it is now, and who has it, read side by side: what lies between a look and a reply is short. */
async function readState(
  parts: FactsParts,
  event: ChatwootEvent,
  account: number,
  known: BotFacts,
  context: JobContext,
): Promise<BotFacts> {
  const { memory } = known;
  const { people, client, now } = parts;
  const { signal } = context;
  const id = event.conversation?.id ?? 0;
  const reading = readConversation(client, account, id, context);
  if (isHumans(memory) && !isInDoubt(memory)) return { ...known, conversation: await reading };
  const [conversation, messages] = await Promise.all([
    reading,
    unlessGone(client.messages.list(account, id, {}, { signal })),
    people(account, signal),
  ]);
  if (conversation === null || messages === null) return { ...known, conversation: null };
  const hand = await readToldHand(
    { client, people, ...(now === undefined ? {} : { now }) },
    {
      ...{ account, conversation, messages, signal },
      known: knownOf(memory.known),
      since: memory.known.since ?? null,
    },
  );
  return { ...known, memory: settled(memory, givenBackAt(messages)), conversation, hand };
}

/** null when it was deleted since. */
function readConversation(
  client: FactsParts['client'],
  account: number,
  conversation: number,
  { signal }: JobContext,
): Promise<ConversationState | null> {
  return unlessGone(client.conversations.get(account, conversation, { signal }));
}

async function unlessGone<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof CallFailure && error.code === 'CHATWOOT_NOT_FOUND') return null;
    throw error;
  }
}
