import { parseEvent } from '@switchyard/chatwoot';
import { fixture, fixtureNames } from '@switchyard/testkit';
import { describe, expect, test } from 'vitest';
import { createCatalogue } from './catalogue.ts';

const delivery = { id: 'd1', source: 'default', kind: 'account', receivedAt: 0 } as const;
const planned = (name: string, catalogue = createCatalogue()) =>
  catalogue.plan(parseEvent(fixture(name).body, delivery));

/** Event → queues and lanes, for every payload there is a fixture of. */
const table: Record<string, string[]> = {
  'agent_bot.conversation_opened': [],
  'agent_bot.conversation_resolved': ['bot-replies v3-1187'],
  'automation_event.message_created': [],
  contact_created: [],
  contact_updated: ['crm-sync c3-4821'],
  conversation_created: ['crm-sync c3-4821', 'bot-replies v3-1187', 'routing v3-1187'],
  conversation_status_changed: ['bot-replies v3-1187'],
  conversation_typing_off: [],
  conversation_typing_on: [],
  conversation_updated: ['bot-replies v3-1187'],
  inbox_created: [],
  inbox_updated: [],
  'macro.executed': [],
  message_created: ['bot-replies v3-1187'],
  message_updated: [],
  // Bare: the account is the source's, which the ingress writes into the event before it is planned.
  'recorded/4.10.1.conversation_created': ['crm-sync c0-40', 'bot-replies v0-38', 'routing v0-38'],
  'recorded/4.10.1.message_created': ['bot-replies v1-38'],
  'recorded/4.13.0.conversation_created': ['crm-sync c0-1', 'bot-replies v0-1', 'routing v0-1'],
  'recorded/4.13.0.message_created': ['bot-replies v1-1'],
  'simplified/conversation_created.blog': ['crm-sync c1-89', 'bot-replies v1-567', 'routing v1-567'],
  'simplified/message_created.blog': ['bot-replies v1-567'],
  'simplified/message_created.legacy_docs': ['bot-replies v1-1'],
  'variants/contact_updated.activity_only': [],
  'variants/conversation_created.pending_agent_bot_owner': [
    'crm-sync c3-4821',
    'bot-replies v3-1187',
    'routing v3-1187',
  ],
  'variants/conversation_created.pre_4_14_2_no_account': [
    'crm-sync c3-4821',
    'bot-replies v3-1187',
    'routing v3-1187',
  ],
  'variants/conversation_updated.labels': [],
  'variants/conversation_updated.status': ['bot-replies v3-1187'],
  'variants/conversation_updated.waiting_since_only': [],
  'variants/message_created.agent_bot': ['bot-replies v3-1187'],
  'variants/message_created.attachment_only': ['bot-replies v3-1187'],
  'variants/message_created.outgoing_agent': ['bot-replies v3-1187'],
  'variants/message_created.pre_4_14_2_no_conversation_account': ['bot-replies v3-1187'],
  'variants/message_created.private_note': ['bot-replies v3-1187'],
  'variants/message_created.template_greeting': ['bot-replies v3-1187'],
  'variants/message_updated.deleted': [],
  webwidget_triggered: [],
};

describe('plan', () => {
  test('has a row for every fixture', () => {
    expect(Object.keys(table).toSorted()).toEqual(fixtureNames());
  });

  test.each(Object.entries(table))('%s → %j', (name, expected) => {
    expect(planned(name).map(({ queue, lane }) => `${queue} ${lane}`)).toEqual(expected);
  });

  test('leaves out the queues that have nothing to do in this installation', () => {
    expect(planned('conversation_created', createCatalogue({ enabled: new Set(['routing']) }))).toEqual([
      { queue: 'routing', lane: 'v3-1187' },
    ]);
  });
});
