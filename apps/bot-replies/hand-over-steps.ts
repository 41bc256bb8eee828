import type { ChatwootEvent } from '@switchyard/chatwoot';
import type { HandoverClaims, StepContext } from '@switchyard/jobs';
import type { HandOverDecision, PassDecision, UndeliveredDecision } from './decision.ts';
import { type HandoffParts, handOver, sayOr } from './handoff-steps.ts';
import { recall, remember, withMessage } from './memory.ts';
import { sendReply, writeNote } from './reply-step.ts';
import type { CountUndelivered } from './undelivered-metric.ts';

export interface HandOverParts extends HandoffParts {
  readonly countUndelivered: CountUndelivered;
}

interface UndeliveredParts extends HandOverParts {
  readonly bot: { readonly undeliveredNote: string };
  readonly claims: Pick<HandoverClaims, 'forBot'>;
}

/** Hands over a conversation that no rule hands over: the text or note, the team, `open`. */
export async function handOverUnanswered(
  parts: HandOverParts,
  decision: HandOverDecision,
  context: StepContext,
): Promise<void> {
  const { place, reason, text, note, handoff, failure, withhold } = decision;
  if (reason === 'cannot-reply') await countOnce(parts, 'cannot-reply', context);
  const handover = { place, rule: reason, because: 'unanswered', handoff, withhold } as const;
  await handOver(parts, handover, context, async () => {
    if (text !== null) await sayOr(withhold, parts, place, context)('reply', text);
    if (note !== null) await writeNote(parts, note, place, context);
  });
  if (failure !== null) throw failure;
}

/** Greets, where that is to be done, and counts the message among those that were let pass. */
export async function letPass(
  parts: HandOverParts,
  { place, text }: PassDecision,
  context: StepContext,
): Promise<void> {
  const { account, conversation, message } = place;
  if (text !== null) await sendReply(parts, 'greeting', text, place, context);
  await context.step('remember', async () => {
    const { passed } = await recall(context.state, account, conversation);
    await remember(context.state, account, conversation, {
      passed: withMessage(passed, message),
      answered: { message, job: context.jobId },
    });
  });
}

/**
 * Tells the humans of a message of ours that did not reach the customer, and takes back that it was answered: what
 * was said in it was not said. What the healer has claimed meanwhile it has told, with the same note.
 */
export async function tellUndelivered(
  parts: UndeliveredParts,
  event: ChatwootEvent,
  { place, reason, handOver: handedOver }: UndeliveredDecision,
  context: StepContext,
): Promise<void> {
  const { account, conversation, message } = place;
  await countOnce(parts, reason, context);
  if (await parts.claims.forBot(event, place, context.jobId)) {
    if (handedOver !== null) await handOverUnanswered(parts, handedOver, context);
    else await writeNote(parts, parts.bot.undeliveredNote, place, context);
  }
  await context.step('take-back', async () => {
    const { undelivered } = await recall(context.state, account, conversation);
    await remember(context.state, account, conversation, {
      undelivered: withMessage(undelivered, message),
      answered: null,
      offer: null,
    });
  });
}

/** A step, so that no retry counts it again. */
function countOnce(
  { countUndelivered }: HandOverParts,
  reason: Parameters<CountUndelivered>[0],
  context: StepContext,
): Promise<void> {
  return context.step('count-undelivered', async () => {
    // What the counter gives back is nothing for the story.
    countUndelivered(reason);
  });
}
