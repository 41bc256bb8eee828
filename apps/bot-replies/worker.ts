import type { BotConfig } from '@switchyard/config';
import type { DecisionSummary, StepContext, WorkerDefinition } from '@switchyard/jobs';
import { aboutDecision } from './about.ts';
import { decide } from './decide.ts';
import type { AnswerDecision, BotDecision, DeclineDecision, ReplyDecision } from './decision.ts';
import { type BotFacts, type FactsParts, gatherFacts } from './facts.ts';
import { type HandOverParts, handOverUnanswered, letPass, tellUndelivered } from './hand-over-steps.ts';
import { handOff } from './handoff-steps.ts';
import { handOverLate, type LateParts } from './late-steps.ts';
import { forget, recall, remember } from './memory.ts';
import { sendReply } from './reply-step.ts';
import { compileRules } from './rules.ts';

export interface BotRepliesParts extends HandOverParts, LateParts, FactsParts {
  readonly bot: BotConfig;
}

/**
 * Answers what customers write by the rules of the config, hands over to humans, and keeps out of what humans do.
 *
 * @throws {ConfigError} naming a rule that can't be used.
 */
export function createBotRepliesWorker(
  parts: BotRepliesParts,
): WorkerDefinition<BotFacts, BotDecision & Pick<DecisionSummary, 'about'>> {
  const book = compileRules(parts.bot);
  return {
    queue: 'bot-replies',
    facts: (event, context) => gatherFacts(parts, event, context),
    decide(event, facts) {
      const decision = decide(book, event, facts);
      const about = aboutDecision(book, decision);
      return about === null ? decision : { ...decision, about };
    },
    async steps(event, decision, context) {
      switch (decision.action) {
        case 'silent':
          return;
        case 'remember-human':
          return rememberHuman(decision, context);
        case 'forget':
          return forgetAll(decision, context);
        case 'note-who':
          return noteWho(decision, context);
        case 'let-pass':
          return letPass(parts, decision, context);
        case 'hand-over':
          // The healer may have it, where the bot comes to it late.
          if (!(await parts.claims.forBot(event, decision.place, context.jobId))) return;
          return handOverUnanswered(parts, decision, context);
        case 'tell-undelivered':
          return tellUndelivered(parts, event, decision, context);
        case 'hand-over-late':
          return handOverLate(parts, event, decision, context, (answer) => say(parts, answer, context));
        default:
          return say(parts, decision, context);
      }
    },
  };
}

function say(parts: BotRepliesParts, decision: AnswerDecision, context: StepContext): Promise<void> {
  switch (decision.action) {
    case 'reply':
      return reply(parts, decision, context);
    case 'decline-offer':
      return decline(parts, decision, context);
    case 'handoff':
    case 'take-offer':
      return handOff(parts, decision, context);
  }
}

function rememberHuman(
  { account, conversation, at }: Extract<BotDecision, { action: 'remember-human' }>,
  context: StepContext,
): Promise<void> {
  return context.step('remember', async () => {
    const { human } = await recall(context.state, account, conversation);
    // An older one that is heard of later does not take the place of a newer.
    const newest = at === null || human?.at == null ? at : Math.max(at, human.at);
    await remember(context.state, account, conversation, { human: { at: newest } });
  });
}

function forgetAll(
  { account, conversation, known }: Extract<BotDecision, { action: 'forget' }>,
  context: StepContext,
): Promise<void> {
  return context.step('forget', () => forget(context.state, account, conversation, known));
}

function noteWho(
  { account, conversation, known }: Extract<BotDecision, { action: 'note-who' }>,
  context: StepContext,
): Promise<void> {
  return context.step('remember', () => remember(context.state, account, conversation, { known }));
}

async function reply(parts: BotRepliesParts, decision: ReplyDecision, context: StepContext): Promise<void> {
  const { place, text, offer } = decision;
  const { now = Date.now } = parts;
  await sendReply(parts, 'reply', text, place, context);
  await context.step('remember', () =>
    remember(context.state, place.account, place.conversation, {
      answered: { message: place.message, job: context.jobId },
      // An earlier offer stays open until it is answered, expires or another is made.
      ...(offer === null ? {} : { offer: { rule: offer, at: place.asOf ?? now() } }),
    }),
  );
}

async function decline(
  parts: BotRepliesParts,
  decision: DeclineDecision,
  context: StepContext,
): Promise<void> {
  const { place, text } = decision;
  if (text !== null) await sendReply(parts, 'decline-reply', text, place, context);
  await context.step('remember', () =>
    remember(context.state, place.account, place.conversation, {
      answered: { message: place.message, job: context.jobId },
      offer: null,
    }),
  );
}
