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
 * Reads whether a person has taken a conversation: one call for its messages, up to four more where older ones must
 * tell and then one for what is newer, and one for agents, bots and profile each, every five minutes. `unsure` means:
 * look again in a second or two.
 *
 * @throws {CallFailure} what the calls throw.
 */
export async function readHand(parts: HandParts, request: HandRequest): Promise<Hand> {
  const { account, conversation, known = {}, since = null, signal } = request;
  const { client, people, now = Date.now } = parts;
  const list = (before?: number) =>
    client.messages.list(account, conversation.id, before === undefined ? {} : { before }, { signal });
  const [who, first] = await Promise.all([people(account, signal), request.messages ?? list()]);
  let messages = first;
  let reach: Sight['reach'] = messages.length < PAGE ? 'whole' : 'part';
  const judge = (seen: readonly MessageRecord[]) =>
    judgeHand({ conversation, messages: seen, reach, people: who, known, since, now: now() });
  for (let page = 1; ; page += 1) {
    const hand = judge(messages);
    if (hand !== 'read-more') {
      if (page === 1 || hand.kind === 'person') return hand;
      // Reading back took a while, in which somebody may have replied.
      const newest = Math.max(...messages.map(({ id }) => id));
      const newer = (await list()).filter(({ id }) => id > newest);
      const again = newer.length === 0 ? hand : judge([...messages, ...newer]);
      return again === 'read-more' ? hand : again;
    }
    if (page === MOST_PAGES) {
      reach = 'given-up';
      continue;
    }
    const older = await list(Math.min(...messages.map(({ id }) => id)));
    messages = [...older, ...messages];
    if (older.length < PAGE) reach = 'whole';
  }
}
