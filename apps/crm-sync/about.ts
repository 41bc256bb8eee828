import type { DecisionSummary } from '@switchyard/jobs';
import type { Decision } from './decide.ts';

/** What a decision is about, for the story of a conversation: names and ids, nothing of the contact. null where it is about nothing. */
export function aboutDecision(decision: Decision): NonNullable<DecisionSummary['about']> | null {
  switch (decision.action) {
    case 'create-lead':
      return { conversation: decision.conversation, idempotencyKey: decision.idempotencyKey };
    case 'update-leads':
      return {
        leads: decision.updates.map(({ id }) => id).join(', '),
        conversations: decision.updates.map(({ conversation }) => conversation).join(', '),
      };
    case 'none':
      return null;
  }
}
