import { iso } from '../clock.ts';
import type { Attributes, InboxRow } from '../records.ts';
import type { Store } from '../store.ts';

/** What a new website inbox asks a visitor before the chat: nothing, until it is enabled. */
export const preChatForm: Attributes = {
  pre_chat_form_enabled: false,
  pre_chat_form_options: {
    pre_chat_fields: [
      preChatField('emailAddress', 'email', 'Email Id', true),
      preChatField('fullName', 'text', 'Full name', false),
      preChatField('phoneNumber', 'text', 'Phone number', false),
    ],
    pre_chat_message: 'Share your queries or comments here.',
  },
};

export const widgetFeatures: readonly string[] = ['attachments', 'emoji_picker', 'end_conversation'];

function preChatField(name: string, type: string, label: string, required: boolean): Attributes {
  return { name, type, label, enabled: false, required, field_type: 'standard' };
}

export function slimInbox(inbox: InboxRow): Attributes {
  return {
    id: inbox.id,
    avatar_url: '',
    channel_id: inbox.channel_id,
    name: inbox.name,
    channel_type: inbox.channel_type,
    provider: null,
  };
}

/** An inbox in the REST API. `forAdministrator` and `signed` decide on the secrets (contract §1.2). */
export function restInbox(inbox: InboxRow, forAdministrator: boolean, signed: boolean): Attributes {
  const isApi = inbox.channel_type === 'Channel::Api';
  return {
    ...slimInbox(inbox),
    greeting_enabled: inbox.greeting_enabled,
    greeting_message: inbox.greeting_message,
    working_hours_enabled: inbox.working_hours_enabled,
    enable_email_collect: true,
    csat_survey_enabled: false,
    csat_config: {},
    enable_auto_assignment: inbox.enable_auto_assignment,
    auto_assignment_config: {},
    out_of_office_message: inbox.out_of_office_message,
    working_hours: inbox.working_hours,
    timezone: inbox.timezone,
    callback_webhook_url: null,
    allow_messages_after_resolved: true,
    lock_to_single_conversation: inbox.lock_to_single_conversation,
    sender_name_type: 'friendly',
    business_name: null,
    allowed_domains: isApi ? null : '',
    widget_color: isApi ? null : '#1f93ff',
    website_url: isApi ? null : 'https://shop.northwind.example',
    hmac_mandatory: false,
    welcome_title: null,
    welcome_tagline: null,
    web_widget_script: isApi ? null : '<script></script>',
    website_token: isApi ? null : inbox.identifier,
    selected_feature_flags: isApi ? null : widgetFeatures,
    reply_time: isApi ? null : 'in_a_few_minutes',
    messaging_service_sid: null,
    phone_number: null,
    ...(forAdministrator ? { hmac_token: inbox.hmac_token } : {}),
    ...(isApi
      ? apiChannel(inbox, forAdministrator && signed)
      : { ...preChatForm, continuity_via_email: true }),
  };
}

function apiChannel(inbox: InboxRow, withSecret: boolean): Attributes {
  return {
    ...(withSecret ? { secret: inbox.secret } : {}),
    webhook_url: inbox.webhook_url,
    inbox_identifier: inbox.identifier,
    additional_attributes: {},
  };
}

/** The whole row, which some answers have in place of the usual form. */
export function inboxRow(store: Store, inbox: InboxRow): Attributes {
  return {
    id: inbox.id,
    channel_id: inbox.channel_id,
    account_id: store.account.id,
    name: inbox.name,
    created_at: iso(inbox.created_at),
    updated_at: iso(inbox.updated_at),
    channel_type: inbox.channel_type,
    enable_auto_assignment: inbox.enable_auto_assignment,
    greeting_enabled: inbox.greeting_enabled,
    greeting_message: inbox.greeting_message,
    email_address: null,
    working_hours_enabled: inbox.working_hours_enabled,
    out_of_office_message: inbox.out_of_office_message,
    timezone: inbox.timezone,
    enable_email_collect: true,
    csat_survey_enabled: false,
    allow_messages_after_resolved: true,
    auto_assignment_config: {},
    lock_to_single_conversation: inbox.lock_to_single_conversation,
    portal_id: null,
    sender_name_type: 'friendly',
    business_name: null,
    csat_config: {},
  };
}
