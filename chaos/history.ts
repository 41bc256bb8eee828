/**
 * What a conversation is made of. `created` and `contact` are its other deliveries; the rest are messages, but for
 * `take`: a person takes it without a word, and needs no delivery for it, since it is there to be read.
 */
export type Word = 'created' | 'contact' | 'hours' | 'pricing' | 'yes' | 'no' | 'chatter' | 'human' | 'take';

export type Tier = 'standard' | 'enterprise';

/** One event, as its delivery went. */
export interface Told {
  readonly delivery: string;
  /** Fresh delivery ids under which the same event was sent again. */
  readonly twins: readonly string[];
  readonly word: Word;
  /**
   * It was answered 200. What was not (the ingress died with it in hand) is no promise: it may have been taken
   * and it may not.
   */
  readonly acknowledged: boolean;
  /** When it was answered, epoch milliseconds. */
  readonly at: number;
}

export interface ConversationHistory {
  readonly conversation: number;
  readonly tier: Tier;
  /** It is for the routing rules: no rule of Chatwoot's own has given it to somebody. */
  readonly routed?: boolean;
  /** In a bot's inbox, as it is in the end. */
  readonly botsInbox?: {
    /** People don't see it. */
    readonly pending: boolean;
    /** When Chatwoot took it from the bot, since the bot's endpoint failed; epoch milliseconds. */
    readonly releasedAt: number | null;
  };
  /** In the order they were acknowledged: one is sent only when the one before it was answered. */
  readonly told: readonly Told[];
}

/** What the pretend Chatwoot and CRM saw committed, each kind in the order of its system. */
export type Effect = Committed & {
  /** Epoch milliseconds. */
  readonly at: number;
};

type Committed =
  | {
      readonly kind: 'message';
      readonly conversation: number;
      readonly delivery: string;
      readonly step: string;
    }
  | { readonly kind: 'team'; readonly conversation: number; readonly team: string }
  /** Opened, for people to see. */
  | { readonly kind: 'opened'; readonly conversation: number }
  | { readonly kind: 'priority'; readonly conversation: number; readonly priority: string }
  | { readonly kind: 'lead'; readonly conversation: number }
  | { readonly kind: 'lead-update'; readonly conversation: number; readonly delivery: string }
  /** A write that nothing here should cause. */
  | { readonly kind: 'other'; readonly conversation: number | null; readonly what: string };

export interface DeadJob {
  readonly queue: string;
  readonly delivery: string;
  readonly reason: string;
}

/** What is left in Redis and on disk when nothing moves any more; all of it should be nothing. */
export interface Remains {
  /** `unsettled:routing: 3`; empty at rest. */
  readonly busy: readonly string[];
  readonly dead: readonly DeadJob[];
}

export interface History {
  readonly conversations: readonly ConversationHistory[];
  readonly effects: readonly Effect[];
  readonly remains: Remains;
}
