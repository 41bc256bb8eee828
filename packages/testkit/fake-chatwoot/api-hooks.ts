import { z } from 'zod';
import { type ApiCall, idParam, type Route } from './api.ts';
import { isAdministrator } from './api-access.ts';
import { found, invalidRecord, unprocessable } from './api-errors.ts';
import { subscribable } from './events.ts';
import type { BotRow, WebhookRow } from './records.ts';
import { restBot, restWebhook } from './rest-shapes.ts';
import { secureToken } from './signing.ts';

/** What sends deliveries: account webhooks (contract §3.6) and agent bots (contract §3.7). */
export const hookRoutes: readonly Route[] = [
  { method: 'GET', path: '/webhooks', administratorsOnly: true, handle: listWebhooks },
  { method: 'POST', path: '/webhooks', administratorsOnly: true, handle: createWebhook },
  { method: 'PATCH', path: '/webhooks/:id', administratorsOnly: true, handle: updateWebhook },
  { method: 'DELETE', path: '/webhooks/:id', administratorsOnly: true, handle: destroyWebhook },
  { method: 'GET', path: '/agent_bots', handle: listBots },
  { method: 'POST', path: '/agent_bots', administratorsOnly: true, handle: createBot },
  { method: 'GET', path: '/agent_bots/:id', handle: (call) => shown(call, botOf(call)) },
  { method: 'PATCH', path: '/agent_bots/:id', administratorsOnly: true, handle: updateBot },
  { method: 'DELETE', path: '/agent_bots/:id', administratorsOnly: true, handle: destroyBot },
  {
    method: 'POST',
    path: '/agent_bots/:id/reset_access_token',
    administratorsOnly: true,
    handle: (call) => changed(call, (bot) => Object.assign(bot, { token: secureToken() })),
  },
  {
    method: 'POST',
    path: '/agent_bots/:id/reset_secret',
    administratorsOnly: true,
    handle: (call) => changed(call, (bot) => Object.assign(bot, { secret: secureToken() })),
  },
];

/** What a webhook is subscribed to when it doesn't say: the column's default. */
const defaultSubscriptions: readonly string[] = subscribable.slice(0, 8);

const webhookFields = z.object({
  url: z.string().optional(),
  name: z.string().nullish(),
  subscriptions: z.array(z.unknown()).optional(),
});

function listWebhooks(call: ApiCall): unknown {
  const { store } = call.world;
  return {
    payload: { webhooks: [...store.webhooks.values()].map((webhook) => shownWebhook(call, webhook)) },
  };
}

function createWebhook(call: ApiCall): unknown {
  const { store } = call.world;
  const given = webhookBody(call);
  const webhook: WebhookRow = {
    id: store.nextId('webhook'),
    name: given.name ?? null,
    url: validUrl(call, given.url ?? '', null),
    subscriptions: [...validSubscriptions(given.subscriptions ?? defaultSubscriptions)],
    secret: secureToken(),
  };
  store.webhooks.set(webhook.id, webhook);
  return { payload: { webhook: shownWebhook(call, webhook) } };
}

function updateWebhook(call: ApiCall): unknown {
  const { store } = call.world;
  const webhook = found(store.webhooks.get(idParam(call)));
  const given = webhookBody(call);
  const url = given.url === undefined ? webhook.url : validUrl(call, given.url, webhook);
  const subscriptions = validSubscriptions(given.subscriptions ?? webhook.subscriptions);
  webhook.url = url;
  webhook.subscriptions = [...subscriptions];
  if (given.name !== undefined) webhook.name = given.name;
  return { payload: { webhook: shownWebhook(call, webhook) } };
}

function destroyWebhook(call: ApiCall): undefined {
  const { webhooks } = call.world.store;
  webhooks.delete(found(webhooks.get(idParam(call))).id);
}

function shownWebhook({ world }: ApiCall, webhook: WebhookRow) {
  return restWebhook(world.store, webhook, world.habits.signedWebhooks);
}

/** Flat, or under `webhook`. */
function webhookBody(call: ApiCall): z.infer<typeof webhookFields> {
  const inner = call.body.webhook ?? call.body;
  const parsed = webhookFields.safeParse(inner);
  const empty = Object.keys(parsed.data ?? {}).length === 0;
  if (!parsed.success || empty) throw unprocessable('param is missing or the value is empty: webhook');
  return parsed.data;
}

function validUrl(call: ApiCall, url: string, self: WebhookRow | null): string {
  if (!/^https?:\/\/[^\s]+$/.test(url))
    throw invalidRecord({ message: 'Url is invalid', attributes: ['url'] });
  const others = [...call.world.store.webhooks.values()].filter((webhook) => webhook !== self);
  if (others.some((webhook) => webhook.url === url)) {
    throw invalidRecord({ message: 'Url has already been taken', attributes: ['url'] });
  }
  return url;
}

function validSubscriptions(given: readonly unknown[]): readonly string[] {
  const known = z.array(z.enum(subscribable)).min(1).safeParse(given).data;
  if (known === undefined) {
    throw invalidRecord({ message: 'Subscriptions Invalid events', attributes: ['subscriptions'] });
  }
  return known;
}

const botFields = z.object({
  name: z.string().min(1).optional(),
  description: z.string().optional(),
  outgoing_url: z.string().nullish(),
  bot_config: z.record(z.string(), z.unknown()).optional(),
});

function botOf(call: ApiCall): BotRow {
  return found(call.world.store.bots.get(idParam(call)));
}

function shown(call: ApiCall, bot: BotRow) {
  const { store, habits } = call.world;
  return restBot(store, bot, isAdministrator(call.caller) && habits.signedBotWebhooks);
}

function listBots(call: ApiCall): unknown {
  return [...call.world.store.bots.values()].map((bot) => shown(call, bot));
}

function createBot(call: ApiCall): unknown {
  const { store } = call.world;
  const given = botFields.parse(call.body);
  if (given.name === undefined) throw invalidRecord({ message: "Name can't be blank", attributes: ['name'] });
  const bot: BotRow = {
    id: store.nextId('bot'),
    name: given.name,
    description: given.description ?? '',
    outgoing_url: given.outgoing_url ?? null,
    bot_config: given.bot_config ?? {},
    token: secureToken(),
    secret: secureToken(),
  };
  store.bots.set(bot.id, bot);
  return shown(call, bot);
}

function updateBot(call: ApiCall): unknown {
  const given = botFields.parse(call.body);
  return changed(call, (bot) => {
    bot.name = given.name ?? bot.name;
    bot.description = given.description ?? bot.description;
    bot.bot_config = given.bot_config ?? bot.bot_config;
    if (given.outgoing_url !== undefined) bot.outgoing_url = given.outgoing_url;
  });
}

function changed(call: ApiCall, apply: (bot: BotRow) => void): unknown {
  const bot = botOf(call);
  apply(bot);
  return shown(call, bot);
}

function destroyBot(call: ApiCall): undefined {
  const { store } = call.world;
  const bot = botOf(call);
  for (const inbox of store.inboxes.values()) if (inbox.bot_id === bot.id) inbox.bot_id = null;
  for (const conversation of store.conversations.values()) {
    if (conversation.assignee_agent_bot_id === bot.id) conversation.assignee_agent_bot_id = null;
  }
  store.bots.delete(bot.id);
}
