import type { Handoff } from './rules.ts';
import type { Silence } from './silence.ts';

/** Where a decision takes effect. */
export interface Place {
  readonly account: number;
  readonly conversation: number;
  /** The message that is answered. */
  readonly message: number;
  /** Whether the conversation is already the humans' by status; a handoff need not open it then. */
  readonly open: boolean;
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
    }
  | AnswerDecision
  | LateDecision;

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

export interface HandoffDecision {
  readonly action: 'handoff' | 'take-offer';
  readonly reason: string;
  readonly place: Place;
  readonly rule: string;
  /** The rule's own reply, before that of the handoff. */
  readonly text: string | null;
  readonly handoff: Handoff;
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
