import type { ChatwootClient } from '../client.ts';
import type { ConversationState, MessageRecord } from '../records.ts';
import type { Hand, Known, Sight } from './hand.ts';
import { judgeHand } from './judge-hand.ts';
import type { PeopleOf } from './people.ts';

export interface HandParts {
  readonly client: { readonly messages: Pick<ChatwootClient['messages'], 'list'> };
  readonly people: PeopleOf;
  readonly now?: () => number;
}

export interface HandRequest {
  readonly account: number;
  /** As it was read just now. */
  readonly conversation: ConversationState;
  readonly known?: Known | undefined;
  /** Epoch milliseconds: what was before does not count any more. */
  readonly since?: number | null | undefined;
  /** The newest messages, when the caller has listed them already. */
  readonly messages?: readonly MessageRecord[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Chatwoot's page of messages (contract §3.2). */
const PAGE = 20;
const MOST_PAGES = 5;

/**
 * Reads whether a person has taken a conversation: one call for its messages, up to four more where older ones
 * must tell, and one for agents, bots and profile each, every five minutes. `unsure` means: look again in a
 * second or two.
 *
 * @throws {CallFailure} what the calls throw.
 */
export async function readHand(parts: HandParts, request: HandRequest): Promise<Hand> {
  const { account, conversation, known = {}, since = null, signal } = request;
  const { client, people, now = Date.now } = parts;
  const list = (before?: number) =>
    client.messages.list(account, conversation.id, before === undefined ? {} : { before }, { signal });
  const who = await people(account, signal);
  let messages = request.messages ?? (await list());
  let reach: Sight['reach'] = messages.length < PAGE ? 'whole' : 'part';
  for (let page = 1; ; page += 1) {
    const hand = judgeHand({ conversation, messages, reach, people: who, known, since, now: now() });
    if (hand !== 'read-more') return hand;
    if (page === MOST_PAGES) {
      reach = 'given-up';
      continue;
    }
    const older = await list(Math.min(...messages.map(({ id }) => id)));
    messages = [...older, ...messages];
    if (older.length < PAGE) reach = 'whole';
  }
}
