import { type ChatwootEvent, isHumanReply, type Message } from '@switchyard/chatwoot';
import type { ReplyFacts } from '@switchyard/config';
import { requireAccount } from '@switchyard/jobs';
import type {
  AnswerDecision,
  BotDecision,
  DeclineDecision,
  HandoffDecision,
  LateDecision,
  Place,
  ReplyDecision,
} from './decision.ts';
import { type BotFacts, isEmpty } from './facts.ts';
import { answerTo, chooseRule, type Rule, type RuleBook, replyText } from './rules.ts';
import { type Silence, silentAboutMessage, silentInConversation } from './silence.ts';

/** What the bot does about an event. */
export function decide(book: RuleBook, event: ChatwootEvent, facts: BotFacts): BotDecision {
  const { conversation, message } = event;
  if (conversation === null) return silent('no-conversation');
  const account = requireAccount(event);
  if (event.name === 'message_created' && message !== null) {
    return decideMessage(book, event, message, { account, conversation: conversation.id }, facts);
  }
  if (event.name === 'conversation_status_changed' || event.name === 'conversation_resolved') {
    return decideStatus(event, { account, conversation: conversation.id }, facts);
  }
  return silent('other-event');
}

interface Where {
  readonly account: number;
  readonly conversation: number;
}

/**
 * A conversation that was resolved, or set back to `pending` for the bot (contract §4), begins anew. Its state
 * now counts, not the event's; a person who replied after the change keeps it.
 */
function decideStatus(event: ChatwootEvent, where: Where, { memory, conversation }: BotFacts): BotDecision {
  if (isEmpty(memory)) return silent('nothing-remembered');
  if (conversation === null) return { action: 'forget', reason: 'conversation-gone', ...where };
  if (conversation.status === 'resolved') return { action: 'forget', reason: 'resolved', ...where };
  const changedAt = event.conversation?.updatedAt ?? null;
  const humanAt = memory.human?.at ?? null;
  const humanIsLater = humanAt !== null && changedAt !== null && humanAt > changedAt;
  if (conversation.status !== 'pending' || humanIsLater) return silent('not-given-back');
  return { action: 'forget', reason: 'given-back', ...where };
}

function decideMessage(
  book: RuleBook,
  event: ChatwootEvent,
  message: Message,
  where: Where,
  facts: BotFacts,
): BotDecision {
  if (isHumanReply(message)) {
    return { action: 'remember-human', reason: 'human-reply', ...where, at: message.createdAt };
  }
  const about = silentAboutMessage(message, event.contact);
  if (about !== null) return silent(about);
  const place = { ...where, message: message.id, open: facts.conversation?.status === 'open' };
  const said = replyFacts(event, message, where);
  const late = facts.now - event.delivery.receivedAt > book.answerWithinMs;
  const begun = resumeHandoff(book, facts, place, said);
  if (begun !== null) return begun.action === 'hand-over-late' || !late ? begun : inSilence(begun);
  const { answered } = facts.memory;
  if (answered !== null && answered.message === message.id && answered.job !== facts.job) {
    return silent('already-answered');
  }
  const kept = silentInConversation(event, facts);
  if (kept !== null) return silent(kept);
  const answer = decideOffer(book, facts, place, said) ?? decideRule(book, place, said);
  if (answer === null) return silent('no-rule');
  return late ? inSilence(answer) : answer;
}

/** A late answer is worse than none; a decision that says nothing is as good as ever. */
function inSilence(answer: AnswerDecision): AnswerDecision | LateDecision {
  if (!speaks(answer)) return answer;
  return { action: 'hand-over-late', reason: answer.reason, place: answer.place, rule: answer.rule, answer };
}

function speaks(answer: AnswerDecision): boolean {
  if (answer.action === 'reply') return true;
  if (answer.action === 'decline-offer') return answer.text !== null;
  return answer.text !== null || answer.handoff.reply !== null;
}

/**
 * A retry of a job that has begun to hand off. Its own work has changed the conversation meanwhile (a team, an
 * agent picked from it, `open`), so the questions of silence would stop it half way.
 */
function resumeHandoff(
  book: RuleBook,
  facts: BotFacts,
  place: Place,
  said: ReplyFacts,
): HandoffDecision | LateDecision | null {
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
  const rule = book.rules.find(({ label }) => label === handoff.rule);
  if (rule === undefined) return null;
  return handoff.because === 'offer' ? takeOffer(rule, place) : handOff(rule, place, said);
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
  const text = replyText(rule, said);
  return { action: 'handoff', reason: reasonOf(rule), place, rule: rule.label, text, handoff };
}

function replyFacts({ contact }: ChatwootEvent, { content }: Message, where: Where): ReplyFacts {
  return {
    text: content ?? '',
    contact: { name: contact?.name ?? null, email: contact?.email ?? null },
    ...where,
  };
}

function reasonOf(rule: Rule): string {
  return `rule:${rule.label}`;
}

function silent(reason: Silence): BotDecision {
  return { action: 'silent', reason };
}
