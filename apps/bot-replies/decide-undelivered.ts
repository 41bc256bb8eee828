import type { Message } from '@switchyard/chatwoot';
import { handOverFor } from './decide-unanswered.ts';
import type { BotDecision, Where } from './decision.ts';
import type { BotFacts } from './facts.ts';
import { isHandedOver } from './memory.ts';
import type { RuleBook } from './rules.ts';
import { isPeoples, personHasIt } from './silence.ts';

/**
 * What the bot does when a message of its own was not delivered: the humans are told once, and get the conversation
 * unless they have it, or it is over.
 */
export function decideUndelivered(
  book: RuleBook,
  message: Message,
  where: Where,
  facts: BotFacts,
): BotDecision {
  const { conversation, memory, job } = facts;
  if (message.undelivered === undefined || message.marker === null) {
    return { action: 'silent', reason: 'other-event' };
  }
  if (conversation === null) return { action: 'silent', reason: 'conversation-gone' };
  const begun = memory.handoff?.job === job;
  // Written last, so a retry that finds it has nothing left to do.
  if (memory.undelivered.includes(message.id)) return { action: 'silent', reason: 'already-told' };
  const { status, updatedAt: asOf } = conversation;
  const over = status === 'resolved' || status === 'snoozed';
  const theirs = over || personHasIt(facts) !== null || isHandedOver(memory);
  const place = { ...where, message: message.id, open: isPeoples(status), asOf };
  return {
    action: 'tell-undelivered',
    reason: message.undelivered,
    place,
    handOver: theirs && !begun ? null : handOverFor(book, 'undelivered', place),
  };
}
