import {
  CallFailure,
  type ChatwootClient,
  type ChatwootEvent,
  type ConversationState,
  isHumanReply,
} from '@switchyard/chatwoot';
import type { JobContext } from '@switchyard/jobs';
import { emptyMemory, type Memory, recall } from './memory.ts';
import { silentAboutMessage } from './silence.ts';

export interface BotFacts {
  readonly job: string;
  readonly now: number;
  readonly memory: Memory;
  /** As it is now, not as the event's late snapshot has it (contract §1.6); null when it is gone or not needed. */
  readonly conversation: ConversationState | null;
  /** A person has replied since the message at hand. */
  readonly humanReplied: boolean;
}

export interface FactsParts {
  readonly client: Pick<ChatwootClient, 'conversations' | 'messages'>;
  readonly now?: () => number;
}

/** Reads what the decision needs; of a message that is not to be answered anyway, nothing. */
export async function gatherFacts(
  { client, now = Date.now }: FactsParts,
  event: ChatwootEvent,
  context: JobContext,
): Promise<BotFacts> {
  const { account, conversation, message } = event;
  const unread = {
    job: context.jobId,
    now: now(),
    memory: emptyMemory,
    conversation: null,
    humanReplied: false,
  };
  if (account === null || conversation === null) return unread;
  if (message !== null && silentAboutMessage(message, event.contact) !== null) return unread;
  const memory = await recall(context.state, account, conversation.id);
  const known = { ...unread, memory };
  // Already sure of silence or with nothing to forget: spare Chatwoot the question.
  if (message === null && isEmpty(memory)) return known;
  const fresh = await readConversation(client, account, conversation.id, context);
  const humanReplied =
    message !== null && fresh !== null && fresh.assignee?.kind !== 'user'
      ? await hasHumanReply(client, account, conversation.id, message.id, context)
      : false;
  return { ...known, conversation: fresh, humanReplied };
}

export function isEmpty({ human, offer, handoff, answered }: Memory): boolean {
  return human === null && offer === null && handoff === null && answered === null;
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

async function hasHumanReply(
  client: FactsParts['client'],
  account: number,
  conversation: number,
  after: number,
  { signal }: JobContext,
): Promise<boolean> {
  const newer = await client.messages.list(account, conversation, { after }, { signal });
  return newer.some(isHumanReply);
}
