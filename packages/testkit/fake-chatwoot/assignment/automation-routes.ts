import { z } from 'zod';
import { type ApiCall, idParam, type Route } from '../api.ts';
import { found } from '../api-errors.ts';
import { seconds } from '../clock.ts';
import type { AutomationRule } from './automation.ts';

/** Automation rules of the one kind that is played: what becomes of a new conversation (recordings/…/assign_more). */
export const automationRoutes: readonly Route[] = [
  { method: 'POST', path: '/automation_rules', administratorsOnly: true, handle: createRule },
  { method: 'DELETE', path: '/automation_rules/:id', administratorsOnly: true, handle: deleteRule },
];

const id = z.tuple([z.number()]);
const ruleFields = z.object({
  name: z.string(),
  description: z.string().nullish(),
  event_name: z.literal('conversation_created'),
  active: z.literal(true).default(true),
  conditions: z
    .array(
      z.object({
        attribute_key: z.literal('inbox_id'),
        filter_operator: z.literal('equal_to'),
        values: id,
        query_operator: z.string().nullish(),
      }),
    )
    .max(1),
  actions: z.array(
    z.discriminatedUnion('action_name', [
      z.object({ action_name: z.literal('assign_team'), action_params: id }),
      z.object({ action_name: z.literal('assign_agent'), action_params: id }),
    ]),
  ),
});

/** What it can't play is a fault of the test that asks for it, so it fails loudly and not as Chatwoot would. */
function createRule({ world, body }: ApiCall): unknown {
  const given = ruleFields.parse(body);
  const { store } = world;
  const ruleId = store.nextId('automationRule');
  store.automationRules.set(ruleId, ruleOf(given));
  return {
    id: ruleId,
    account_id: store.account.id,
    name: given.name,
    description: given.description ?? null,
    event_name: given.event_name,
    conditions: given.conditions,
    actions: given.actions,
    created_on: seconds(world.now()),
    active: given.active,
  };
}

function ruleOf({ conditions, actions }: z.infer<typeof ruleFields>): AutomationRule {
  const inboxId = conditions[0]?.values[0];
  const target = (name: string) => actions.find(({ action_name }) => action_name === name)?.action_params[0];
  const [teamId, userId] = [target('assign_team'), target('assign_agent')];
  return {
    ...(inboxId === undefined ? {} : { inboxId }),
    ...(teamId === undefined ? {} : { teamId }),
    ...(userId === undefined ? {} : { userId }),
  };
}

function deleteRule(call: ApiCall): undefined {
  const { automationRules } = call.world.store;
  const ruleId = idParam(call);
  found(automationRules.get(ruleId));
  automationRules.delete(ruleId);
}
