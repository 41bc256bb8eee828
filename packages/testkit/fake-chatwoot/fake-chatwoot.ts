import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Faults } from '../faults.ts';
import { type Call, startFaultyServer } from '../faulty-server.ts';
import type { Locale } from './activities/words.ts';
import { type EffectKind, mountApi, type NewEffect, type Route } from './api.ts';
import { callerOf, tokenKind } from './api-access.ts';
import { accountRoutes } from './api-account.ts';
import { contactRoutes } from './api-contacts.ts';
import { conversationListRoutes } from './api-conversation-lists.ts';
import { conversationRoutes } from './api-conversations.ts';
import { healthRoute } from './api-health.ts';
import { hookRoutes } from './api-hooks.ts';
import { memberRoutes } from './api-members.ts';
import { messageRoutes } from './api-messages.ts';
import type { AutomationRule } from './assignment/automation.ts';
import { automationRoutes } from './assignment/automation-routes.ts';
import { macroRoutes } from './assignment/macro-routes.ts';
import { createClock } from './clock.ts';
import { publicRoutes } from './customer/public-routes.ts';
import { widgetRoutes } from './customer/widget-routes.ts';
import { dispatch } from './dispatcher.ts';
import { type DomainEvent, subscribable } from './events.ts';
import { inboxRoutes } from './inboxes/routes.ts';
import { createPeople, type People } from './people.ts';
import { noIcon, type SeedOptions, seedIds, seedStore } from './seed.ts';
import { type DeliveryAttempt, Sender } from './sender.ts';
import { railsJson, secureToken } from './signing.ts';
import { row, type Store } from './store.ts';
import { type Habits, type Version, versions } from './versions.ts';
import {
  type ContactView,
  type ConversationView,
  contactViews,
  conversationView,
  type MessageView,
  messageViews,
} from './views.ts';
import type { World } from './world.ts';

export interface FakeChatwootOptions extends SeedOptions {
  /** 0, the default, takes any free one. */
  readonly port?: number;
  /** Where it listens; 127.0.0.1 by default. */
  readonly host?: string;
  readonly webhooks?: readonly WebhookOptions[];
  /** Attaches the seeded bot to an inbox (the website's by default). */
  readonly bot?: BotOptions;
  /** Which Chatwoot it is; the newest of the three by default. */
  readonly version?: Version;
  /** Single habits that differ from the version's. */
  readonly habits?: Partial<Habits>;
  /** A proxy in front dates its answers; Chatwoot itself does not (contract [R] 9). */
  readonly behindProxy?: boolean;
  readonly delivery?: {
    /** One at a time, in the order of the events; Chatwoot itself promises no order (contract §1.6). */
    readonly ordered?: boolean;
    /** 10 by default, Sidekiq's. */
    readonly concurrency?: number;
    /** 5000 by default (contract §1.3). */
    readonly timeoutMs?: number;
    /** 3000 by default (contract §1.4). */
    readonly botRetryMs?: number;
  };
  readonly keepPendingOnBotFailure?: boolean;
  /** The language of its activities; English by default. */
  readonly locale?: Locale;
  /** How long after a conversation the assignment policy runs; 30 ms by default, seconds in a real one. */
  readonly policyDelayMs?: number;
  /** Decides on faults with a probability, and on races. */
  readonly random?: () => number;
}

export interface WebhookOptions {
  readonly url: string;
  /** All of them by default. */
  readonly subscriptions?: readonly string[];
  readonly secret?: string;
}

export interface BotOptions {
  readonly url: string;
  readonly inboxId?: number;
  readonly secret?: string;
}

/** A write that an API caller made, for those who check what was done and how often. */
export interface Effect extends NewEffect {
  readonly kind: EffectKind;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly tokenKind: string;
}

export interface SendOptions {
  readonly url: string;
  /** Sent as it is when it is text, else as Rails would write it. */
  readonly payload: unknown;
  /** Null sends without signature and timestamp. */
  readonly secret: string | null;
  readonly deliveryId?: string;
  /** Epoch seconds to sign with instead of now. */
  readonly timestamp?: number;
  readonly corruptSignature?: boolean;
}

export type ChangeKind = 'event' | 'delivery' | 'call' | 'effect' | 'faults';

export interface FakeChatwoot extends People {
  readonly url: string;
  readonly port: number;
  readonly accountId: number;
  readonly ids: typeof seedIds;
  readonly tokens: { readonly administrator: string; readonly agent: string; readonly bot: string };
  readonly faults: Faults;
  addWebhook(webhook: WebhookOptions): { readonly id: number; readonly secret: string };
  connectBot(bot: BotOptions): { readonly secret: string };
  /** Sends the events of the API inbox to `url`, signed with its own secret (contract §1.2). */
  connectApiInbox(url: string): { readonly secret: string };
  /** Sets its clock wrong, by which it signs deliveries and dates its answers. */
  setClockAhead(ms: number): void;
  setAvailability(userId: number, availability: 'online' | 'busy' | 'offline'): void;
  setInboxAutoAssignment(inboxId: number, on: boolean): void;
  setTeamAutoAssignment(teamId: number, on: boolean): void;
  setTeamMembers(teamId: number, userIds: readonly number[]): void;
  /** Runs on each conversation that is created from now on; returns what takes it away again. */
  addAutomationRule(rule: AutomationRule): () => void;
  /** WhatsApp's window: outside of it `can_reply` is false, and a public answer fails. Null takes it away. */
  setReplyWindow(inboxId: number, hours: number | null): void;
  /** The inbox's channel refuses public answers, all or so many; returns what ends it. */
  failDeliveries(inboxId: number, refusal?: { readonly error?: string; readonly count?: number }): () => void;
  /** An agent who isn't a member of an inbox doesn't see its conversations. */
  setInboxMembers(inboxId: number, userIds: readonly number[]): void;
  /** Delivers the body of an earlier delivery once more: same id, fresh timestamp and signature. */
  redeliver(deliveryId: string): Promise<DeliveryAttempt>;
  /** Posts any payload, signed well or badly. */
  send(options: SendOptions): Promise<DeliveryAttempt>;
  conversations(): readonly ConversationView[];
  conversation(id: number): ConversationView;
  messages(conversationId: number): readonly MessageView[];
  contacts(): readonly ContactView[];
  deliveries(): readonly DeliveryAttempt[];
  calls(): readonly Call[];
  effects(): readonly Effect[];
  /** The effects that `marker` finds a marker in, by marker: two under one marker are a duplicate. */
  effectsByMarker(
    marker: (effect: Effect) => string | null | undefined,
  ): ReadonlyMap<string, readonly Effect[]>;
  on(event: 'change', listener: (kind: ChangeKind) => void): () => void;
  /** Resolves when every delivery has ended, retries included. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const routes: readonly Route[] = [
  ...conversationListRoutes,
  ...conversationRoutes,
  ...messageRoutes,
  ...contactRoutes,
  ...accountRoutes,
  ...inboxRoutes,
  ...memberRoutes,
  ...hookRoutes,
  ...automationRoutes,
  ...macroRoutes,
  ...publicRoutes,
  ...widgetRoutes,
  healthRoute,
];

/** A pretend Chatwoot on loopback, of one of three versions: stateful, strict, and as noisy as the real one. */
export async function startFakeChatwoot(options: FakeChatwootOptions = {}): Promise<FakeChatwoot> {
  const now = createClock();
  const store = seedStore(options, now());
  store.account.locale = options.locale ?? 'en';
  store.account.keep_pending_on_bot_failure = options.keepPendingOnBotFailure ?? false;
  const changes = new EventEmitter<{ change: [ChangeKind] }>();
  const effects: Effect[] = [];
  let aheadMs = 0;
  const wallClock = () => Date.now() + aheadMs;
  const habits: Habits = { ...versions[options.version ?? '4.16'], ...options.habits };
  if (habits.teamIcons) for (const team of store.teams.values()) team.icon = noIcon;
  const sender = createSender(options.delivery ?? {}, habits, wallClock, () =>
    changes.emit('change', 'delivery'),
  );
  const world: World = {
    store,
    now,
    habits,
    random: options.random ?? Math.random,
    later: (ms, work) => sender.later(ms, work),
    policyDelayMs: options.policyDelayMs ?? 30,
    emit(event: DomainEvent) {
      dispatch(world, sender, event);
      changes.emit('change', 'event');
    },
  };
  const server = await startFaultyServer({
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.random === undefined ? {} : { random: options.random }),
    tokenKind: (request) => tokenKind(callerOf(store, request.headers)),
    isWrite: (method, path) => method !== 'GET' && !path.endsWith('/filter'),
    onChange: (what) => changes.emit('change', what),
    routes: (app) => {
      app.addHook('onRequest', async (_request, reply) => {
        reply.raw.sendDate = false;
        if (options.behindProxy) reply.header('date', new Date(wallClock()).toUTCString());
      });
      mountApi(
        app,
        {
          world,
          callerOf: (request) => callerOf(store, request.headers),
          onEffect(effect, caller) {
            effects.push({ ...structuredClone(effect), at: Date.now(), tokenKind: tokenKind(caller) });
            changes.emit('change', 'effect');
          },
        },
        routes,
      );
    },
  });

  const fake: FakeChatwoot = {
    ...createPeople(world),
    url: server.url,
    port: server.port,
    accountId: store.account.id,
    ids: seedIds,
    tokens: tokensOf(store),
    faults: server.faults,
    addWebhook({ url, subscriptions = subscribable, secret = secureToken() }) {
      const id = store.nextId('webhook');
      store.webhooks.set(id, { id, name: null, url, subscriptions: [...subscriptions], secret });
      return { id, secret };
    },
    connectBot({ url, inboxId = seedIds.websiteInbox, secret }) {
      const bot = row(store.bots, seedIds.bot);
      bot.outgoing_url = url;
      bot.secret = secret ?? bot.secret;
      row(store.inboxes, inboxId).bot_id = bot.id;
      return { secret: bot.secret };
    },
    connectApiInbox(url) {
      const inbox = row(store.inboxes, seedIds.apiInbox);
      inbox.webhook_url = url;
      return { secret: inbox.secret };
    },
    setClockAhead(ms) {
      aheadMs = ms;
    },
    setAvailability(userId, availability) {
      const user = store.users.find(({ id }) => id === userId);
      if (user === undefined) throw new Error(`no user ${userId}`);
      user.availability_status = availability;
    },
    setInboxAutoAssignment(inboxId, on) {
      row(store.inboxes, inboxId).enable_auto_assignment = on;
    },
    setTeamAutoAssignment(teamId, on) {
      row(store.teams, teamId).allow_auto_assign = on;
    },
    setTeamMembers(teamId, userIds) {
      const { member_ids } = row(store.teams, teamId);
      member_ids.splice(0, member_ids.length, ...userIds);
    },
    addAutomationRule(rule) {
      const id = store.nextId('automationRule');
      store.automationRules.set(id, rule);
      return () => store.automationRules.delete(id);
    },
    setReplyWindow(inboxId, hours) {
      row(store.inboxes, inboxId).reply_window_ms = hours === null ? null : hours * 3_600_000;
    },
    failDeliveries(
      inboxId,
      { error = 'The channel refused the message', count = Number.POSITIVE_INFINITY } = {},
    ) {
      const inbox = row(store.inboxes, inboxId);
      inbox.refusal = { error, left: count };
      return () => {
        inbox.refusal = null;
      };
    },
    setInboxMembers(inboxId, userIds) {
      row(store.inboxes, inboxId).member_ids = [...userIds];
    },
    redeliver: (deliveryId) => sender.repeat(deliveryId),
    async send({ url, payload, secret, deliveryId = randomUUID(), timestamp, corruptSignature }) {
      return await sender.post({
        id: deliveryId,
        url,
        secret,
        event: eventOf(payload),
        body: typeof payload === 'string' ? payload : railsJson(payload),
        ...(timestamp === undefined ? {} : { timestamp: String(timestamp) }),
        ...(corruptSignature === undefined ? {} : { corruptSignature }),
      });
    },
    conversations: () => [...store.conversations.values()].map((each) => conversationView(store, each)),
    conversation: (id) => conversationView(store, row(store.conversations, id)),
    messages: (conversationId) => messageViews(store, row(store.conversations, conversationId)),
    contacts: () => contactViews(store),
    deliveries: () => [...sender.attempts()],
    calls: () => server.calls(),
    effects: () => [...effects],
    effectsByMarker(marker) {
      const marked = effects.flatMap((effect) => {
        const found = marker(effect);
        return found ? [{ found, effect }] : [];
      });
      const groups = Map.groupBy(marked, ({ found }) => found);
      return new Map([...groups].map(([found, each]) => [found, each.map(({ effect }) => effect)]));
    },
    on(event, listener) {
      changes.on(event, listener);
      return () => changes.off(event, listener);
    },
    idle: () => sender.idle(),
    async close() {
      await sender.close();
      await server.close();
      changes.removeAllListeners();
    },
  };

  for (const webhook of options.webhooks ?? []) fake.addWebhook(webhook);
  if (options.bot !== undefined) fake.connectBot(options.bot);
  return fake;
}

function createSender(
  delivery: NonNullable<FakeChatwootOptions['delivery']>,
  { botAttempts, userAgent, signedWebhooks }: Habits,
  now: () => number,
  onAttempt: () => void,
): Sender {
  return new Sender({
    now,
    timeoutMs: delivery.timeoutMs ?? 5000,
    botAttempts,
    userAgent,
    deliveryIds: signedWebhooks,
    botRetryMs: delivery.botRetryMs ?? 3000,
    concurrency: delivery.ordered ? 1 : (delivery.concurrency ?? 10),
    onAttempt,
  });
}

function tokensOf(store: Store): FakeChatwoot['tokens'] {
  const token = (id: number) => store.users.find((user) => user.id === id)?.token ?? '';
  return {
    administrator: token(seedIds.administrator),
    agent: token(seedIds.agent),
    bot: row(store.bots, seedIds.bot).token,
  };
}

function eventOf(payload: unknown): string {
  const isObject = typeof payload === 'object' && payload !== null && 'event' in payload;
  return isObject && typeof payload.event === 'string' ? payload.event : '';
}
