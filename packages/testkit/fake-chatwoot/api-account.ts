import { z } from 'zod';
import { type ApiCall, idParam, type Route } from './api.ts';
import { found, invalidRecord } from './api-errors.ts';
import { viewerOf } from './api-lookups.ts';
import { restAgent, restProfile, restTeam } from './rest-shapes.ts';
import { newTeam, noIcon } from './seed.ts';

/** What an account is made of: who is asking, teams, agents, labels. */
export const accountRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/profile',
    handle: (call) => restProfile(call.world, found(viewerOf(call))),
  },
  { method: 'GET', path: '/teams', handle: teams },
  { method: 'POST', path: '/teams', administratorsOnly: true, handle: createTeam },
  { method: 'GET', path: '/teams/:id', handle: team },
  { method: 'GET', path: '/agents', handle: agents },
  { method: 'PUT', path: '/agents/:id', administratorsOnly: true, handle: updateAgent },
  { method: 'PATCH', path: '/agents/:id', administratorsOnly: true, handle: updateAgent },
  { method: 'GET', path: '/assignable_agents', handle: assignableAgents },
  { method: 'GET', path: '/labels', handle: (call) => ({ payload: call.world.store.labels }) },
];

function teams(call: ApiCall): unknown {
  const { store } = call.world;
  return [...store.teams.values()].map((each) => restTeam(store, each, viewerOf(call)));
}

function team(call: ApiCall): unknown {
  const { store } = call.world;
  return restTeam(store, found(store.teams.get(idParam(call))), viewerOf(call));
}

const teamFields = z.object({
  name: z.string().optional(),
  description: z.string().nullish(),
  allow_auto_assign: z.boolean().default(true),
});

function createTeam(call: ApiCall): unknown {
  const { store, now, habits } = call.world;
  const { name = '', description, allow_auto_assign } = teamFields.parse(call.body);
  const lowered = name.toLowerCase();
  if (lowered === '') throw invalidRecord({ message: 'Name must not be blank', attributes: ['name'] });
  if ([...store.teams.values()].some((each) => each.name === lowered)) {
    throw invalidRecord({ message: 'Name has already been taken', attributes: ['name'] });
  }
  const made = {
    ...newTeam(store.nextId('team'), name, [], now()),
    description: description ?? '',
    allow_auto_assign,
    ...(habits.teamIcons ? { icon: noIcon } : {}),
  };
  store.teams.set(made.id, made);
  return restTeam(store, made, viewerOf(call));
}

function agents({ world: { store } }: ApiCall): unknown {
  return store.users.map((user) => restAgent(store, user));
}

const agentPatch = z.object({
  availability: z.enum(['online', 'busy', 'offline']).optional(),
  auto_offline: z.boolean().optional(),
});

/** Whether somebody is there for assignment; `auto_offline: false` keeps an agent online without a browser. */
function updateAgent(call: ApiCall): unknown {
  const { store } = call.world;
  const user = found(store.users.find(({ id }) => id === idParam(call)));
  const { availability, auto_offline } = agentPatch.parse(call.body);
  user.availability_status = availability ?? user.availability_status;
  user.auto_offline = auto_offline ?? user.auto_offline;
  return restAgent(store, user);
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
