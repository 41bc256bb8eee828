import { STATUS_CODES } from 'node:http';
import { botFailure } from './bot-failure.ts';
import type { DomainEvent } from './events.ts';
import { updateMessage } from './messages.ts';
import { payloadOf } from './payload-by-version.ts';
import type { Outcome } from './post.ts';
import type { BotRow, ConversationRow, InboxRow } from './records.ts';
import type { Outgoing, Sender } from './sender.ts';
import { activeBot, MissingRow, row } from './store.ts';
import type { World } from './world.ts';

/**
 * Sends an event to everyone who gets it. A bot's payload is made at once, the others' a moment later from
 * whatever the state is by then, as in Chatwoot (contract §1.6).
 */
export function dispatch(world: World, sender: Sender, event: DomainEvent): void {
  if (isActivity(event)) return;
  const { inbox, conversation } = placeOf(world, event);
  if (world.habits.botEvents.includes(event.name) && inbox !== null) {
    const onFailure = botFailure(world, event);
    for (const bot of botsFor(world, inbox, conversation)) {
      if (bot.outgoing_url === null) continue;
      sender.deliver({
        kind: 'agent-bot',
        url: bot.outgoing_url,
        secret: world.habits.signedBotWebhooks ? bot.secret : null,
        event: event.name,
        payload: payloadOf(world, event),
        onFailure,
      });
    }
  }
  const early = isBare(world, event) ? webhooksFor(world, event, inbox) : null;
  sender.defer(() => {
    const all = early ?? unlessDeleted(() => webhooksFor(world, event, inbox));
    for (const outgoing of all) sender.deliver(outgoing);
  });
}

/** Whether a creation is told before the first message is there (contract [R] 1). */
function isBare({ habits, random }: World, event: DomainEvent): boolean {
  if (event.name !== 'conversation_created') return false;
  return habits.bareCreations === 'always' || (habits.bareCreations === 'race' && random() < 0.5);
}

/** A late snapshot of something that has been deleted meanwhile is never sent. */
function unlessDeleted(make: () => readonly Outgoing[]): readonly Outgoing[] {
  try {
    return make();
  } catch (error) {
    if (error instanceof MissingRow) return [];
    throw error;
  }
}

function webhooksFor(world: World, event: DomainEvent, inbox: InboxRow | null): readonly Outgoing[] {
  const { store, habits } = world;
  if (event.name === 'conversation_opened' || event.name === 'conversation_resolved') return [];
  if (event.name === 'inbox_updated' && !habits.inboxEvents) return [];
  const payload = payloadOf(world, event);
  const outgoing: Outgoing[] = [...store.webhooks.values()]
    .filter((webhook) => webhook.subscriptions.includes(event.name))
    .map((webhook) => ({
      kind: 'account',
      url: webhook.url,
      secret: habits.signedWebhooks ? webhook.secret : null,
      event: event.name,
      payload,
    }));
  // An API inbox has one URL and no subscriptions; contact and inbox events are account matters.
  const tellsInbox = !event.name.startsWith('contact_') && event.name !== 'inbox_updated';
  if (tellsInbox && inbox !== null && inbox.channel_type === 'Channel::Api' && inbox.webhook_url) {
    outgoing.push({
      kind: 'api-inbox',
      url: inbox.webhook_url,
      secret: habits.signedBotWebhooks ? inbox.secret : null,
      event: event.name,
      payload,
      onFailure: (outcome) => failMessage(world, event, outcome),
    });
  }
  return outgoing;
}

/** The inbox's bot and the bot the conversation is assigned to, once each (contract §4). */
function botsFor(world: World, inbox: InboxRow, conversation: ConversationRow | null): ReadonlySet<BotRow> {
  const attached = activeBot(world.store, inbox);
  const assigned = conversation?.assignee_agent_bot_id;
  const owner = typeof assigned === 'number' ? world.store.bots.get(assigned) : undefined;
  return new Set([attached, owner].filter((bot) => bot !== null && bot !== undefined));
}

/** An API inbox that can't be reached makes the message a failed one (contract §1.4). */
function failMessage(world: World, event: DomainEvent, outcome: Outcome): void {
  if (event.name !== 'message_created' && event.name !== 'message_updated') return;
  updateMessage(world, event.message, {
    status: 'failed',
    content_attributes: {
      ...event.message.content_attributes,
      external_error: inChatwootsWords(world, outcome),
    },
  });
}

function inChatwootsWords({ habits }: World, { status, error }: Outcome): string {
  if (status !== null) return `${status} ${STATUS_CODES[status] ?? ''}`.trim();
  return error?.startsWith('timed out') ? habits.timeoutError : (error ?? '');
}

function placeOf(
  world: World,
  event: DomainEvent,
): { readonly inbox: InboxRow | null; readonly conversation: ConversationRow | null } {
  const { store } = world;
  switch (event.name) {
    case 'contact_created':
    case 'contact_updated':
      return { inbox: null, conversation: null };
    case 'inbox_updated':
      return { inbox: event.inbox, conversation: null };
    case 'webwidget_triggered':
      return { inbox: row(store.inboxes, event.contactInbox.inbox_id), conversation: null };
    case 'message_created':
    case 'message_updated': {
      const conversation = row(store.conversations, event.message.conversation_id);
      return { inbox: row(store.inboxes, conversation.inbox_id), conversation };
    }
    default:
      return { inbox: row(store.inboxes, event.conversation.inbox_id), conversation: event.conversation };
  }
}

function isActivity(event: DomainEvent): boolean {
  const isMessage = event.name === 'message_created' || event.name === 'message_updated';
  return isMessage && event.message.message_type === 'activity';
}
