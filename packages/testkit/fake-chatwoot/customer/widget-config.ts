import { preChatForm, widgetFeatures } from '../inboxes/shapes.ts';
import { workingHoursRows } from '../inboxes/working-hours.ts';
import type { Attributes, ContactInboxRow, InboxRow } from '../records.ts';
import { row, type Store } from '../store.ts';

/** What the widget loads first (contract [R], recording `widget_conversation`). */
export function widgetConfig(store: Store, inbox: InboxRow, visitor: ContactInboxRow): Attributes {
  const { email, id, identifier, name, phone_number } = row(store.contacts, visitor.contact_id);
  return {
    website_channel_config: {
      allow_messages_after_resolved: true,
      api_host: 'http://chatwoot.example',
      auth_token: visitor.pubsub_token,
      avatar_url: '',
      csat_survey_enabled: false,
      disable_branding: false,
      enabled_features: widgetFeatures,
      enabled_languages: [{ name: 'English (en)', iso_639_1_code: 'en' }],
      locale: 'en',
      out_of_office_message: inbox.out_of_office_message,
      portal: null,
      ...preChatForm,
      reply_time: 'in_a_few_minutes',
      timezone: inbox.timezone,
      utc_off_set: '+00:00',
      website_name: inbox.name,
      website_token: inbox.identifier,
      welcome_tagline: null,
      welcome_title: null,
      widget_color: '#1f93ff',
      working_hours: workingHoursRows(store.account.id, inbox),
      working_hours_enabled: inbox.working_hours_enabled,
    },
    contact: { email, id, identifier, name, phone_number, pubsub_token: visitor.pubsub_token },
    global_config: {
      LOGO_THUMBNAIL: '/brand-assets/logo_thumbnail.svg',
      BRAND_NAME: 'Chatwoot',
      WIDGET_BRAND_URL: 'https://www.chatwoot.com',
      MAXIMUM_FILE_UPLOAD_SIZE: 40,
      INSTALLATION_NAME: 'Chatwoot',
    },
  };
}
