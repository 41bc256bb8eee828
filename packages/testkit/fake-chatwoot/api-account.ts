import { z } from 'zod';
import { type ApiCall, idParam, type Route } from './api.ts';
import { assertSeesInbox, isAdministrator } from './api-access.ts';
import { found, notFound } from './api-errors.ts';
import { viewerOf } from './api-lookups.ts';
import type { InboxRow } from './records.ts';
import { restAgent, restBot, restInbox, restProfile, restTeam } from './rest-shapes.ts';
import { secureToken } from './signing.ts';
import { activeBot, type Store } from './store.ts';
import { change } from './world.ts';

/** What an account is made of: who is asking, teams, agents, inboxes, labels. */
export const accountRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/profile',
    handle: (call) => restProfile(call.world.store, found(viewerOf(call))),
  },
  { method: 'GET', path: '/teams', handle: teams },
  { method: 'GET', path: '/teams/:id', handle: team },
  {
    method: 'GET',
    path: '/teams/:id/team_members',
    handle: (call) => agents(call, found(call.world.store.teams.get(idParam(call))).member_ids),
  },
  { method: 'GET', path: '/agents', handle: (call) => agents(call) },
  {
    method: 'GET',
    path: '/inbox_members/:id',
    handle: (call) => ({ payload: agents(call, inboxOf(call).member_ids) }),
  },
  { method: 'GET', path: '/assignable_agents', handle: assignableAgents },
  { method: 'GET', path: '/labels', handle: (call) => ({ payload: call.world.store.labels }) },
  { method: 'GET', path: '/inboxes', handle: inboxes },
  { method: 'GET', path: '/inboxes/:id', handle: (call) => shown(call, inboxOf(call)) },
  { method: 'PATCH', path: '/inboxes/:id', administratorsOnly: true, handle: updateInbox },
  { method: 'POST', path: '/inboxes/:id/reset_secret', administratorsOnly: true, handle: resetSecret },
  { method: 'GET', path: '/inboxes/:id/agent_bot', handle: agentBotOfInbox },
  { method: 'POST', path: '/inboxes/:id/set_agent_bot', administratorsOnly: true, handle: setAgentBot },
];

function teams(call: ApiCall): unknown {
  const { store } = call.world;
  return [...store.teams.values()].map((each) => restTeam(store, each, viewerOf(call)));
}

function team(call: ApiCall): unknown {
  const { store } = call.world;
  return restTeam(store, found(store.teams.get(idParam(call))), viewerOf(call));
}

function agents(call: ApiCall, ids?: readonly number[]): readonly unknown[] {
  const { store } = call.world;
  return store.users
    .filter((user) => ids === undefined || ids.includes(user.id))
    .map((user) => restAgent(store, user));
}

/** Administrators can be assigned everywhere, agents where they are members. */
function assignableAgents(call: ApiCall): unknown {
  const { store } = call.world;
  const given = call.query['inbox_ids[]'] ?? [];
  const chosen = (typeof given === 'string' ? [given] : given).map((id) =>
    found(store.inboxes.get(Number(id))),
  );
  const users = store.users.filter(
    (user) => user.role === 'administrator' || chosen.every((inbox) => inbox.member_ids.includes(user.id)),
  );
  return { payload: users.map((user) => restAgent(store, user)) };
}

function inboxOf(call: ApiCall): InboxRow {
  const inbox = found(call.world.store.inboxes.get(idParam(call)));
  assertSeesInbox(call.caller, inbox);
  return inbox;
}

function shown(call: ApiCall, inbox: InboxRow) {
  return restInbox(inbox, isAdministrator(call.caller));
}

function inboxes(call: ApiCall): unknown {
  const user = viewerOf(call);
  const all = [...call.world.store.inboxes.values()].filter(
    (inbox) => user?.role === 'administrator' || (user !== null && inbox.member_ids.includes(user.id)),
  );
  return { payload: all.map((inbox) => shown(call, inbox)) };
}

const inboxPatch = z.object({
  name: z.string().optional(),
  greeting_enabled: z.boolean().optional(),
  greeting_message: z.string().nullish(),
  enable_auto_assignment: z.boolean().optional(),
  lock_to_single_conversation: z.boolean().optional(),
  channel: z.object({ webhook_url: z.string().nullish() }).optional(),
});

function updateInbox(call: ApiCall): unknown {
  const inbox = inboxOf(call);
  const { channel, ...given } = inboxPatch.parse(call.body);
  if (channel?.webhook_url !== undefined) inbox.webhook_url = channel.webhook_url;
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const changes = change<InboxRow>(inbox, defined, call.world.now);
  if (changes !== null) call.world.emit({ name: 'inbox_updated', inbox, changes });
  return shown(call, inbox);
}

function resetSecret(call: ApiCall): unknown {
  const inbox = inboxOf(call);
  if (inbox.channel_type !== 'Channel::Api') throw notFound();
  inbox.secret = secureToken();
  return shown(call, inbox);
}

function agentBotOfInbox(call: ApiCall): unknown {
  const bot = activeBot(call.world.store, inboxOf(call));
  return { agent_bot: bot === null ? {} : restBot(call.world.store, bot, isAdministrator(call.caller)) };
}

function setAgentBot(call: ApiCall): undefined {
  const inbox = inboxOf(call);
  inbox.bot_id = botId(call.world.store, call.body.agent_bot);
}

function botId(store: Store, given: unknown): number | null {
  if (given === null || given === undefined || given === '') return null;
  return found(store.bots.get(Number(given))).id;
}
