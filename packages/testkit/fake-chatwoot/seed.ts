import { officeHours } from './inboxes/working-hours.ts';
import type { InboxRow, LabelRow, TeamRow, UserRow } from './records.ts';
import { secureToken } from './signing.ts';
import { createIds, type Store } from './store.ts';

/** The account every fake starts with: the one of the fixtures. */
export const seedIds = {
  account: 3,
  administrator: 21,
  agent: 27,
  secondAgent: 28,
  bot: 5,
  websiteInbox: 12,
  apiInbox: 14,
  enterpriseTeam: 41,
  standardTeam: 42,
  salesTeam: 43,
} as const;

export interface SeedOptions {
  readonly accountName?: string;
  /** More team names, numbered from 44. */
  readonly teams?: readonly string[];
  /** Names of more agents, numbered from 29; online, and members of no inbox and no team. */
  readonly agents?: readonly string[];
  /** Random by default. */
  readonly tokens?: { readonly administrator: string; readonly bot: string };
  /** Contacts, conversations and messages are numbered from this much later on, as if many had been before. */
  readonly idsAfter?: number;
}

export function seedStore(options: SeedOptions, now: number): Store {
  const agents = [seedIds.agent, seedIds.secondAgent];
  const teams = [
    newTeam(seedIds.enterpriseTeam, 'Enterprise support', [seedIds.agent], now),
    newTeam(seedIds.standardTeam, 'Standard support', [seedIds.secondAgent], now),
    newTeam(seedIds.salesTeam, 'Sales', [], now),
    ...(options.teams ?? []).map((name, index) => newTeam(seedIds.salesTeam + 1 + index, name, [], now)),
  ];
  const inboxes = [
    newInbox(seedIds.websiteInbox, 'Website Chat', 'Channel::WebWidget', agents, now),
    newInbox(seedIds.apiInbox, 'Order API', 'Channel::Api', agents, now),
  ];
  return {
    account: account(seedIds.account, options.accountName ?? 'Northwind Outdoor'),
    otherAccounts: [account(seedIds.account + 1, 'Somebody Else')],
    users: [
      user(seedIds.administrator, 'Ada Moreno', 'administrator', 'offline', options.tokens?.administrator),
      user(seedIds.agent, 'Tobias Engel', 'agent', 'online'),
      user(seedIds.secondAgent, 'Priya Nair', 'agent', 'online'),
      ...(options.agents ?? []).map((name, index) =>
        user(seedIds.secondAgent + 1 + index, name, 'agent', 'online'),
      ),
    ],
    bots: new Map([
      [
        seedIds.bot,
        {
          id: seedIds.bot,
          name: 'Triage Bot',
          description: 'Answers first',
          outgoing_url: null,
          bot_config: {},
          token: options.tokens?.bot ?? secureToken(),
          secret: secureToken(),
        },
      ],
    ]),
    teams: new Map(teams.map((each) => [each.id, each])),
    inboxes: new Map(inboxes.map((each) => [each.id, each])),
    labels: ['billing', 'vip', 'urgent'].map(label),
    contacts: new Map(),
    contactInboxes: new Map(),
    conversations: new Map(),
    messages: new Map(),
    webhooks: new Map(),
    automationRules: new Map(),
    macros: new Map(),
    nextId: createIds(options.idsAfter),
  };
}

function account(id: number, name: string): Store['account'] {
  return { id, name, status: 'active', keep_pending_on_bot_failure: false, locale: 'en' };
}

function user(
  id: number,
  name: string,
  role: UserRow['role'],
  availability: 'online' | 'offline',
  token = secureToken(),
): UserRow {
  const [first = name] = name.split(' ');
  return {
    id,
    name,
    available_name: first,
    email: `${name.toLowerCase().replace(' ', '.')}@northwind.example`,
    role,
    token,
    availability_status: availability,
    auto_offline: true,
  };
}

export const noIcon = { icon: '', icon_color: '' };

export function newTeam(id: number, name: string, memberIds: number[], now: number): TeamRow {
  return {
    id,
    name: name.toLowerCase(),
    description: '',
    allow_auto_assign: true,
    member_ids: memberIds,
    created_at: now,
    updated_at: now,
  };
}

export function newInbox(
  id: number,
  name: string,
  channelType: InboxRow['channel_type'],
  memberIds: readonly number[],
  now: number,
): InboxRow {
  return {
    id,
    name,
    channel_id: id + 17,
    channel_type: channelType,
    member_ids: [...memberIds],
    bot_id: null,
    enable_auto_assignment: false,
    reply_window_ms: null,
    refusal: null,
    greeting_enabled: false,
    greeting_message: null,
    working_hours_enabled: false,
    out_of_office_message: null,
    working_hours: officeHours(),
    timezone: 'UTC',
    lock_to_single_conversation: false,
    webhook_url: null,
    secret: secureToken(),
    hmac_token: secureToken(),
    identifier: secureToken(),
    created_at: now,
    updated_at: now,
  };
}

function label(title: string, index: number): LabelRow {
  return { id: index + 1, title, description: '', color: '#1f93ff', show_on_sidebar: true };
}
