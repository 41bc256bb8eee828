import { z } from 'zod';
import { type ApiCall, idParam, type Route } from './api.ts';
import { found, unprocessable } from './api-errors.ts';
import { inboxOf } from './inboxes/routes.ts';
import { restAgent } from './rest-shapes.ts';

/** Who works in an inbox or a team. Only administrators change it. */
export const memberRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/inbox_members/:id',
    handle: (call) => ({ payload: agents(call, inboxOf(call).member_ids) }),
  },
  { method: 'POST', path: '/inbox_members', administratorsOnly: true, handle: addToInbox },
  { method: 'PATCH', path: '/inbox_members', administratorsOnly: true, handle: replaceInInbox },
  { method: 'DELETE', path: '/inbox_members', administratorsOnly: true, handle: removeFromInbox },
  {
    method: 'GET',
    path: '/teams/:id/team_members',
    handle: (call) => agents(call, membersOfTeam(call)),
  },
  { method: 'POST', path: '/teams/:id/team_members', administratorsOnly: true, handle: addToTeam },
  { method: 'PATCH', path: '/teams/:id/team_members', administratorsOnly: true, handle: replaceInTeam },
  { method: 'DELETE', path: '/teams/:id/team_members', administratorsOnly: true, handle: removeFromTeam },
];

function addToInbox(call: ApiCall): unknown {
  const members = membersOfInbox(call);
  add(members, userIds(call));
  return { payload: agents(call, members) };
}

function replaceInInbox(call: ApiCall): unknown {
  const members = membersOfInbox(call);
  members.splice(0, members.length, ...userIds(call));
  return { payload: agents(call, members) };
}

function removeFromInbox(call: ApiCall): undefined {
  remove(membersOfInbox(call), userIds(call));
}

/** Answers with those who were added. */
function addToTeam(call: ApiCall): unknown {
  const ids = userIds(call);
  add(membersOfTeam(call), ids);
  return agents(call, ids);
}

function replaceInTeam(call: ApiCall): unknown {
  const members = membersOfTeam(call);
  members.splice(0, members.length, ...userIds(call));
  return agents(call, members);
}

function removeFromTeam(call: ApiCall): undefined {
  remove(membersOfTeam(call), userIds(call));
}

function membersOfInbox({ world, body }: ApiCall): number[] {
  return found(world.store.inboxes.get(Number(body.inbox_id))).member_ids;
}

function membersOfTeam(call: ApiCall): number[] {
  return found(call.world.store.teams.get(idParam(call))).member_ids;
}

function add(members: number[], ids: readonly number[]): void {
  for (const id of ids) if (!members.includes(id)) members.push(id);
}

function remove(members: number[], ids: readonly number[]): void {
  const kept = members.filter((id) => !ids.includes(id));
  members.splice(0, members.length, ...kept);
}

function userIds({ world, body }: ApiCall): readonly number[] {
  const ids = z.array(z.coerce.number()).safeParse(body.user_ids).data;
  if (ids === undefined) throw unprocessable('param is missing or the value is empty: user_ids');
  return ids.map((id) => found(world.store.users.find((user) => user.id === id)).id);
}

function agents({ world: { store } }: ApiCall, ids: readonly number[]): readonly unknown[] {
  return store.users.filter((user) => ids.includes(user.id)).map((user) => restAgent(store, user));
}
