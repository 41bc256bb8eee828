import { CallFailure, type ChatwootClient, type ConversationState } from '@switchyard/chatwoot';
import type { Directory, StepContext, StepOptions } from '@switchyard/jobs';
import type { HandoffDecision, Place, Withheld } from './decision.ts';
import { type HandoffCause, remember } from './memory.ts';
import { type ReplyParts, sendReply, wasSent } from './reply-step.ts';
import type { Handoff } from './rules.ts';

export interface HandoffParts extends ReplyParts {
  readonly client: Pick<ChatwootClient, 'conversations' | 'messages'>;
  readonly directory: Directory;
  readonly now?: () => number;
}

/** Tells the customer what the rule says, and hands over. */
export function handOff(parts: HandoffParts, decision: HandoffDecision, context: StepContext): Promise<void> {
  const { place, rule, text, handoff, withhold } = decision;
  const handover = { place, rule, because: causeOf(decision), handoff, withhold };
  return handOver(parts, handover, context, async () => {
    const say = sayOr(withhold, parts, place, context);
    if (text !== null) await say('reply', text);
    if (handoff.reply !== null) await say('handoff-reply', handoff.reply);
  });
}

/** Sends a reply, or sees to it that it is never sent. */
export function sayOr(
  withhold: Withheld | undefined,
  parts: ReplyParts,
  place: Place,
  context: StepContext,
): (name: string, text: string) => Promise<void> {
  return async (name, text) => {
    if (withhold !== undefined) await wasSent(parts, name, place, context);
    else await sendReply(parts, name, text, place, context);
  };
}

export function causeOf(decision: HandoffDecision): HandoffCause {
  return decision.action === 'take-offer' ? 'offer' : 'rule';
}

export interface Handover {
  readonly place: Place;
  readonly rule: string;
  readonly because: HandoffCause;
  /** Whose team gets the conversation; null leaves the team as it is. */
  readonly handoff: Handoff | null;
  readonly withhold?: Withheld | undefined;
}

/**
 * Hands a conversation to humans: what is to be said first, the team, then `open` (contract §4). A team that
 * can't be had does not keep the customer waiting in `pending`: the conversation is opened all the same, and the
 * job then fails for somebody to see.
 */
export async function handOver(
  parts: HandoffParts,
  { place, rule, because, handoff, withhold }: Handover,
  context: StepContext,
  say: () => Promise<void>,
): Promise<void> {
  const { now = Date.now } = parts;
  const begun = { job: context.jobId, rule, because, at: place.asOf ?? now() };
  await context.step('begin-handoff', () =>
    rememberHere(place, context, { handoff: { ...begun, done: false } }),
  );
  await say();
  const leavesTeam = handoff === null || withhold === 'texts-and-team';
  const refused = leavesTeam ? null : await assignTeam(parts, handoff, place, context);
  if (!place.open) await openConversation(parts, place, context);
  await context.step('remember', () =>
    rememberHere(place, context, {
      handoff: { ...begun, done: true },
      offer: null,
      answered: { message: place.message, job: context.jobId },
    }),
  );
  if (refused !== null) throw refused;
}

/** Gives back, and does not throw, a failure that will not heal by itself. */
async function assignTeam(
  { client, directory }: HandoffParts,
  { team: value, setting }: Handoff,
  { account, conversation }: Place,
  context: StepContext,
): Promise<CallFailure | null> {
  if (value === null) return null;
  try {
    const reference = { kind: 'team', setting: `${setting}.team`, value } as const;
    const team = await directory.resolve(account, reference, context.signal);
    await context.step(
      'assign-team',
      ({ signal }) => client.conversations.assignTeam(account, conversation, team, { as: 'bot', signal }),
      confirmedBy(client, { account, conversation }, (now) => now.team?.id === team),
    );
    return null;
  } catch (error) {
    if (error instanceof CallFailure && error.failure === 'permanent') return error;
    throw error;
  }
}

/**
 * As the bot where it has a token: that is Chatwoot's own handoff, with its reporting and auto-assignment. The
 * token of a user with the agent role would make that user the assignee (contract §3.3).
 */
async function openConversation(
  { client }: HandoffParts,
  { account, conversation }: Place,
  context: StepContext,
): Promise<void> {
  await context.step(
    'open',
    ({ signal }) => client.conversations.setStatus(account, conversation, 'open', { as: 'bot', signal }),
    confirmedBy(client, { account, conversation }, (now) => now.status === 'open'),
  );
}

/** An unknown outcome is told by reading the conversation: is it as the step would leave it? */
function confirmedBy(
  client: HandoffParts['client'],
  { account, conversation }: Pick<Place, 'account' | 'conversation'>,
  isDone: (now: ConversationState) => boolean,
): StepOptions<void> {
  return {
    async confirm({ signal }) {
      const now = await client.conversations.get(account, conversation, { signal });
      return isDone(now) ? { done: true, result: undefined } : { done: false };
    },
  };
}

function rememberHere(
  { account, conversation }: Place,
  context: StepContext,
  change: Parameters<typeof remember>[3],
): Promise<void> {
  return remember(context.state, account, conversation, change);
}
