import type { ChatwootEvent } from '@switchyard/chatwoot';
import type { HandoverClaims, StepContext } from '@switchyard/jobs';
import type { AnswerDecision, LateDecision } from './decision.ts';
import { causeOf, type HandoffParts, handOver } from './handoff-steps.ts';
import { wasSent, writeNote } from './reply-step.ts';

export interface LateParts extends HandoffParts {
  readonly bot: { readonly lateNote: string };
  readonly claims: Pick<HandoverClaims, 'forBot'>;
}

/**
 * Hands a conversation to humans in place of an answer that would come too late: a private note says why the bot is
 * silent, then the team of the rule's handoff, if it has one, and `open`. Where an earlier attempt has said something
 * after all, `carryOn` finishes what it began, without what it had not said yet. What the healer has claimed meanwhile is
 * the healer's to hand over.
 */
export async function handOverLate(
  parts: LateParts,
  event: ChatwootEvent,
  { place, rule, answer }: LateDecision,
  context: StepContext,
  carryOn: (answer: AnswerDecision) => Promise<void>,
): Promise<void> {
  // Asked on every attempt: between two, the healer may have taken it over.
  if (!(await parts.claims.forBot(event, place, context.jobId))) return;
  if (answer !== null && (await hasSpoken(parts, answer, context))) return carryOn(answer);
  const handover = { place, rule, ...(answer === null ? UNSAID : handoffIn(answer)) };
  await handOver(parts, handover, context, () => writeNote(parts, parts.bot.lateNote, place, context));
}

const UNSAID = { because: 'late', handoff: null } as const;

function handoffIn(answer: AnswerDecision) {
  return 'handoff' in answer ? { because: causeOf(answer), handoff: answer.handoff } : UNSAID;
}

async function hasSpoken(parts: LateParts, answer: AnswerDecision, context: StepContext): Promise<boolean> {
  let spoken = false;
  for (const name of messagesOf(answer)) {
    // Each of them is asked, so that none is sent later.
    if (await wasSent(parts, name, answer.place, context)) spoken = true;
  }
  return spoken;
}

/** The names of the steps that say something. */
function messagesOf(answer: AnswerDecision): string[] {
  switch (answer.action) {
    case 'reply':
      return ['reply'];
    case 'decline-offer':
      return answer.text === null ? [] : ['decline-reply'];
    case 'handoff':
    case 'take-offer':
      return [
        ...(answer.text === null ? [] : ['reply']),
        ...(answer.handoff.reply === null ? [] : ['handoff-reply']),
      ];
  }
}
