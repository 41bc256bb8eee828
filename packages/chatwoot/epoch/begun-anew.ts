import { isContactMessage } from '../authorship.ts';
import type { ConversationStatus } from '../event.ts';
import { readingsOf } from '../hands/reading.ts';
import type { MessageRecord } from '../records.ts';

/**
 * Whether a conversation began anew among the messages since an older one, so that what was asked then is over: it was
 * resolved, or a person had it and made it pending again, and the customer has written since. Pure, in any order of
 * messages.
 *
 * Chatwoot writes activities a moment late, so one may stand behind the message that came after it: without a newer
 * message of the customer's nothing is over, and nothing of theirs is passed over. That it became pending alone says
 * nothing either: that may be the reopening by the customer.
 */
export function begunAnew(since: readonly MessageRecord[]): 'resolved' | 'pending' | null {
  if (!since.some(isContactMessage)) return null;
  let wasOpened = false;
  let wasGivenBack = false;
  for (const message of [...since].sort((a, b) => a.id - b.id)) {
    const set = statusesSetBy(message);
    if (set.has('resolved')) return 'resolved';
    if (set.has('pending') && wasOpened) wasGivenBack = true;
    if (set.has('open')) wasOpened = true;
  }
  return wasGivenBack ? 'pending' : null;
}

/** More than one where the activity's words can be read in several ways. */
function statusesSetBy({ type, content, setsStatus }: MessageRecord): ReadonlySet<ConversationStatus> {
  if (type !== 'activity') return new Set();
  if (setsStatus !== undefined) return new Set([setsStatus]);
  return new Set(
    readingsOf(content).flatMap(({ does }) => {
      switch (does) {
        case 'open':
        case 'opened-by-system':
          return ['open' as const];
        case 'resolved':
        case 'resolved-by-system':
          return ['resolved' as const];
        case 'pending':
          return ['pending' as const];
        default:
          return [];
      }
    }),
  );
}
