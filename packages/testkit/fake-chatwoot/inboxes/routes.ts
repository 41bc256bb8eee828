import { z } from 'zod';
import { type ApiCall, idParam, type Route } from '../api.ts';
import { assertSeesInbox, isAdministrator } from '../api-access.ts';
import { found, notFound, unprocessable } from '../api-errors.ts';
import { viewerOf } from '../api-lookups.ts';
import type { InboxRow } from '../records.ts';
import { restBot } from '../rest-shapes.ts';
import { newInbox } from '../seed.ts';
import { secureToken } from '../signing.ts';
import { activeBot, type Store } from '../store.ts';
import { change } from '../world.ts';
import { forgetInbox } from './forgetting.ts';
import { restInbox } from './shapes.ts';
import { givenHours, withHours } from './working-hours.ts';

export const inboxRoutes: readonly Route[] = [
  { method: 'GET', path: '/inboxes', handle: list },
  { method: 'POST', path: '/inboxes', administratorsOnly: true, handle: create },
  { method: 'GET', path: '/inboxes/:id', handle: (call) => shown(call, inboxOf(call)) },
  { method: 'PATCH', path: '/inboxes/:id', administratorsOnly: true, handle: update },
  { method: 'DELETE', path: '/inboxes/:id', administratorsOnly: true, handle: destroy },
  { method: 'POST', path: '/inboxes/:id/reset_secret', administratorsOnly: true, handle: resetSecret },
  { method: 'GET', path: '/inboxes/:id/agent_bot', handle: agentBot },
  { method: 'POST', path: '/inboxes/:id/set_agent_bot', administratorsOnly: true, handle: setAgentBot },
];

/** The inbox of the path, if the caller may see it. @throws ApiError */
export function inboxOf(call: ApiCall): InboxRow {
  const inbox = found(call.world.store.inboxes.get(idParam(call)));
  assertSeesInbox(call.caller, inbox);
  return inbox;
}

function shown(call: ApiCall, inbox: InboxRow) {
  return restInbox(inbox, isAdministrator(call.caller), call.world.habits.signedBotWebhooks);
}

function list(call: ApiCall): unknown {
  const user = viewerOf(call);
  const all = [...call.world.store.inboxes.values()].filter(
    (inbox) => user?.role === 'administrator' || (user !== null && inbox.member_ids.includes(user.id)),
  );
  return { payload: all.map((inbox) => shown(call, inbox)) };
}

const newInboxFields = z.object({
  name: z.string().optional(),
  enable_auto_assignment: z.boolean().default(true),
  channel: z.object({ type: z.enum(['api', 'web_widget']), webhook_url: z.string().nullish() }),
});

/** Without members, and with auto-assignment, as Chatwoot makes it. */
function create(call: ApiCall): unknown {
  const { world } = call;
  const parsed = newInboxFields.safeParse(call.body);
  if (!parsed.success) throw unprocessable(z.prettifyError(parsed.error));
  const { name = '', enable_auto_assignment, channel } = parsed.data;
  const type = channel.type === 'api' ? 'Channel::Api' : 'Channel::WebWidget';
  const inbox = newInbox(world.store.nextId('inbox'), name, type, [], world.now());
  inbox.enable_auto_assignment = enable_auto_assignment;
  inbox.webhook_url = channel.webhook_url ?? null;
  world.store.inboxes.set(inbox.id, inbox);
  return shown(call, inbox);
}

const inboxPatch = z.object({
  name: z.string().optional(),
  greeting_enabled: z.boolean().optional(),
  greeting_message: z.string().nullish(),
  enable_auto_assignment: z.boolean().optional(),
  lock_to_single_conversation: z.boolean().optional(),
  working_hours_enabled: z.boolean().optional(),
  out_of_office_message: z.string().nullish(),
  timezone: z.string().optional(),
  working_hours: givenHours.optional(),
  channel: z.object({ webhook_url: z.string().nullish() }).optional(),
});

function update(call: ApiCall): unknown {
  const inbox = inboxOf(call);
  const { channel, working_hours, ...given } = inboxPatch.parse(call.body);
  if (working_hours !== undefined) inbox.working_hours = withHours(inbox.working_hours, working_hours);
  if (channel?.webhook_url !== undefined) inbox.webhook_url = channel.webhook_url;
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const changes = change<InboxRow>(inbox, defined, call.world.now);
  if (changes !== null) call.world.emit({ name: 'inbox_updated', inbox, changes });
  return shown(call, inbox);
}

/** Gone at once here; a moment later in Chatwoot. No webhook tells of it (contract [R] 11). */
function destroy(call: ApiCall): unknown {
  forgetInbox(call.world.store, inboxOf(call));
  return { message: 'Your inbox deletion request will be processed in some time.' };
}

function resetSecret(call: ApiCall): unknown {
  const inbox = inboxOf(call);
  if (inbox.channel_type !== 'Channel::Api') throw notFound();
  inbox.secret = secureToken();
  return shown(call, inbox);
}

function agentBot(call: ApiCall): unknown {
  const { store, habits } = call.world;
  const bot = activeBot(store, inboxOf(call));
  const secrets = isAdministrator(call.caller) && habits.signedBotWebhooks;
  return { agent_bot: bot === null ? {} : restBot(store, bot, secrets) };
}

function setAgentBot(call: ApiCall): undefined {
  const inbox = inboxOf(call);
  inbox.bot_id = botId(call.world.store, call.body.agent_bot);
}

function botId(store: Store, given: unknown): number | null {
  if (given === null || given === undefined || given === '') return null;
  return found(store.bots.get(Number(given))).id;
}
