import { z } from 'zod';
import { type ApiCall, idParam, type Route } from '../api.ts';
import { forbiddenByPolicy, found } from '../api-errors.ts';
import { createPeople, type Macro } from '../people.ts';
import type { UserRow } from '../records.ts';
import { restAgent } from '../rest-shapes.ts';
import { row } from '../store.ts';
import type { World } from '../world.ts';

/** Macros over the API, on what `runMacro` does (recordings/…/assign_more). */
export const macroRoutes: readonly Route[] = [
  { method: 'POST', path: '/macros', handle: createMacro },
  { method: 'POST', path: '/macros/:id/execute', handle: execute },
];

const macroFields = z.object({
  name: z.string(),
  visibility: z.enum(['global', 'personal']).default('personal'),
  actions: z.array(
    z.discriminatedUnion('action_name', [
      z.object({
        action_name: z.literal('assign_agent'),
        action_params: z.tuple([z.union([z.number(), z.literal('self')])]),
      }),
      z.object({ action_name: z.literal('assign_team'), action_params: z.tuple([z.number()]) }),
      z.object({ action_name: z.literal('add_label'), action_params: z.array(z.string()) }),
      z.object({ action_name: z.literal('resolve_conversation'), action_params: z.array(z.unknown()) }),
    ]),
  ),
});
type MacroAction = z.infer<typeof macroFields>['actions'][number];

/** An action that isn't played is a fault of the test that asks for it, so it fails loudly. */
function createMacro(call: ApiCall): unknown {
  const { store } = call.world;
  const user = userOf(call);
  const given = macroFields.parse(call.body);
  const macroId = store.nextId('macro');
  store.macros.set(macroId, given.actions.map(stepOf));
  return {
    payload: {
      id: macroId,
      name: given.name,
      visibility: given.visibility,
      created_by: restAgent(store, user),
      updated_by: restAgent(store, user),
      account_id: store.account.id,
      actions: given.actions,
    },
  };
}

/** Answers at once, with nothing; a job does the rest. */
function execute(call: ApiCall): undefined {
  const { world } = call;
  const user = userOf(call);
  const steps = found(world.store.macros.get(idParam(call)));
  const { conversation_ids } = z.object({ conversation_ids: z.array(z.number()) }).parse(call.body);
  world.later(0, () => {
    for (const id of conversation_ids.filter((each) => world.store.conversations.has(each))) {
      for (const step of steps) createPeople(world).runMacro(id, labelled(world, id, step), user.id);
    }
  });
}

function stepOf(action: MacroAction): Macro {
  switch (action.action_name) {
    case 'assign_agent':
      return { assignTo: action.action_params[0] };
    case 'assign_team':
      return { teamId: action.action_params[0] };
    case 'add_label':
      return { labels: action.action_params };
    case 'resolve_conversation':
      return { status: 'resolved' };
  }
}

/** A macro adds labels to those that are there. */
function labelled({ store }: World, conversationId: number, step: Macro): Macro {
  if (step.labels === undefined) return step;
  const there = row(store.conversations, conversationId).label_list;
  return { ...step, labels: [...new Set([...there, ...step.labels])] };
}

function userOf({ caller }: ApiCall): UserRow {
  if (caller.kind !== 'user') throw forbiddenByPolicy();
  return caller.user;
}
