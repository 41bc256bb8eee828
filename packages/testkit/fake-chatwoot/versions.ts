import { botEvents } from './events.ts';

/** The Chatwoots that were seen running [R]: 4.10.1, 4.13.0 and 4.16.2. */
export const spokenVersions = ['4.10', '4.13', '4.16'] as const;
export type Version = (typeof spokenVersions)[number];

/** What the pretend Chatwoot does, by its version; a test may set one of them apart from the others. */
export interface Habits {
  /** What `GET /api` tells. */
  readonly release: string;
  /** Since 4.11.2: account webhooks have a secret, are signed, and every delivery has an id (contract §1.2). */
  readonly signedWebhooks: boolean;
  /** Since 4.13.0: webhooks of bots and API inboxes are signed too (contract §1.2). */
  readonly signedBotWebhooks: boolean;
  /** Of deliveries (contract [R] 9). */
  readonly userAgent: string;
  /** What a message carries whose endpoint was too slow (recordings/…/failing_endpoint.json). */
  readonly timeoutError: string;
  /** How often a bot's webhook is tried when it answers 429 or 500: 3 since 4.11.2 (contract [R] 7). */
  readonly botAttempts: number;
  /**
   * What the events do that a bot failed on while the conversation was pending: each opens it, since their last tries
   * come together and all see it pending (recordings/4.13 and 4.16, agent_bot); with one try, the first does.
   */
  readonly botFailureOpens: 'once' | 'per-event';
  /** What a bot hears of; changes of the conversation since 4.13.0 (feature table). */
  readonly botEvents: readonly string[];
  /** Since 4.14.2: a bot's token reads a conversation and its labels (feature table, contract [R] 2). */
  readonly botsRead: boolean;
  /** Since 4.16: the bot is the assignee of its inbox's new conversations (contract [R] 3). */
  readonly botOwnership: boolean;
  /** Since 4.14.2: conversations and inboxes in webhooks name their account (contract [R] 1). */
  readonly accountInConversations: boolean;
  /**
   * Whether `conversation_created` is made before the customer's first message is there. Without an account
   * in it, it then names none at all (contract [R] 1). In a race, each conversation has its own luck.
   */
  readonly bareCreations: 'race' | 'always' | 'never';
  /** How an inbox assigns by itself: with the creation, or by a job of its own later (contract [R] 4). */
  readonly inboxAssigns: 'at-creation' | 'by-policy';
  /** Since 4.16: an activity about a status says so in its `content_attributes` (recordings/4.16.2). */
  readonly activityDetails: boolean;
  /** Since 4.16: `profile.accounts[]` has `api_and_webhooks` (contract [R] 10). */
  readonly apiAndWebhooks: boolean;
  /** Since 4.16: a team has an icon (recordings/4.16). */
  readonly teamIcons: boolean;
  /** Since 4.13: a search of contacts says whether there are more (recordings). */
  readonly searchTellsMore: boolean;
  /** In 4.10 the text of a website inbox's message reaches webhooks as HTML (recordings/4.10). */
  readonly widgetTextIsHtml: boolean;
  /** Since #15119: `merge: true` on conversation custom attributes is understood; in none of these (contract [R] 6). */
  readonly mergeCustomAttributes: boolean;
  /** A public outgoing message goes sent → delivered → read, a `message_updated` each (contract §1.6). */
  readonly deliveryReceipts: boolean;
  /** `ENABLE_INBOX_EVENTS`. */
  readonly inboxEvents: boolean;
  readonly messagesPerMinute: number;
}

const restClient = 'rest-client/2.1.0 (linux-gnu x86_64) ruby/3.4.11p137';
const restClientTimeout = 'Timed out reading data from server';
const messagesOnly = botEvents.filter(
  (event) => event !== 'conversation_updated' && event !== 'conversation_status_changed',
);

const always = {
  mergeCustomAttributes: false,
  deliveryReceipts: false,
  inboxEvents: false,
  messagesPerMinute: 200,
} as const;

export const versions: Readonly<Record<Version, Habits>> = {
  '4.10': {
    ...always,
    release: '4.10.1',
    signedWebhooks: false,
    signedBotWebhooks: false,
    userAgent: restClient,
    timeoutError: restClientTimeout,
    botAttempts: 1,
    botFailureOpens: 'once',
    botEvents: messagesOnly,
    botsRead: false,
    botOwnership: false,
    accountInConversations: false,
    bareCreations: 'race',
    inboxAssigns: 'at-creation',
    activityDetails: false,
    apiAndWebhooks: false,
    teamIcons: false,
    searchTellsMore: false,
    widgetTextIsHtml: true,
  },
  '4.13': {
    ...always,
    release: '4.13.0',
    signedWebhooks: true,
    signedBotWebhooks: true,
    userAgent: restClient,
    timeoutError: restClientTimeout,
    botAttempts: 3,
    botFailureOpens: 'per-event',
    botEvents,
    botsRead: false,
    botOwnership: false,
    accountInConversations: false,
    bareCreations: 'race',
    inboxAssigns: 'by-policy',
    activityDetails: false,
    apiAndWebhooks: false,
    teamIcons: false,
    searchTellsMore: true,
    widgetTextIsHtml: false,
  },
  '4.16': {
    ...always,
    release: '4.16.2',
    signedWebhooks: true,
    signedBotWebhooks: true,
    userAgent: 'Ruby',
    timeoutError: 'Net::ReadTimeout with #<TCPSocket:(closed)>',
    botAttempts: 3,
    botFailureOpens: 'per-event',
    botEvents,
    botsRead: true,
    botOwnership: true,
    accountInConversations: true,
    bareCreations: 'never',
    inboxAssigns: 'by-policy',
    activityDetails: true,
    apiAndWebhooks: true,
    teamIcons: true,
    searchTellsMore: true,
    widgetTextIsHtml: false,
  },
};
