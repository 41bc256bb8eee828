import { assignmentHand } from './assignment.ts';
import { withPlainNames } from './blanks.ts';
import type { Hand, Sight } from './hand.ts';
import { historyOf } from './history.ts';
import { statusHand } from './status.ts';
import { teamHand } from './team.ts';

/**
 * Whether a person has taken a conversation; `read-more` when that takes older messages than those in sight.
 * Pure. Replies count always, assignments and status by who did them: by ids where they are known, by the names
 * and words of Chatwoot's activities where not (contract [R] 3 and 4). What can't be told is a person's.
 */
export function judgeHand(seen: Sight): Hand | 'read-more' {
  const sight = withPlainNames(seen);
  const history = historyOf(sight);
  if (history.reply !== null) {
    return history.replyIsFirst
      ? { kind: 'person', how: 'began', why: 'first-message' }
      : { kind: 'person', how: 'replied', why: 'reply' };
  }
  const assigned = assignmentHand(sight, history);
  const status = statusHand(sight, history);
  const told = [assigned, status, teamHand(sight, history)].filter((hand) => hand !== 'read-more');
  const person = told.find((hand) => hand?.kind === 'person');
  if (person) return person;
  const unsure = told.find((hand) => hand?.kind === 'unsure');
  if (unsure) return unsure;
  if (assigned === 'read-more') return 'read-more';
  if (!history.olderIsPast && mayHoldReply(sight)) {
    if (sight.reach === 'part') return 'read-more';
    return { kind: 'person', how: 'replied', why: 'too-long-to-tell' };
  }
  return assigned ?? status ?? { kind: 'none', why: 'nobody' };
}

/** Somebody has replied before the messages in sight; a reply of ours by a user's token counts there too. */
function mayHoldReply({ conversation, reach }: Sight): boolean {
  return reach !== 'whole' && conversation.firstReplyAt !== null;
}
