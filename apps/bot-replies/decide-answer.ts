import type { ReplyFacts } from '@switchyard/config';
import { handOverFor, isHandOverReason } from './decide-unanswered.ts';
import type {
  AnswerDecision,
  DeclineDecision,
  HandOverDecision,
  HandoffDecision,
  LateDecision,
  Place,
  ReplyDecision,
} from './decision.ts';
import type { BotFacts } from './facts.ts';
import { answerTo, chooseRule, type Rule, type RuleBook, replyText } from './rules.ts';

/**
 * What the rules answer; null where none fits.
 *
 * @throws {CallFailure} BOT_RULE_FAILED, when a function of the config throws or gives no text.
 */
export function answerOf(
  book: RuleBook,
  facts: BotFacts,
  place: Place,
  said: ReplyFacts,
): AnswerDecision | null {
  return decideOffer(book, facts, place, said) ?? decideRule(book, place, said);
}

/**
 * A retry of a job that has begun to hand off. Its own work has changed the conversation meanwhile (a team, an
 * agent picked from it, `open`), so the questions of silence would stop it half way.
 */
export function resumeHandoff(
  book: RuleBook,
  facts: BotFacts,
  place: Place,
  said: ReplyFacts,
): HandoffDecision | LateDecision | HandOverDecision | null {
  const { handoff } = facts.memory;
  if (handoff === null || handoff.job !== facts.job || facts.conversation === null) return null;
  if (handoff.because === 'late') {
    return {
      action: 'hand-over-late',
      reason: `rule:${handoff.rule}`,
      place,
      rule: handoff.rule,
      answer: null,
    };
  }
  if (handoff.because === 'unanswered') {
    if (!isHandOverReason(handoff.rule)) return null;
    const answer = handoff.rule === 'cannot-reply' ? answerOf(book, facts, place, said) : null;
    return answer === null ? handOverFor(book, handoff.rule, place) : withoutAnswer(book, answer, place);
  }
  const rule = book.rules.find(({ label }) => label === handoff.rule);
  if (rule === undefined) return null;
  return handoff.because === 'offer' ? takeOffer(rule, place) : handOff(rule, place, said);
}

/** The channel takes no reply: the humans get it, in the team that the answer would have given it to. */
export function withoutAnswer(book: RuleBook, answer: AnswerDecision, place: Place): HandOverDecision {
  const handoff = 'handoff' in answer ? answer.handoff : null;
  return { ...handOverFor(book, 'cannot-reply', place), handoff };
}

/** Whether the customer is told something. */
export function speaks(answer: AnswerDecision): boolean {
  if (answer.action === 'reply') return true;
  if (answer.action === 'decline-offer') return answer.text !== null;
  return answer.text !== null || answer.handoff.reply !== null;
}

function decideOffer(
  book: RuleBook,
  { memory, now }: BotFacts,
  place: Place,
  said: ReplyFacts,
): HandoffDecision | DeclineDecision | null {
  const made = memory.offer;
  if (made === null || now - made.at >= book.offerMs) return null;
  const rule = book.rules.find(({ label }) => label === made.rule);
  const answer = rule?.offer == null ? null : answerTo(rule.offer, said.text);
  if (rule === undefined || answer === null) return null;
  if (answer === 'yes') return takeOffer(rule, place);
  return {
    action: 'decline-offer',
    reason: reasonOf(rule),
    place,
    rule: rule.label,
    text: rule.offer?.declined ?? null,
  };
}

function decideRule(book: RuleBook, place: Place, said: ReplyFacts): ReplyDecision | HandoffDecision | null {
  const rule = chooseRule(book, said);
  if (rule === null) return null;
  const handedOff = handOff(rule, place, said);
  if (handedOff !== null) return handedOff;
  const text = replyText(rule, said);
  if (text === null) return null;
  return {
    action: 'reply',
    reason: reasonOf(rule),
    place,
    rule: rule.label,
    text,
    offer: rule.offer === null ? null : rule.label,
  };
}

function takeOffer(rule: Rule, place: Place): HandoffDecision | null {
  if (rule.offer === null) return null;
  const { handoff } = rule.offer;
  return { action: 'take-offer', reason: reasonOf(rule), place, rule: rule.label, text: null, handoff };
}

function handOff(rule: Rule, place: Place, said: ReplyFacts): HandoffDecision | null {
  const { handoff } = rule;
  if (handoff === null) return null;
  return {
    action: 'handoff',
    reason: reasonOf(rule),
    place,
    rule: rule.label,
    text: replyText(rule, said),
    handoff,
  };
}

function reasonOf(rule: Rule): string {
  return `rule:${rule.label}`;
}
