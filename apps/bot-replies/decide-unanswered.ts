import { CallFailure } from '@switchyard/chatwoot';
import type { BotDecision, HandOverDecision, HandOverReason, Place } from './decision.ts';
import type { BotFacts } from './facts.ts';
import type { RuleBook } from './rules.ts';

/**
 * A message that no rule answers, in a bot's inbox where it is the bot's turn (`bot.unanswered`).
 *
 * @param mute it is too late to say anything, or the channel takes nothing: then none is let pass.
 */
export function decideUnanswered(
  book: RuleBook,
  { memory }: BotFacts,
  place: Place,
  reason: 'no-rule' | 'no-text',
  mute: boolean,
): BotDecision {
  const { after, greeting, handOver } = book.unanswered;
  // A retry finds its own message among those it has let pass.
  const before = memory.passed.filter((message) => message !== place.message);
  if (!mute && before.length < after) {
    return { action: 'let-pass', reason, place, text: before.length === 0 ? (greeting ?? null) : null };
  }
  if (!handOver) return { action: 'silent', reason };
  const decision = handOverFor(book, reason, place);
  return mute ? { ...decision, text: null } : decision;
}

/** How a conversation is handed over that no rule hands over. The same on every attempt. */
export function handOverFor(book: RuleBook, reason: HandOverReason, place: Place): HandOverDecision {
  const { reply, team } = book.unanswered;
  const unanswered = reason === 'no-rule' || reason === 'no-text';
  const undelivered = reason === 'cannot-reply' || reason === 'undelivered';
  return {
    action: 'hand-over',
    reason,
    place,
    text: unanswered ? (reply ?? null) : null,
    note: undelivered ? book.undeliveredNote : null,
    handoff: unanswered && team !== undefined ? { setting: 'bot.unanswered', team, reply: null } : null,
    failure: reason === 'rule-failed' ? ruleFailure() : null,
  };
}

const REASONS: ReadonlySet<string> = new Set<HandOverReason>([
  'no-rule',
  'no-text',
  'bot-off',
  'rule-failed',
  'cannot-reply',
  'undelivered',
  'human-took-over',
  'human-began',
  'human-assigned',
  'human-set-status',
]);

export function isHandOverReason(value: string): value is HandOverReason {
  return REASONS.has(value);
}

/** A function of the config failed; anything else is no reason to hand over. */
export function isOurs(error: unknown): error is CallFailure {
  return error instanceof CallFailure && error.code === 'BOT_RULE_FAILED';
}

/** For a retry, which does not ask the function again. */
function ruleFailure(): CallFailure {
  return new CallFailure('permanent', 'a function of bot.rules failed; the conversation was handed over', {
    code: 'BOT_RULE_FAILED',
    target: 'bot-replies',
  });
}
