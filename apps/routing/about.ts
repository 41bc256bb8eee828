import type { DecisionSummary } from '@switchyard/jobs';
import type { Decision } from './decide.ts';

/** What a decision is about, for the story of a conversation: what the config says is assigned. null where it is nothing. */
export function aboutDecision(decision: Decision): NonNullable<DecisionSummary['about']> | null {
  if (decision.action === 'none') return null;
  const { assign, owners, setting } = decision;
  const { team = null, agent = null, priority = null, labels = [] } = assign;
  return {
    setting,
    team: owners ? team : null,
    agent: owners ? agent : null,
    priority,
    labels: labels.length === 0 ? null : labels.join(', '),
  };
}
