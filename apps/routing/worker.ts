import { CallFailure, type ChatwootClient, type ConversationState, createPeople } from '@switchyard/chatwoot';
import type { RoutingConfig } from '@switchyard/config';
import type { DecisionSummary, Directory, JobContext, WorkerDefinition } from '@switchyard/jobs';
import { aboutDecision } from './about.ts';
import { assign } from './assign.ts';
import { readBegun } from './begun.ts';
import type { Customers } from './customers.ts';
import { type Decision, decide, type Facts } from './decide.ts';
import { emailOf, routingFacts } from './facts.ts';
import { readHandOn } from './hand.ts';

export interface RoutingParts {
  readonly routing: RoutingConfig;
  readonly client: Pick<ChatwootClient, 'conversations' | 'messages' | 'agents' | 'agentBots' | 'profile'>;
  readonly directory: Directory;
  /** null when the config has no customers query: `customer` is then null in every rule. */
  readonly customers: Pick<Customers, 'find'> | null;
  readonly now?: () => number;
}

/** Gives a new conversation to a team, an agent, a priority and labels, by the rules of the config. */
export function createRoutingWorker(
  parts: RoutingParts,
): WorkerDefinition<Facts, Decision & Pick<DecisionSummary, 'about'>> {
  const { routing, client, customers, now = Date.now } = parts;
  const hands = { client, people: createPeople({ client }), now };
  return {
    queue: 'routing',
    async facts(event, context) {
      const { account, conversation } = event;
      if (account === null || conversation === null || event.name !== 'conversation_created') {
        return {
          conversation: null,
          rules: routingFacts(event, null, null),
          hand: null,
          begun: null,
        };
      }
      const fresh = await readConversation(client, account, conversation.id, context);
      const email = emailOf(event, fresh);
      const customer = email === null || fresh === null ? null : ((await customers?.find(email)) ?? null);
      const begun = await readBegun(context, account, conversation.id);
      const asks = fresh !== null && !routing.overrideExisting;
      const hand = asks ? await readHandOn(hands, account, event, fresh, begun, context.signal) : null;
      return { conversation: fresh, rules: routingFacts(event, fresh, customer), hand, begun };
    },
    decide(event, facts) {
      const decision = decide(routing, event, facts);
      const about = aboutDecision(decision);
      return about === null ? decision : { ...decision, about };
    },
    async steps(_event, decision, context) {
      if (decision.action === 'assign') await assign(parts, decision, context);
    },
  };
}

/** null when it was deleted since. */
async function readConversation(
  client: RoutingParts['client'],
  account: number,
  conversation: number,
  { signal }: JobContext,
): Promise<ConversationState | null> {
  try {
    return await client.conversations.get(account, conversation, { signal });
  } catch (error) {
    if (error instanceof CallFailure && error.code === 'CHATWOOT_NOT_FOUND') return null;
    throw error;
  }
}
