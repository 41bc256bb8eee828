import type { DecisionSummary } from '@switchyard/jobs';
import type { AnswerDecision, BotDecision } from './decision.ts';
import type { RuleBook } from './rules.ts';

/**
 * What a decision is about, for the story of a conversation: the rule, its reply as it stands in the config (never
 * what a function made of the customer's words) and the team it hands over to. null where nothing is said.
 */
export function aboutDecision(
  { rules }: Pick<RuleBook, 'rules'>,
  decision: BotDecision,
): NonNullable<DecisionSummary['about']> | null {
  if (decision.action === 'tell-undelivered') {
    return { message: decision.place.message, handedOver: decision.handOver !== null };
  }
  if (decision.action === 'let-pass') return { message: decision.place.message, reply: decision.text };
  if (decision.action === 'hand-over') {
    const { place, text, handoff } = decision;
    return { message: place.message, reply: text, team: handoff?.team ?? null };
  }
  if (!('rule' in decision)) return null;
  const rule = rules.find(({ label }) => label === decision.rule);
  const answer = decision.action === 'hand-over-late' ? decision.answer : decision;
  const handoff = answer !== null && 'handoff' in answer ? answer.handoff : null;
  return {
    rule: decision.rule,
    message: decision.place.message,
    ...(answer === null ? {} : { reply: replyOf(answer, rule?.reply) }),
    ...(handoff === null ? {} : { team: handoff.team, handoffReply: handoff.reply }),
  };
}

/** With an offer that is taken or declined nothing of the rule's own reply is said. */
function replyOf(answer: AnswerDecision, reply: unknown): string | null {
  if (answer.action === 'decline-offer') return answer.text;
  if (answer.action === 'take-offer' || reply === undefined) return null;
  return typeof reply === 'string' ? reply : '(made by a function of the config)';
}
