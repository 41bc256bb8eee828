import {
  type ChatwootEvent,
  type ConversationState,
  type HandParts,
  readToldHand,
  type ToldHand,
} from '@switchyard/chatwoot';
import type { Begun } from './begun.ts';

/** What of a conversation tells that somebody has begun to work on it, and who. */
export interface Holders {
  readonly assignee: number | null;
  readonly team: number | null;
  readonly firstReplyAt: number | null;
  readonly status: ConversationState['status'];
}

/** A bot is no holder: its conversations are routed (contract [R] 3). */
export function holdersOf({ assignee, team, firstReplyAt, status }: ConversationState): Holders {
  return {
    assignee: assignee?.kind === 'user' ? (assignee.id ?? 0) : null,
    team: team?.id ?? null,
    firstReplyAt,
    status,
  };
}

/**
 * Whose hand is on a new conversation. Costs no call where nobody can have touched it: no user as assignee, no
 * reply, open or pending.
 *
 * @throws {CallFailure} see `readToldHand`.
 */
export async function readHandOn(
  parts: HandParts,
  account: number,
  event: ChatwootEvent,
  conversation: ConversationState,
  begun: Begun | null,
  signal: AbortSignal,
): Promise<ToldHand> {
  const { assignee, firstReplyAt, status } = holdersOf(conversation);
  const untouched = assignee === null && firstReplyAt === null;
  if (untouched && status !== 'snoozed' && status !== 'resolved') return { kind: 'none', why: 'nobody' };
  return readToldHand(parts, {
    account,
    conversation,
    known: {
      createdWith: userIn(event),
      createdHeardAt: event.delivery.receivedAt,
      ours: { agents: ids(begun?.agent), teams: ids(begun?.team) },
    },
    signal,
  });
}

/** undefined where the event shows a user without an id. */
function userIn({ conversation }: ChatwootEvent): number | null | undefined {
  const assignee = conversation?.assignee;
  return assignee?.kind === 'user' ? (assignee.id ?? undefined) : null;
}

function ids(id: number | null | undefined): readonly number[] {
  return id === null || id === undefined ? [] : [id];
}
