import type { ChatwootEvent, Message } from '@switchyard/chatwoot';
import type { ReplyFacts } from '@switchyard/config';
import { answerOf, resumeHandoff, speaks, withoutAnswer } from './decide-answer.ts';
import { decideUnanswered, handOverFor, isOurs } from './decide-unanswered.ts';
import type {
  AnswerDecision,
  BotDecision,
  HandOverDecision,
  HandoffDecision,
  LateDecision,
  Place,
  Where,
} from './decision.ts';
import type { BotFacts } from './facts.ts';
import type { RuleBook } from './rules.ts';
import { hasText, isPeoples, personHasIt, type Silence, silentInConversation } from './silence.ts';
import { isBotsInbox } from './turn.ts';

/** What the bot does about a message of a customer. */
export function decideIncoming(
  book: RuleBook,
  event: ChatwootEvent,
  message: Message,
  where: Where,
  facts: BotFacts,
): BotDecision {
  const { status, updatedAt } = facts.conversation ?? { status: null, updatedAt: null };
  const asOf = updatedAt ?? message.createdAt;
  const place = { ...where, message: message.id, open: isPeoples(status), asOf };
  const said = replyFacts(event, message, where);
  const late = facts.now - event.delivery.receivedAt > book.answerWithinMs;
  const begun = resumeHandoff(book, facts, place, said);
  if (begun !== null) return resumed(begun, facts, late);
  const { answered } = facts.memory;
  if (answered !== null && answered.message === message.id && answered.job !== facts.job) {
    return silent('already-answered');
  }
  if (!hasText(message) && facts.inboxBot.kind === 'none' && facts.conversation === null)
    return silent('no-text');
  const kept = silentInConversation(event, facts);
  const turn = isBotsInbox(event, facts) && status === 'pending';
  if (kept !== null) {
    const person = personHasIt(facts);
    const hidden = person !== null && kept === person && turn;
    return hidden ? handOverFor(book, person, place) : silent(kept);
  }
  if (facts.botOff) return turn ? handOverFor(book, 'bot-off', place) : silent('bot-off');
  return decideAnswer({ book, facts, place, said, late, turn, text: hasText(message) });
}

/** A person who has taken it meanwhile is not talked over, and keeps it: it is only opened. */
function resumed(
  begun: HandoffDecision | LateDecision | HandOverDecision,
  facts: BotFacts,
  late: boolean,
): BotDecision {
  if (begun.action !== 'hand-over-late') {
    if (personHasIt(facts) !== null) return { ...begun, withhold: 'texts-and-team' };
    if (facts.botOff) return { ...begun, withhold: 'texts' };
  }
  return late ? inSilence(begun) : begun;
}

interface Asked {
  readonly book: RuleBook;
  readonly facts: BotFacts;
  readonly place: Place;
  readonly said: ReplyFacts;
  readonly late: boolean;
  /** It waits in a bot's inbox, where people don't see it: what is not answered has to be handed over. */
  readonly turn: boolean;
  readonly text: boolean;
}

function decideAnswer({ book, facts, place, said, late, turn, text }: Asked): BotDecision {
  const mute = facts.conversation?.canReply === false;
  let answer: AnswerDecision | null;
  try {
    answer = text ? answerOf(book, facts, place, said) : null;
  } catch (error) {
    // The customer is not to wait for somebody to mend the function.
    if (!turn || !isOurs(error)) throw error;
    return { ...handOverFor(book, 'rule-failed', place), failure: error };
  }
  if (answer === null) {
    const why = text ? 'no-rule' : 'no-text';
    return turn ? decideUnanswered(book, facts, place, why, late || mute) : silent(why);
  }
  if (mute && speaks(answer)) return withoutAnswer(book, answer, place);
  return late ? inSilence(answer) : answer;
}

/** A late answer is worse than none; a decision that says nothing is as good as ever. */
function inSilence(answer: AnswerDecision | LateDecision | HandOverDecision): BotDecision {
  if (answer.action === 'hand-over-late') return answer;
  if (answer.action === 'hand-over') return { ...answer, text: null };
  if (!speaks(answer)) return answer;
  return { action: 'hand-over-late', reason: answer.reason, place: answer.place, rule: answer.rule, answer };
}

function replyFacts({ contact }: ChatwootEvent, { content }: Message, where: Where): ReplyFacts {
  return {
    text: content ?? '',
    contact: { name: contact?.name ?? null, email: contact?.email ?? null },
    ...where,
  };
}

function silent(reason: Silence): BotDecision {
  return { action: 'silent', reason };
}
