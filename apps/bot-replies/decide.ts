import { type ChatwootEvent, isHumanReply, type Message } from '@switchyard/chatwoot';
import { requireAccount } from '@switchyard/jobs';
import { decideIncoming } from './decide-incoming.ts';
import { decideUndelivered } from './decide-undelivered.ts';
import type { BotDecision, Where } from './decision.ts';
import type { BotFacts } from './facts.ts';
import { givenBackBy } from './given-back.ts';
import { learn } from './known.ts';
import { isEmpty } from './memory.ts';
import type { RuleBook } from './rules.ts';
import { type Silence, silentAboutMessage } from './silence.ts';

/** What the bot does about an event. */
export function decide(book: RuleBook, event: ChatwootEvent, facts: BotFacts): BotDecision {
  const { conversation, message } = event;
  if (conversation === null) return silent('no-conversation');
  const where = { account: requireAccount(event), conversation: conversation.id };
  switch (event.name) {
    case 'message_created':
      return message === null ? silent('other-event') : decideMessage(book, event, message, where, facts);
    case 'message_updated':
      return message === null ? silent('other-event') : decideUndelivered(book, message, where, facts);
    case 'conversation_status_changed':
    case 'conversation_resolved':
      return decideStatus(event, where, facts);
    case 'conversation_created':
    case 'conversation_updated':
      return decideKnown(event, where, facts);
    default:
      return silent('other-event');
  }
}

/** Who has it, by ids. Nothing is read from Chatwoot for it: most conversations are never asked about. */
function decideKnown(event: ChatwootEvent, where: Where, { memory }: BotFacts): BotDecision {
  const known = learn(memory.known, event);
  if (known === null) return silent('nothing-new');
  const reason = event.name === 'conversation_created' ? 'created' : 'changed';
  return { action: 'note-who', reason, ...where, known };
}

/**
 * A conversation that was resolved, or set back to `pending` for the bot (contract §4), begins anew. What the event
 * says counts, for the customer may have written again by the time that the bot hears of it; where it says neither,
 * the conversation's state now. A person who replied after the change keeps it.
 */
function decideStatus(event: ChatwootEvent, where: Where, { memory, conversation }: BotFacts): BotDecision {
  const since = event.conversation?.updatedAt ?? null;
  const told = givenBackBy(event);
  const known = memory.known.since ?? null;
  // A reply that is heard of later is to be known as an earlier one, so the instant is kept, whatever else is.
  const isNews = told !== null && since !== null && (known === null || since > known);
  if (isEmpty(memory) && !isNews) return silent('nothing-remembered');
  if (told === null && conversation === null) {
    return { action: 'forget', reason: 'conversation-gone', ...where, since };
  }
  const status = told ?? conversation?.status;
  if (status === 'resolved') return { action: 'forget', reason: 'resolved', ...where, since };
  const humanAt = memory.human?.at ?? null;
  const humanIsLater = humanAt !== null && since !== null && humanAt > since;
  if (status !== 'pending' || humanIsLater) return silent('not-given-back');
  return { action: 'forget', reason: 'given-back', ...where, since };
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
  return about === null ? decideIncoming(book, event, message, where, facts) : silent(about);
}

function silent(reason: Silence): BotDecision {
  return { action: 'silent', reason };
}
