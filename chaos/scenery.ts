import type { FakeChatwoot } from '@switchyard/testkit';

/** How the Chatwoot of a run is set up. */
export interface Scenery {
  /** The inbox has our agent bot. */
  readonly bot: boolean;
  /** Agents are online, and people take conversations without a word. */
  readonly takes: boolean;
  readonly inboxAssigns: boolean;
  readonly teamAssigns: boolean;
  /** False where a rule of Chatwoot's own gives new conversations to somebody: routing then leaves them alone. */
  readonly routed: boolean;
}

/** Nobody is at their desk, and nothing is assigned by itself. */
export const quiet: Scenery = {
  bot: false,
  takes: false,
  inboxAssigns: false,
  teamAssigns: true,
  routed: true,
};

/** The policy gives an agent five conversations in five minutes. */
const AGENTS = 30;
export const moreAgents: readonly string[] = Array.from(
  { length: AGENTS },
  (_, index) => `Noor Haddad ${index}`,
);

/** @param botHook where the agent bot posts to */
export function setScenery(
  chatwoot: FakeChatwoot,
  scenery: Scenery,
  botHook: { readonly url: string; readonly secret: string },
): void {
  const { ids } = chatwoot;
  const more = moreAgents.map((_, index) => ids.secondAgent + 1 + index);
  const agents = [ids.agent, ids.secondAgent, ...(scenery.takes ? more : [])];
  for (const agent of agents) chatwoot.setAvailability(agent, scenery.takes ? 'online' : 'offline');
  if (scenery.bot) chatwoot.connectBot(botHook);
  if (!scenery.takes) return;
  chatwoot.setInboxMembers(ids.websiteInbox, agents);
  chatwoot.setInboxAutoAssignment(ids.websiteInbox, scenery.inboxAssigns);
  for (const team of [ids.enterpriseTeam, ids.standardTeam, ids.salesTeam]) {
    chatwoot.setTeamAutoAssignment(team, scenery.teamAssigns);
    chatwoot.setTeamMembers(team, agents);
  }
  if (!scenery.routed) chatwoot.addAutomationRule({ userId: ids.agent, beforeCreation: true });
}
