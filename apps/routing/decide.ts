import {
  CallFailure,
  type ChatwootEvent,
  type ConversationState,
  type Priority,
  type ToldHand,
} from '@switchyard/chatwoot';
import type { Assignment, RoutingConfig, RoutingFacts, RoutingRule } from '@switchyard/config';
import { requireAccount } from '@switchyard/jobs';
import type { Begun } from './begun.ts';
import { allHold } from './condition.ts';
import { type Holders, holdersOf } from './hand.ts';

export interface Facts {
  /** As it is now; null when it is gone, or the event names none. */
  readonly conversation: ConversationState | null;
  readonly rules: RoutingFacts;
  /** Whose hand is on the conversation; null when it is gone. */
  readonly hand: ToldHand | null;
  /** What an earlier attempt of this very job set out to do; null on the first. */
  readonly begun: Begun | null;
}

export type Decision =
  | { readonly action: 'none'; readonly reason: NoneReason }
  | {
      readonly action: 'assign';
      /** `rule:enterprise`, `otherwise` */
      readonly reason: string;
      /** False when we had assigned it and somebody else has it since: the rest is still ours to finish. */
      readonly owners: boolean;
      readonly account: number;
      readonly conversation: number;
      /** Where the assignment stands in the config: `routing.rules[2].assign`. */
      readonly setting: string;
      readonly assign: Assignment;
      /** What the conversation has already; the steps leave out what would change nothing. */
      readonly current: { readonly priority: Priority | null; readonly labels: readonly string[] };
      /** Who had it when it was read; null with `overrideExisting`, which does not ask. */
      readonly holders: Holders | null;
    };

type NoneReason = 'other-event' | 'no-conversation' | 'conversation-gone' | NoneTaken | 'no-rule';

/** Why a conversation is somebody's already. */
type NoneTaken =
  | 'team-set-by-others'
  | 'person-assigned'
  | 'person-replied'
  | 'person-began'
  | 'person-set-status'
  | 'automation-assigned'
  | 'bot-assigned';

/**
 * Where a new conversation belongs. One that has a team, or that a person has taken by the time it is routed, is
 * left alone whole, priority and labels too: whoever did that has looked at it (`overrideExisting` says
 * otherwise). So is one that an automation rule or another bot gave to somebody: that is a rule of the company
 * too. Whom Chatwoot has picked by itself is no reason, and a bot as owner is none.
 */
export function decide(config: RoutingConfig, event: ChatwootEvent, facts: Facts): Decision {
  if (event.name !== 'conversation_created') return { action: 'none', reason: 'other-event' };
  if (event.conversation === null) return { action: 'none', reason: 'no-conversation' };
  const account = requireAccount(event);
  const { conversation } = facts;
  if (conversation === null) return { action: 'none', reason: 'conversation-gone' };
  const taken = config.overrideExisting ? null : takenBy(conversation, facts);
  if (taken !== null && facts.begun?.assigned !== true) return { action: 'none', reason: taken };
  const chosen = choose(config, facts.rules);
  if (chosen === null) return { action: 'none', reason: 'no-rule' };
  return {
    action: 'assign',
    ...chosen,
    owners: taken === null,
    account,
    conversation: conversation.id,
    current: { priority: conversation.priority, labels: conversation.labels },
    holders: config.overrideExisting ? null : holdersOf(conversation),
  };
}

const HANDS = {
  assigned: 'person-assigned',
  replied: 'person-replied',
  began: 'person-began',
  status: 'person-set-status',
} as const;

/**
 * null when nobody has it. What an earlier attempt of this job did is no reason to leave the rest undone, nor is
 * whom Chatwoot then picked from our team (contract §3.3).
 */
function takenBy({ team, assignee }: ConversationState, { hand, begun }: Facts): NoneTaken | null {
  // Who has only opened it has not taken it: nobody has, or whom Chatwoot picked.
  if (hand?.kind === 'person' && hand.why !== 'opened') return HANDS[hand.how];
  if (team !== null && team.id !== begun?.team) return 'team-set-by-others';
  if (assignee?.kind !== 'user') return null;
  if (hand?.why === 'automation') return 'automation-assigned';
  return hand?.why === 'bot' ? 'bot-assigned' : null;
}

interface Chosen {
  readonly reason: string;
  readonly setting: string;
  readonly assign: Assignment;
}

function choose({ rules, otherwise }: RoutingConfig, facts: RoutingFacts): Chosen | null {
  const index = rules.findIndex((rule, at) => fits(rule, facts, at));
  const rule = rules[index];
  if (rule !== undefined) {
    const reason = `rule:${rule.name ?? `rules[${index}]`}`;
    return { reason, setting: `routing.rules[${index}].assign`, assign: rule.assign };
  }
  if (otherwise === undefined) return null;
  return { reason: 'otherwise', setting: 'routing.otherwise.assign', assign: otherwise.assign };
}

function fits({ when }: RoutingRule, facts: RoutingFacts, index: number): boolean {
  if (typeof when !== 'function') return allHold(when, facts);
  try {
    return when(facts) === true;
  } catch (error) {
    // The error itself may quote the customer, so only its name goes along.
    const what = error instanceof Error ? error.name : 'something that is no Error';
    throw new CallFailure('permanent', `routing.rules[${index}].when: the function threw ${what}`, {
      code: 'ROUTING_RULE_FAILED',
      target: 'routing',
    });
  }
}
