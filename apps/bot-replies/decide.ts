import { type ChatwootEvent, isHumanReply, type Message } from '@switchyard/chatwoot';
import { requireAccount } from '@switchyard/jobs';
import { decideIncoming } from './decide-incoming.ts';
import { decideUndelivered } from './decide-undelivered.ts';
import type { BotDecision, Where } from './decision.ts';
import type { BotFacts } from './facts.ts';
import { givenBackBy, isGivenBack } from './given-back.ts';
import { learn, learnGivenBack } from './known.ts';
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

/**
 * Who has it, by ids, and when it was resolved or set back to `pending` for the bot (contract §4): there it begins
 * anew. Nothing is read from Chatwoot for it: most conversations are never asked about.
 */
function decideKnown(event: ChatwootEvent, where: Where, { memory }: BotFacts): BotDecision {
  const known = learn(memory.known, event);
  if (known === null) return silent('nothing-new');
  if (known.since !== undefined && known.since !== memory.known.since) {
    const reason = event.changes?.status?.to === 'resolved' ? 'resolved' : 'given-back';
    return { action: 'forget', reason, ...where, known };
  }
  const reason = event.name === 'conversation_created' ? 'created' : 'changed';
  return { action: 'note-who', reason, ...where, known };
}

/**
 * A status that has changed, without the instant of that: the event shows the conversation as it was when Chatwoot
 * came to tell of it, and a person may have replied by then. Its `conversation_updated` has the instant; until that is
 * heard, and where it never is, only the messages tell what was before.
 */
function decideStatus(event: ChatwootEvent, where: Where, { memory, conversation }: BotFacts): BotDecision {
  const told = givenBackBy(event);
  if (told === null) {
    if (isEmpty(memory)) return silent('nothing-remembered');
    if (conversation === null)
      return { action: 'forget', reason: 'conversation-gone', ...where, known: null };
    if (!isGivenBack(conversation.status)) return silent('not-given-back');
  }
  const seen = told === null ? conversation : event.conversation;
  const known = learnGivenBack(memory.known, seen?.updatedAt ?? null);
  return known === null ? silent('nothing-new') : { action: 'note-who', reason: 'changed', ...where, known };
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
