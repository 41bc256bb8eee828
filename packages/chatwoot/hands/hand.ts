import type { ConversationState, MessageRecord } from '../records.ts';

/**
 * Whether a person has taken a conversation, and how it can be told. `why` is a bounded label, for reasons of
 * decisions and for stories.
 */
export type Hand =
  | { readonly kind: 'none'; readonly why: NoHand }
  | { readonly kind: 'person'; readonly how: PersonsHand; readonly why: PersonsWhy }
  /** Chatwoot writes down who did a thing a moment after it was done. Look again in a second or two. */
  | { readonly kind: 'unsure'; readonly why: 'not-written-yet' };

/**
 * - `replied`: wrote to the customer; `began`: that was the conversation's first message.
 * - `assigned`: took it, or gave it to somebody or to a team.
 * - `status`: opened, snoozed or resolved it.
 */
type PersonsHand = 'replied' | 'began' | 'assigned' | 'status';

type NoHand =
  | 'nobody'
  /** Chatwoot 4.10 assigns in the moment of creation (contract [R] 4). */
  | 'picked-at-creation'
  /** Chatwoot 4.10 assigns with the opening too, in the name of who opens; in nobody's when it opens by itself. */
  | 'picked-at-opening'
  /** Chatwoot's pick out of the team that was set. */
  | 'picked-from-team'
  /** Chatwoot's assignment policy. */
  | 'picked-by-policy'
  | 'automation'
  | 'bot'
  /** Our own step, or what the owner of our token did by hand: the two look the same. */
  | 'ours'
  /** Chatwoot opened it because the bot's endpoint failed, or because the customer wrote again. */
  | 'opened-by-chatwoot'
  /** Whatever a person did was before the conversation was given back. */
  | 'given-back';

type PersonsWhy =
  | 'reply'
  | 'first-message'
  | 'self-assigned'
  | 'assigned-by-person'
  | 'team-by-person'
  /** Assigned, and nothing tells by whom. */
  | 'assigned-unexplained'
  | 'opened'
  | 'snoozed'
  | 'resolved'
  /** More messages than are read, and none of them tells. */
  | 'too-long-to-tell';

/** What a hand is told from. Instants are epoch milliseconds. */
export interface Sight {
  /** As it is now. */
  readonly conversation: ConversationState;
  /** The newest messages, activities among them, in any order. */
  readonly messages: readonly MessageRecord[];
  /** Whether `messages` reaches back to the first one; `given-up` when it does not, and no more will be read. */
  readonly reach: 'whole' | 'part' | 'given-up';
  readonly people: People;
  readonly known: Known;
  /** What was before this instant does not count any more; null when everything counts. */
  readonly since: number | null;
  readonly now: number;
}

/** Who is who in an account. Activities name people by name only, and names need not be unique. */
export interface People {
  readonly agents: readonly { readonly id: number; readonly name: string }[];
  /** The user whose token we use; null when it can't be asked. */
  readonly owner: { readonly id: number; readonly name: string } | null;
  /** Names of the account's agent bots. */
  readonly bots: readonly string[];
}

/** What is known by ids, from webhooks and from our own steps: it tells where no text does. All may be missing. */
export interface Known {
  /** The user that `conversation_created` showed as assignee; null for nobody. */
  readonly createdWith?: number | null | undefined;
  /** When we heard of that, by our clock. */
  readonly createdHeardAt?: number | null | undefined;
  /** The newest `conversation_updated` that changed the assignee, and whether it changed the team with it. */
  readonly assigned?:
    | {
        readonly to: number;
        readonly withTeam: boolean;
        /** It was opened with the same change, and nobody had it. */
        readonly withOpening?: boolean | undefined;
        readonly heardAt?: number | null | undefined;
      }
    | undefined;
  /** The newest team that a `conversation_updated` changed it to. */
  readonly teamed?: number | undefined;
  /**
   * What steps of ours have set. Left out, whatever the owner of our token has set counts as ours; given, the
   * owner's other assignments are a person's.
   */
  readonly ours?: { readonly agents: readonly number[]; readonly teams: readonly number[] } | undefined;
}
