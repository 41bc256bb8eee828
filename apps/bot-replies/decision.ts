import type { CallFailure, Undelivered } from '@switchyard/chatwoot';
import type { KnownMemory } from './known.ts';
import type { Handoff } from './rules.ts';
import type { PersonSilence, Silence } from './silence.ts';

/** The conversation that an event is about. */
export interface Where {
  readonly account: number;
  readonly conversation: number;
}

/** Where a decision takes effect. */
export interface Place {
  readonly account: number;
  readonly conversation: number;
  /** The message that is answered. */
  readonly message: number;
  /** Whether the conversation is already the humans' by status; a handoff need not open it then. */
  readonly open: boolean;
  /** The instant of the conversation that was decided on, by Chatwoot's clock; null where it does not say. */
  readonly asOf: number | null;
}

export type BotDecision =
  | { readonly action: 'silent'; readonly reason: Silence }
  | {
      readonly action: 'remember-human';
      readonly reason: 'human-reply';
      readonly account: number;
      readonly conversation: number;
      readonly at: number | null;
    }
  | {
      readonly action: 'forget';
      readonly reason: 'resolved' | 'given-back' | 'conversation-gone';
      readonly account: number;
      readonly conversation: number;
      /** What is known by then, `since` among it: what was before that is forgotten. null forgets all but this. */
      readonly known: KnownMemory | null;
    }
  | {
      readonly action: 'note-who';
      readonly reason: 'created' | 'changed';
      readonly account: number;
      readonly conversation: number;
      readonly known: KnownMemory;
    }
  | AnswerDecision
  | LateDecision
  | PassDecision
  | HandOverDecision
  | UndeliveredDecision;

/** Whatever says something to the customer. */
export type AnswerDecision = ReplyDecision | DeclineDecision | HandoffDecision;

export interface ReplyDecision {
  readonly action: 'reply';
  /** `rule:hours` */
  readonly reason: string;
  readonly place: Place;
  readonly rule: string;
  readonly text: string;
  /** The rule whose offer goes with the reply; null when it makes none. */
  readonly offer: string | null;
}

export interface DeclineDecision {
  readonly action: 'decline-offer';
  readonly reason: string;
  readonly place: Place;
  readonly rule: string;
  readonly text: string | null;
}

/**
 * What of a handover is left undone since an earlier attempt: a person has taken the conversation (`texts-and-team`),
 * or the bot was turned off (`texts`). What is not said by now never will be.
 */
export type Withheld = 'texts' | 'texts-and-team';

export interface HandoffDecision {
  readonly action: 'handoff' | 'take-offer';
  readonly reason: string;
  readonly place: Place;
  readonly rule: string;
  /** The rule's own reply, before that of the handoff. */
  readonly text: string | null;
  readonly handoff: Handoff;
  readonly withhold?: Withheld;
}

/** A message that no rule answers is let pass, and the first of them greeted (`bot.unanswered`). */
export interface PassDecision {
  readonly action: 'let-pass';
  readonly reason: 'no-rule' | 'no-text';
  readonly place: Place;
  readonly text: string | null;
}

/** Why humans get a conversation that is the bot's turn, though no rule says so. */
export type HandOverReason =
  | 'no-rule'
  | 'no-text'
  | 'bot-off'
  | 'rule-failed'
  /** The channel takes no reply now (`can_reply: false`). */
  | 'cannot-reply'
  | 'undelivered'
  /** A person works on it, and it is still `pending`, where the others don't see it. */
  | PersonSilence;

export interface HandOverDecision {
  readonly action: 'hand-over';
  readonly reason: HandOverReason;
  readonly place: Place;
  /** What the customer is told before. */
  readonly text: string | null;
  readonly note: string | null;
  /** Whose team gets it; null leaves the team as it is. */
  readonly handoff: Handoff | null;
  /** What the job fails with afterwards, for somebody to see; null where nothing failed. */
  readonly failure: CallFailure | null;
  readonly withhold?: Withheld;
}

/** A message of ours did not reach the customer; the humans are told, and get the conversation where it is the bot's. */
export interface UndeliveredDecision {
  readonly action: 'tell-undelivered';
  readonly reason: Undelivered;
  readonly place: Place;
  /** null where a person has the conversation already, or it is over. */
  readonly handOver: HandOverDecision | null;
}

/** It is too late to say what `answer` would: humans get the conversation, with a private note. */
export interface LateDecision {
  readonly action: 'hand-over-late';
  readonly reason: string;
  readonly place: Place;
  readonly rule: string;
  /** null when a retry goes on with what it has begun. */
  readonly answer: AnswerDecision | null;
}
