import type { BotOfInbox, ConversationState } from '@switchyard/chatwoot';
import type { DecisionSummary, HandoverCause, HandoverOrder } from '@switchyard/jobs';

export interface HandoverFacts {
  /** null for an event that is no order of ours. */
  readonly order: HandoverOrder | null;
  /** As it is now; null when it is gone. */
  readonly conversation: ConversationState | null;
  /** Whose bot its inbox has. */
  readonly bot: Exclude<BotOfInbox['kind'], 'unknown'>;
  /** A person of the team has replied since the message at hand. */
  readonly humanReplied: boolean;
  /** How the conversation began anew since the message at hand, and is about newer ones; null where it did not. */
  readonly begunAnew: 'resolved' | 'pending' | null;
  /** What became of the bot's own job meanwhile; null where there is none. */
  readonly botJob: 'unsettled' | 'dead' | 'gone' | null;
  /** Whether the bot is on, by its switch. */
  readonly botIsOn: boolean;
}

export type HandoverDecision = Required<DecisionSummary> &
  (
    | { readonly action: 'nothing'; readonly reason: NotHandedOver }
    | { readonly action: 'hand-over'; readonly reason: HandoverCause; readonly order: HandoverOrder }
    /** People have it, and do not see it. They need no note. */
    | { readonly action: 'open'; readonly reason: 'human-replied'; readonly order: HandoverOrder }
  );

type NotHandedOver =
  | 'no-order'
  | 'conversation-gone'
  | 'not-pending'
  | 'no-bot'
  | 'other-bot'
  | 'bot-came-back'
  | 'resolved-since'
  | 'given-back-since'
  | 'bot-is-on';

/** Hands over what is still the bot's and nobody's else. */
export function decideHandover(facts: HandoverFacts): HandoverDecision {
  const { order } = facts;
  const reason = order === null ? 'no-order' : reasonAgainst(order, facts);
  const about = order === null ? {} : { message: order.message, botJob: order.job, ...inTeam(facts) };
  if (order === null || reason !== null) return { action: 'nothing', reason: reason ?? 'no-order', about };
  if (facts.humanReplied) return { action: 'open', reason: 'human-replied', about, order };
  return { action: 'hand-over', reason: order.cause, about, order };
}

/** The first one counts; null where there is none. */
function reasonAgainst({ cause }: HandoverOrder, facts: HandoverFacts): NotHandedOver | null {
  const { conversation, bot, begunAnew, botJob, botIsOn } = facts;
  if (conversation === null) return 'conversation-gone';
  // Open is the people's already, whoever opened it; resolved and snoozed are somebody's wish.
  if (conversation.status !== 'pending') return 'not-pending';
  if (bot !== 'ours') return bot === 'other' ? 'other-bot' : 'no-bot';
  if (cause !== 'bot-off' && botJob === 'gone') return 'bot-came-back';
  if (begunAnew === 'resolved') return 'resolved-since';
  if (begunAnew === 'pending') return 'given-back-since';
  return cause === 'bot-off' && botIsOn ? 'bot-is-on' : null;
}

function inTeam({ conversation }: HandoverFacts): { team?: number } {
  return conversation?.team == null ? {} : { team: conversation.team.id };
}
