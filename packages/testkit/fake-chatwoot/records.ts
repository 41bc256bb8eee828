import type { Locale } from './activities/words.ts';

/**
 * The rows a Chatwoot keeps, under Chatwoot's own column names: `changed_attributes` is made of them.
 * Instants are epoch milliseconds with a fraction (Chatwoot stores microseconds); null is "never".
 */
export type Attributes = Record<string, unknown>;
type Role = 'administrator' | 'agent';
export type Status = 'open' | 'resolved' | 'pending' | 'snoozed';
export type Priority = 'low' | 'medium' | 'high' | 'urgent';
export type MessageType = 'incoming' | 'outgoing' | 'activity' | 'template';

export const statuses: readonly Status[] = ['open', 'resolved', 'pending', 'snoozed'];
export const priorities: readonly Priority[] = ['low', 'medium', 'high', 'urgent'];
/** In the order of their numbers on the wire. */
export const messageTypes: readonly MessageType[] = ['incoming', 'outgoing', 'activity', 'template'];
export const contentTypes: readonly string[] = [
  'text',
  'input_text',
  'input_textarea',
  'input_email',
  'input_select',
  'cards',
  'form',
  'article',
  'incoming_email',
  'input_csat',
  'integrations',
  'sticker',
  'voice_call',
];

export interface AccountRow {
  readonly id: number;
  readonly name: string;
  status: 'active' | 'suspended';
  keep_pending_on_bot_failure: boolean;
  locale: Locale;
}

export interface UserRow {
  readonly id: number;
  readonly name: string;
  readonly available_name: string;
  readonly email: string;
  readonly role: Role;
  readonly token: string;
  availability_status: 'online' | 'busy' | 'offline';
  auto_offline: boolean;
}

export interface BotRow {
  readonly id: number;
  name: string;
  description: string;
  outgoing_url: string | null;
  bot_config: Attributes;
  token: string;
  secret: string;
}

export interface TeamRow {
  readonly id: number;
  /** Lower-cased, as Chatwoot stores it (contract §2.2). */
  readonly name: string;
  readonly description: string;
  allow_auto_assign: boolean;
  /** Where teams have one. */
  icon?: { readonly icon: string; readonly icon_color: string };
  readonly member_ids: number[];
  readonly created_at: number;
  readonly updated_at: number;
}

export interface WorkingHours {
  readonly day_of_week: number;
  readonly closed_all_day: boolean;
  readonly open_all_day: boolean;
  readonly open_hour: number | null;
  readonly open_minutes: number | null;
  readonly close_hour: number | null;
  readonly close_minutes: number | null;
}

interface Refusal {
  readonly error: string;
  /** How many more messages it refuses. */
  left: number;
}

export interface InboxRow {
  readonly id: number;
  name: string;
  readonly channel_id: number;
  readonly channel_type: 'Channel::WebWidget' | 'Channel::Api';
  member_ids: number[];
  /** The agent bot attached to the inbox; at most one. */
  bot_id: number | null;
  enable_auto_assignment: boolean;
  /** How long after the customer's last message one may answer; null: always. */
  reply_window_ms: number | null;
  /** Why the channel refuses what is sent; null: it takes it. */
  refusal: Refusal | null;
  greeting_enabled: boolean;
  greeting_message: string | null;
  /** Only then the hours count. */
  working_hours_enabled: boolean;
  out_of_office_message: string | null;
  /** In the order of the weekdays, Sunday first; in the inbox's timezone, here always UTC. */
  working_hours: readonly WorkingHours[];
  timezone: string;
  lock_to_single_conversation: boolean;
  /** `Channel::Api` only. */
  webhook_url: string | null;
  secret: string;
  readonly hmac_token: string;
  readonly identifier: string;
  readonly created_at: number;
  updated_at: number;
}

export interface LabelRow {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly color: string;
  readonly show_on_sidebar: boolean;
}

export interface ContactRow {
  readonly id: number;
  name: string;
  email: string | null;
  phone_number: string | null;
  identifier: string | null;
  blocked: boolean;
  /** A visitor becomes a lead with the first email address or phone number. */
  contact_type: 'visitor' | 'lead';
  additional_attributes: Attributes;
  custom_attributes: Attributes;
  labels: string[];
  last_activity_at: number | null;
  readonly created_at: number;
  updated_at: number;
}

export interface ContactInboxRow {
  readonly id: number;
  contact_id: number;
  readonly inbox_id: number;
  readonly source_id: string;
  readonly hmac_verified: boolean;
  readonly pubsub_token: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface ConversationRow {
  /** The display id, the only one on the wire. */
  readonly id: number;
  readonly uuid: string;
  readonly inbox_id: number;
  contact_id: number;
  readonly contact_inbox_id: number;
  status: Status;
  priority: Priority | null;
  label_list: string[];
  custom_attributes: Attributes | null;
  additional_attributes: Attributes;
  assignee_id: number | null;
  assignee_agent_bot_id: number | null;
  team_id: number | null;
  snoozed_until: number | null;
  first_reply_created_at: number | null;
  waiting_since: number | null;
  agent_last_seen_at: number | null;
  assignee_last_seen_at: number | null;
  contact_last_seen_at: number | null;
  last_activity_at: number;
  readonly created_at: number;
  updated_at: number;
}

export interface SenderRef {
  readonly type: 'Contact' | 'User' | 'AgentBot';
  readonly id: number;
}

export interface MessageRow {
  readonly id: number;
  readonly conversation_id: number;
  readonly inbox_id: number;
  content: string | null;
  readonly message_type: MessageType;
  readonly private: boolean;
  status: 'sent' | 'delivered' | 'read' | 'failed';
  source_id: string | null;
  readonly content_type: string;
  content_attributes: Attributes;
  readonly additional_attributes: Attributes;
  readonly sender: SenderRef | null;
  readonly created_at: number;
  updated_at: number;
}

export interface WebhookRow {
  readonly id: number;
  name: string | null;
  url: string;
  subscriptions: string[];
  readonly secret: string;
}
