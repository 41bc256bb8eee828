import { canReply } from './channel-refusals.ts';
import { floatSeconds, iso, seconds } from './clock.ts';
import { slimInbox } from './inboxes/shapes.ts';
import { pushMessage, pushSender } from './push-shapes.ts';
import {
  type Attributes,
  type BotRow,
  type ContactRow,
  type ConversationRow,
  type MessageRow,
  messageTypes,
  type TeamRow,
  type UserRow,
  type WebhookRow,
} from './records.ts';
import { messagesOf, row, type Store, unreadCount, userById } from './store.ts';
import type { World } from './world.ts';

/** The forms of the REST API, which differ from the webhook forms (contract §3.2 to §3.7). */

export function restConversation(
  store: Store,
  conversation: ConversationRow,
  viewer: UserRow | null,
): Attributes {
  const messages = messagesOf(store, conversation);
  const last = messages.at(-1);
  const lastSpoken = messages.findLast((message) => message.message_type !== 'activity');
  return {
    meta: restMeta(store, conversation, viewer),
    id: conversation.id,
    messages: last === undefined ? [] : [pushMessage(store, last)],
    account_id: store.account.id,
    uuid: conversation.uuid,
    additional_attributes: conversation.additional_attributes,
    agent_last_seen_at: seconds(conversation.agent_last_seen_at),
    assignee_last_seen_at: seconds(conversation.assignee_last_seen_at),
    can_reply: canReply(store, conversation),
    contact_last_seen_at: seconds(conversation.contact_last_seen_at),
    custom_attributes: conversation.custom_attributes,
    inbox_id: conversation.inbox_id,
    labels: conversation.label_list,
    muted: false,
    snoozed_until: iso(conversation.snoozed_until),
    status: conversation.status,
    created_at: seconds(conversation.created_at),
    updated_at: floatSeconds(conversation.updated_at),
    timestamp: seconds(conversation.last_activity_at),
    first_reply_created_at: seconds(conversation.first_reply_created_at),
    unread_count: unreadCount(store, conversation),
    last_non_activity_message: lastSpoken === undefined ? null : pushMessage(store, lastSpoken),
    last_activity_at: seconds(conversation.last_activity_at),
    priority: conversation.priority,
    waiting_since: seconds(conversation.waiting_since),
    sla_policy_id: null,
  };
}

function restMeta(store: Store, conversation: ConversationRow, viewer: UserRow | null): Attributes {
  const bot =
    conversation.assignee_agent_bot_id === null ? null : row(store.bots, conversation.assignee_agent_bot_id);
  const user = userById(store, conversation.assignee_id);
  const team = conversation.team_id === null ? null : row(store.teams, conversation.team_id);
  return {
    sender: restContact(row(store.contacts, conversation.contact_id)),
    channel: row(store.inboxes, conversation.inbox_id).channel_type,
    ...(user === null ? {} : { assignee: restAgent(store, user), assignee_type: 'User' }),
    ...(bot === null ? {} : { assignee: assignedBot(bot), assignee_type: 'AgentBot' }),
    ...(team === null ? {} : { team: restTeam(store, team, viewer) }),
    hmac_verified: row(store.contactInboxes, conversation.contact_inbox_id).hmac_verified,
  };
}

export function restMessage(store: Store, message: MessageRow, echoId?: unknown): Attributes {
  return {
    id: message.id,
    content: message.content,
    inbox_id: message.inbox_id,
    ...(echoId === undefined ? {} : { echo_id: echoId }),
    conversation_id: message.conversation_id,
    message_type: messageTypes.indexOf(message.message_type),
    content_type: message.content_type,
    status: message.status,
    content_attributes: message.content_attributes,
    created_at: seconds(message.created_at),
    private: message.private,
    source_id: message.source_id,
    ...(message.sender === null ? {} : { sender: pushSender(store, message.sender) }),
  };
}

export function restContact(contact: ContactRow): Attributes {
  return {
    additional_attributes: contact.additional_attributes,
    availability_status: 'offline',
    email: contact.email,
    id: contact.id,
    name: contact.name,
    phone_number: contact.phone_number,
    blocked: contact.blocked,
    identifier: contact.identifier,
    thumbnail: '',
    custom_attributes: contact.custom_attributes,
    ...(contact.last_activity_at === null ? {} : { last_activity_at: seconds(contact.last_activity_at) }),
    created_at: seconds(contact.created_at),
  };
}

export function restContactWithInboxes(store: Store, contact: ContactRow): Attributes {
  const contactInboxes = [...store.contactInboxes.values()]
    .filter((each) => each.contact_id === contact.id)
    .map((each) => ({ source_id: each.source_id, inbox: slimInbox(row(store.inboxes, each.inbox_id)) }));
  return { ...restContact(contact), contact_inboxes: contactInboxes };
}

export function restAgent(store: Store, user: UserRow): Attributes {
  return {
    id: user.id,
    account_id: store.account.id,
    availability_status: user.availability_status,
    auto_offline: user.auto_offline,
    confirmed: true,
    email: user.email,
    provider: 'email',
    available_name: user.available_name,
    name: user.name,
    role: user.role,
    thumbnail: '',
  };
}

export function restTeam(store: Store, team: TeamRow, viewer: UserRow | null): Attributes {
  return {
    id: team.id,
    name: team.name,
    description: team.description,
    allow_auto_assign: team.allow_auto_assign,
    ...team.icon,
    account_id: store.account.id,
    is_member: viewer !== null && team.member_ids.includes(viewer.id),
  };
}

/** What `assignments` answers for a team: the whole row (contract §3.3). */
export function teamRow(store: Store, team: TeamRow): Attributes {
  return {
    id: team.id,
    name: team.name,
    description: team.description,
    allow_auto_assign: team.allow_auto_assign,
    ...team.icon,
    account_id: store.account.id,
    created_at: iso(team.created_at),
    updated_at: iso(team.updated_at),
  };
}

/** A bot as the assignee of a conversation (recordings/4.16/agent_bot). */
function assignedBot(bot: BotRow): Attributes {
  const { id, name, description, outgoing_url } = bot;
  return { id, name, description, thumbnail: '', outgoing_url, bot_type: 'webhook' };
}

export function restSlimBot(bot: BotRow): Attributes {
  return { id: bot.id, name: bot.name, description: bot.description, thumbnail: '', type: 'agent_bot' };
}

export function restBot(store: Store, bot: BotRow, forAdministrator: boolean): Attributes {
  return {
    id: bot.id,
    name: bot.name,
    description: bot.description,
    thumbnail: '',
    outgoing_url: bot.outgoing_url,
    bot_type: 'webhook',
    bot_config: bot.bot_config,
    account_id: store.account.id,
    access_token: bot.token,
    ...(forAdministrator ? { secret: bot.secret } : {}),
    system_bot: false,
  };
}

/** `signed` is false before 4.11.2: there is no secret then. */
export function restWebhook(store: Store, webhook: WebhookRow, signed: boolean): Attributes {
  return {
    id: webhook.id,
    name: webhook.name,
    url: webhook.url,
    account_id: store.account.id,
    subscriptions: webhook.subscriptions,
    ...(signed ? { secret: webhook.secret } : {}),
  };
}

export function restProfile({ store, habits }: World, user: UserRow): Attributes {
  const { id, name, status } = store.account;
  return {
    id: user.id,
    name: user.name,
    display_name: null,
    available_name: user.available_name,
    email: user.email,
    account_id: id,
    access_token: user.token,
    avatar_url: '',
    confirmed: true,
    provider: 'email',
    role: user.role,
    uid: user.email,
    message_signature: null,
    inviter_id: null,
    pubsub_token: null,
    ui_settings: {},
    type: null,
    accounts: [
      {
        id,
        name,
        status,
        active_at: null,
        role: user.role,
        permissions: [user.role],
        availability: 'online',
        availability_status: user.availability_status,
        auto_offline: user.auto_offline,
        ...(habits.apiAndWebhooks ? { api_and_webhooks: true, onboarding_step: null } : {}),
      },
    ],
  };
}
