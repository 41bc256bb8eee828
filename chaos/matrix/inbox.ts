import type { FakeChatwoot } from '@switchyard/testkit';
import { z } from 'zod';
import type { Cell } from './cells.ts';

/** Where a cell is played: an inbox of its own, with two agents of its own, so that cells don't meet. */
export interface CellInbox {
  readonly inbox: number;
  readonly agents: readonly [number, number];
}

export interface BotHook {
  readonly url: string;
  readonly secret: string;
}

/** The names of the agents that so many cells need, for the pretend Chatwoot to begin with. */
export function agentNames(cells: number): readonly string[] {
  return Array.from({ length: cells }, (_, index) => [`Noor Haddad ${index}`, `Jonas Falk ${index}`]).flat();
}

/**
 * Makes the inbox as the cell has it, over the API where Chatwoot has one for it.
 *
 * @param index of the cell among those of this Chatwoot
 * @param bot null where the cell has none
 */
export async function makeInbox(
  chatwoot: FakeChatwoot,
  cell: Cell,
  index: number,
  bot: BotHook | null,
): Promise<CellInbox> {
  const { ids } = chatwoot;
  const first = ids.secondAgent + 1 + 2 * index;
  const agents = [first, first + 1] as const;
  const inbox = await createInbox(chatwoot, `Cell ${index}`, cell.inboxAssigns);
  chatwoot.setInboxMembers(inbox, agents);
  for (const agent of agents) chatwoot.setAvailability(agent, cell.online ? 'online' : 'offline');
  if (bot !== null) chatwoot.connectBot({ ...bot, inboxId: inbox });
  return { inbox, agents };
}

/** Both agents of a cell answer for Standard support, one for Enterprise support, the other for Sales. */
export function staffTeams(chatwoot: FakeChatwoot, inboxes: readonly CellInbox[], assign: boolean): void {
  const { standardTeam, enterpriseTeam, salesTeam } = chatwoot.ids;
  chatwoot.setTeamMembers(
    standardTeam,
    inboxes.flatMap(({ agents }) => agents),
  );
  chatwoot.setTeamMembers(
    enterpriseTeam,
    inboxes.map(({ agents }) => agents[0]),
  );
  chatwoot.setTeamMembers(
    salesTeam,
    inboxes.map(({ agents }) => agents[1]),
  );
  for (const team of [standardTeam, enterpriseTeam, salesTeam]) chatwoot.setTeamAutoAssignment(team, assign);
}

async function createInbox(chatwoot: FakeChatwoot, name: string, assigns: boolean): Promise<number> {
  const answer = await fetch(`${chatwoot.url}/api/v1/accounts/${chatwoot.accountId}/inboxes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', api_access_token: chatwoot.tokens.administrator },
    body: JSON.stringify({ name, enable_auto_assignment: assigns, channel: { type: 'web_widget' } }),
    signal: AbortSignal.timeout(10_000),
  });
  return z.object({ id: z.number() }).parse(await answer.json()).id;
}
