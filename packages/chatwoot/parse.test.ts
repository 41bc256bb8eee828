import { describe, expect, test } from 'vitest';
import { EventParseError } from './event-parse-error.ts';
import { parseEvent } from './parse.ts';
import { delivery, eventOf, payload, payloadFiles } from './testing-fixtures.ts';

// file | account | inbox | conversation, status, priority | labels | assignee | team | contact | message | actor | changes
const table = `
agent_bot.conversation_opened.json | 3 | 12 | 1187 open - | | - | - | 4821 | - | - | -
agent_bot.conversation_resolved.json | 3 | 12 | 1187 resolved - | | - | - | 4821 | - | - | -
automation_event.message_created.json | 3 | 12 | 1187 open - | | - | - | 4821 | - | - | -
contact_created.json | 3 | - | - | - | - | - | 4821 | - | - | -
contact_updated.json | 3 | - | - | - | - | - | 4821 | - | - | name,email,updated_at
conversation_created.json | 3 | 12 | 1187 open - | | - | - | 4821 | - | - | -
conversation_status_changed.json | 3 | 12 | 1187 resolved - | billing | user:27 | - | 4821 | - | - | -
conversation_typing_off.json | 3 | 12 | 1187 open - | | - | - | 4821 | - | contact:4821 | -
conversation_typing_on.json | 3 | 12 | 1187 open - | | user:27 | - | 4821 | - | user:27 | -
conversation_updated.json | 3 | 12 | 1187 open high | billing | user:27 | 9 | 4821 | - | - | assignee_id,updated_at
inbox_created.json | 3 | 14 | - | - | - | - | - | - | - | -
inbox_updated.json | 3 | 14 | - | - | - | - | - | - | - | greeting_enabled,greeting_message,updated_at
macro.executed.json | 3 | 12 | 1187 open - | | user:27 | - | 4821 | - | - | -
message_created.json | 3 | 12 | 1187 open - | | - | - | 4821 | 90341 incoming contact:4821 | - | -
message_updated.json | 3 | 12 | 1187 open - | | user:27 | - | 4821 | 90342 outgoing user:27 | - | -
recorded/4.10.1.conversation_created.json | - | 1 | 38 open - | | - | - | 40 | - | - | -
recorded/4.10.1.message_created.json | 1 | 1 | 38 open - | | - | - | 40 | 109 incoming contact:40 | - | -
recorded/4.13.0.conversation_created.json | - | 1 | 1 open - | | - | - | 1 | - | - | -
recorded/4.13.0.message_created.json | 1 | 1 | 1 open - | | - | - | 1 | 1 incoming contact:1 | - | -
simplified/conversation_created.blog.json | 1 | - | 567 open - | | - | - | 89 | - | - | -
simplified/message_created.blog.json | 1 | - | 567 open - | | - | - | 89 | 1234 incoming - | - | -
simplified/message_created.legacy_docs.json | 1 | 1 | 1 - - | | - | - | 1 | 1 incoming contact:1 | - | -
variants/contact_updated.activity_only.json | 3 | - | - | - | - | - | 4821 | - | - | last_activity_at,updated_at
variants/conversation_created.pending_agent_bot_owner.json | 3 | 12 | 1187 pending - | | agent_bot:5 | - | 4821 | - | - | -
variants/conversation_created.pre_4_14_2_no_account.json | 3 | 12 | 1187 open - | | - | - | 4821 | - | - | -
variants/conversation_updated.labels.json | 3 | 12 | 1187 open - | billing,vip | - | - | 4821 | - | - | cached_label_list,updated_at,label_list
variants/conversation_updated.status.json | 3 | 12 | 1187 resolved - | | user:27 | - | 4821 | - | - | status,updated_at
variants/conversation_updated.waiting_since_only.json | 3 | 12 | 1187 open - | | user:27 | - | 4821 | - | - | waiting_since,first_reply_created_at,updated_at
variants/message_created.agent_bot.json | 3 | 12 | 1187 pending - | | agent_bot:5 | - | 4821 | 90350 outgoing agent_bot:5 | - | -
variants/message_created.attachment_only.json | 3 | 12 | 1187 open - | | - | - | 4821 | 90353 incoming contact:4821 no-content 1-attached | - | -
variants/message_created.outgoing_agent.json | 3 | 12 | 1187 open - | | user:27 | - | 4821 | 90342 outgoing user:27 | - | -
variants/message_created.pre_4_14_2_no_conversation_account.json | 3 | 12 | 1187 open - | | - | - | 4821 | 90341 incoming contact:4821 | - | -
variants/message_created.private_note.json | 3 | 12 | 1187 open - | | user:27 | - | 4821 | 90343 outgoing user:27 private | - | -
variants/message_created.template_greeting.json | 3 | 12 | 1187 open - | | - | - | 4821 | 90351 template - | - | -
variants/message_updated.deleted.json | 3 | 12 | 1187 open - | | - | - | 4821 | 90341 incoming contact:4821 deleted | - | -
webwidget_triggered.json | 3 | 12 | - | - | - | - | 4821 | - | - | -
`;
const rows = table.trim().split('\n');

describe('every fixture', () => {
  test.each(rows)('%s', (row) => {
    const file = row.slice(0, row.indexOf(' |'));
    expect(summary(file)).toBe(row);
  });

  test('is in the table', () => {
    expect(rows.map((row) => row.slice(0, row.indexOf(' |')))).toEqual([...payloadFiles].sort());
  });
});

test('an incoming message, whole', () => {
  expect(eventOf('message_created.json')).toEqual({
    name: 'message_created',
    delivery,
    account: 3,
    inbox: { id: 12, name: 'Website Chat' },
    conversation: {
      id: 1187,
      channel: 'Channel::WebWidget',
      status: 'open',
      priority: null,
      labels: [],
      assignee: null,
      team: null,
      customAttributes: {},
      language: 'sv',
      createdAt: 1781770502000,
      updatedAt: 1781770503481,
      firstReplyAt: null,
    },
    contact: {
      id: 4821,
      name: 'Mara Lindqvist',
      email: 'mara.lindqvist@example.com',
      phone: '+46701740605',
      identifier: null,
      blocked: false,
      customAttributes: { crm_id: 'NW-20931', plan: 'pro' },
      city: 'Malmö',
      country: 'Sweden',
    },
    message: {
      id: 90341,
      content: 'Hi, I was charged twice for order 5512.',
      type: 'incoming',
      private: false,
      contentType: 'text',
      sender: { kind: 'contact', id: 4821, name: 'Mara Lindqvist' },
      createdAt: 1781770503481,
      deleted: false,
      automated: false,
      marker: null,
      attachments: 0,
    },
    actor: null,
    changes: null,
  });
});

describe('the traps of the contract', () => {
  test('messages[0] is not the message: a private note keeps its own id and text', () => {
    const { message } = eventOf('variants/message_created.private_note.json');
    expect(message).toMatchObject({
      id: 90343,
      content: 'Looks like a duplicate capture, ask finance.',
      private: true,
    });
  });

  test('updated_at keeps its microseconds, ISO and int times are the same instants', () => {
    expect(eventOf('conversation_updated.json').conversation?.updatedAt).toBe(1781770535604.456);
    expect(eventOf('message_updated.json').conversation?.firstReplyAt).toBe(1781770566481);
  });

  test('0 is never', () => {
    const body = payload('conversation_created.json', {
      created_at: 0,
      updated_at: 0,
      first_reply_created_at: 0,
    });
    expect(parseEvent(body, delivery).conversation).toMatchObject({
      createdAt: null,
      updatedAt: null,
      firstReplyAt: null,
    });
  });

  test.each([
    [0, 'incoming'],
    [1, 'outgoing'],
    [2, 'activity'],
    [3, 'template'],
    ['outgoing', 'outgoing'],
    ['lifecycle', 'activity'],
    [undefined, 'activity'],
    [{}, 'activity'],
  ])('message_type %j is %s', (given, type) => {
    expect(eventOf('message_created.json', { message_type: given }).message?.type).toBe(type);
  });

  test.each<[string, unknown, unknown]>([
    ['incoming', { id: 1, type: 'contact' }, 'contact'],
    ['incoming', { id: 1 }, 'contact'],
    ['incoming', { id: 1, type: 'user' }, 'user'],
    ['outgoing', { id: 1 }, 'user'],
    ['outgoing', { id: 1, type: 'User' }, 'user'],
    ['outgoing', { id: 1, type: 'agent_bot' }, 'agent_bot'],
    ['outgoing', { id: 1, type: 'captain_assistant' }, 'captain_assistant'],
    ['outgoing', { id: 1, type: 'robot_9000' }, undefined],
    ['template', null, undefined],
  ])('an %s message with the sender %j is by %s', (message_type, sender, kind) => {
    expect(eventOf('message_created.json', { message_type, sender }).message?.sender?.kind).toBe(kind);
  });

  test('an assignee of an unknown kind is someone', () => {
    const meta = { assignee: { id: 4, type: 'captain_v9' }, assignee_type: 'Captain::V9' };
    expect(eventOf('conversation_created.json', { meta }).conversation?.assignee).toEqual({
      kind: 'user',
      id: 4,
      name: null,
    });
  });

  test('our marker and an automation rule are recognised', () => {
    const content_attributes = { switchyard: 'reply:1', automation_rule_id: 7 };
    expect(eventOf('message_created.json', { content_attributes }).message).toMatchObject({
      marker: 'reply:1',
      automated: true,
    });
  });

  test('e-mail is lower-case and trimmed, blanks are null', () => {
    const meta = {
      sender: { id: '5', email: ' Mara@Example.COM ', name: ' ', phone_number: '', identifier: 5 },
    };
    expect(eventOf('conversation_created.json', { meta }).contact).toMatchObject({
      id: 5,
      email: 'mara@example.com',
      name: null,
      phone: null,
      identifier: null,
    });
  });

  test('a contact that names nobody is none', () => {
    expect(
      eventOf('simplified/conversation_created.blog.json', { conversation: { id: 5, contact: {} } }).contact,
    ).toBeNull();
  });
});

describe('lookups fall through to the next place', () => {
  const conversation = {
    id: 5,
    inbox_id: 'x',
    contact_inbox: { inbox_id: 9 },
    messages: [{ account_id: '8' }],
  };

  test('account and inbox', () => {
    const event = parseEvent(
      { event: 'message_created', id: 1, account: { id: 'x' }, conversation },
      delivery,
    );
    expect([event.account, event.inbox]).toEqual([8, { id: 9, name: null }]);
  });

  test("an inbox event's account before 4.14.2 is that of its channel", () => {
    expect(eventOf('inbox_created.json', { account: undefined }).account).toBe(3);
  });

  test('current_conversation', () => {
    const event = eventOf('webwidget_triggered.json', { current_conversation: { id: 44 } });
    expect(event.conversation?.id).toBe(44);
  });

  test('the sender of an incoming message is the contact, that of an outgoing one is not', () => {
    const body = { event: 'message_created', id: 1, conversation: { id: 5 }, sender: { id: 3 } };
    expect(parseEvent({ ...body, message_type: 'incoming' }, delivery).contact?.id).toBe(3);
    expect(parseEvent({ ...body, message_type: 0 }, delivery).contact?.id).toBe(3);
    expect(parseEvent({ ...body, message_type: 'outgoing' }, delivery).contact).toBeNull();
  });
});

test('an event that does not exist yet is an event', () => {
  const event = parseEvent(
    { event: 'call.started', account: { id: 3 }, conversation: { id: 5 }, novelty: {} },
    delivery,
  );
  expect(event).toMatchObject({ name: 'call.started', account: 3, conversation: { id: 5 }, message: null });
  expect(parseEvent({ event: 'message_read' }, delivery).message).toBeNull();
});

test('sub-fields of the wrong type are null', () => {
  const wrong = {
    account: 1,
    inbox: [],
    conversation: 'x',
    contact: 4,
    sender: 'me',
    content: 5,
    private: {},
    content_attributes: 'x',
    attachments: {},
  };
  expect(parseEvent({ event: 'message_created', id: 1, ...wrong }, delivery)).toMatchObject({
    account: null,
    inbox: null,
    conversation: null,
    contact: null,
    message: { id: 1, content: null, sender: null, private: false, marker: null, attachments: 0 },
  });
});

describe('refuses', () => {
  test.each<[unknown, string, string]>([
    [null, 'EVENT_NOT_AN_OBJECT', ''],
    ['message_created', 'EVENT_NOT_AN_OBJECT', ''],
    [[{ event: 'message_created', id: 1 }], 'EVENT_NOT_AN_OBJECT', ''],
    [{}, 'EVENT_NAME_MISSING', 'event'],
    [{ event: null }, 'EVENT_NAME_MISSING', 'event'],
    [{ event: '' }, 'EVENT_NAME_MISSING', 'event'],
    [{ event: 7 }, 'EVENT_NAME_INVALID', 'event'],
    [{ event: 'x'.repeat(101) }, 'EVENT_NAME_INVALID', 'event'],
    [{ event: 'sneaky name\n' }, 'EVENT_NAME_INVALID', 'event'],
    [{ event: 'message_created', conversation: { id: 1 } }, 'EVENT_MESSAGE_ID_MISSING', 'id'],
    [{ event: 'message_updated', id: 'sneaky' }, 'EVENT_MESSAGE_ID_MISSING', 'id'],
    [{ event: 'conversation_created' }, 'EVENT_CONVERSATION_ID_MISSING', 'id'],
    [
      { event: 'conversation_updated', conversation: { id: 'sneaky' } },
      'EVENT_CONVERSATION_ID_MISSING',
      'conversation.id',
    ],
    [{ event: 'conversation_typing_on', user: { id: 1 } }, 'EVENT_CONVERSATION_ID_MISSING', 'id'],
  ])('%j with %s at "%s", without repeating it', (body, code, path) => {
    const error = failure(() => parseEvent(body, delivery));
    expect(error).toBeInstanceOf(EventParseError);
    expect(error).toMatchObject({ code, path });
    expect(String(error)).not.toContain('sneaky');
  });
});

function failure(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return null;
}

function summary(file: string): string {
  const { account, inbox, conversation, contact, message, actor, changes } = eventOf(file);
  const who = (person: typeof actor) => (person === null ? '-' : `${person.kind}:${person.id}`);
  const flags = [
    message?.content === null ? 'no-content' : '',
    message?.private ? 'private' : '',
    message?.deleted ? 'deleted' : '',
    message?.attachments ? `${message.attachments}-attached` : '',
  ];
  return [
    file,
    account ?? '-',
    inbox?.id ?? '-',
    conversation ? `${conversation.id} ${conversation.status ?? '-'} ${conversation.priority ?? '-'}` : '-',
    conversation ? conversation.labels.join(',') : '-',
    who(conversation?.assignee ?? null),
    conversation?.team?.id ?? '-',
    contact?.id ?? '-',
    message ? [message.id, message.type, who(message.sender), ...flags.filter(Boolean)].join(' ') : '-',
    who(actor),
    changes ? Object.keys(changes).join(',') : '-',
  ]
    .map(String)
    .join(' | ')
    .replaceAll('|  |', '| |');
}
