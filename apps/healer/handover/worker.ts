import type { WorkerDefinition } from '@switchyard/jobs';
import { decideHandover, type HandoverDecision, type HandoverFacts } from './decide.ts';
import { type FactsParts, gatherFacts } from './facts.ts';
import { type StepsParts, takeSteps } from './steps.ts';

/** Hands over to people what the bot left, once, unless somebody has it by then. */
export function createHandoverWorker(
  parts: FactsParts & StepsParts,
): WorkerDefinition<HandoverFacts, HandoverDecision> {
  return {
    queue: 'handover',
    facts: (event, { signal }) => gatherFacts(parts, event, signal),
    decide: (_event, facts) => decideHandover(facts),
    async steps(event, decision, context) {
      if (decision.action !== 'nothing') await takeSteps(parts, event, decision, context);
    },
  };
}
