import { describe, expect, test } from 'vitest';
import { fixture } from '../fixtures.ts';
import { api, listen, mara, startFake, startLine } from './testing-line.ts';

/** Objects whose keys are the sender's own affair. */
const free = new Set(['additional_attributes', 'custom_attributes', 'content_attributes', 'event_info']);

/** Every key path of a value, with the type of what is there; null and empty arrays match anything. */
function keyPaths(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return keyPaths(value[0], `${path}[]`);
  if (typeof value !== 'object' || value === null) return value == null ? [] : [`${path}: ${typeof value}`];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = `${path}.${key}`;
    return free.has(key) || key === 'changed_attributes' ? [here] : [here, ...keyPaths(inner, here)];
  });
}

/** The two sets of key paths, without those below a place that is null in either. */
function compare(real: unknown, fake: unknown) {
  const [wanted, got] = [keyPaths(real), keyPaths(fake)];
  const nulls = [...nullPaths(real), ...nullPaths(fake)];
  const counted = (paths: readonly string[]) =>
    new Set(
      paths.filter((path) => !nulls.some((at) => path.startsWith(`${at}.`) || path.startsWith(`${at}:`))),
    );
  return { wanted: counted(wanted), got: counted(got) };
}

function nullPaths(value: unknown, path = ''): readonly string[] {
  if (value === null || value === undefined) return [path];
  if (Array.isArray(value)) return value.length === 0 ? [`${path}[]`] : nullPaths(value[0], `${path}[]`);
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => nullPaths(inner, `${path}.${key}`));
}

describe('a webhook has the keys and types of the fixture', async () => {
  const bodies = new Map<string, unknown>();
  const keep = (events: readonly { event: string; body: unknown }[], prefix = '') => {
    for (const { event, body } of events) if (!bodies.has(prefix + event)) bodies.set(prefix + event, body);
  };

  test('everything happens once', async () => {
    // The fixtures are of 4.15, where teams had no icon.
    const habits = { inboxEvents: true, deliveryReceipts: true, teamIcons: false };
    const { fake, receiver } = await startLine({ habits });
    const bot = await listen();
    const first = fake.triggerWidget({ contact: { name: 'quiet-harbor-214' } });
    fake.updateContact(first.contactId, mara);
    const { conversationId } = fake.writeAsCustomer({ contactId: first.contactId, content: 'Hi' });
    await fake.idle();
    keep(receiver.received);
    fake.typing(conversationId, true, fake.ids.agent);
    fake.typing(conversationId, false);
    fake.assign(conversationId, { userId: fake.ids.agent, teamId: fake.ids.enterpriseTeam });
    fake.setLabels(conversationId, ['billing']);
    // Payloads are late snapshots: what comes next must not be in these.
    await fake.idle();
    fake.writeAsAgent({ conversationId, content: 'Hello' });
    fake.resolve(conversationId);
    const second = fake.writeAsCustomer({ contact: { ...mara, email: 'other@example.com' }, content: 'Hi' });
    fake.connectBot({ url: bot.url });
    fake.resolve(second.conversationId);
    fake.reopen(second.conversationId);
    await api(fake, 'PATCH', `/inboxes/${fake.ids.apiInbox}`, { greeting_enabled: true });
    await fake.idle();
    keep(receiver.received);
    keep(bot.received, 'agent_bot.');
  });

  test.each([
    'message_created',
    'message_updated',
    'conversation_created',
    'conversation_updated',
    'conversation_status_changed',
    'contact_created',
    'contact_updated',
    'webwidget_triggered',
    'conversation_typing_on',
    'conversation_typing_off',
    'inbox_updated',
    'agent_bot.conversation_opened',
    'agent_bot.conversation_resolved',
  ])('%s', (name) => {
    const { wanted, got } = compare(fixture(name).body, bodies.get(name));
    expect(got).toEqual(wanted);
  });
});

test.each([
  ['variants/conversation_updated.labels', 'label_list', ['cached_label_list', 'updated_at', 'label_list']],
  ['variants/contact_updated.activity_only', 'last_activity_at', ['last_activity_at', 'updated_at']],
  [
    'variants/conversation_updated.waiting_since_only',
    'waiting_since',
    ['waiting_since', 'first_reply_created_at', 'updated_at'],
  ],
  ['variants/conversation_updated.status', 'status', ['status', 'updated_at']],
])('%s changes the same attributes', async (name, mark, keys) => {
  const { fake, receiver } = await startLine();
  const { conversationId } = fake.writeAsCustomer({ contact: mara, content: 'Hi' });
  fake.writeAsAgent({ conversationId, content: 'Hello' });
  fake.setLabels(conversationId, ['billing', 'vip']);
  fake.resolve(conversationId);
  await fake.idle();
  const names = (body: Readonly<Record<string, unknown>>) =>
    Array.isArray(body.changed_attributes)
      ? body.changed_attributes.flatMap((each) => Object.keys(each))
      : [];
  expect(names(fixture(name).body)).toEqual(keys);
  const sent = receiver.received.map(({ body }) => names(body)).find((each) => each.includes(mark));
  expect(sent).toEqual(keys);
});

test('the REST form differs from the webhook form', async () => {
  const fake = await startFake();
  const { conversationId } = fake.writeAsCustomer({ contact: mara, content: 'Hi' });
  fake.assign(conversationId, { userId: fake.ids.agent });
  fake.writeAsAgent({ conversationId, content: 'Hello' });
  const { json } = await api(fake, 'GET', `/conversations/${conversationId}`);
  expect(json).toMatchObject({
    id: conversationId,
    account_id: 3,
    uuid: expect.any(String),
    muted: false,
    sla_policy_id: null,
    first_reply_created_at: expect.any(Number),
    last_non_activity_message: { content: 'Hello' },
    meta: {
      sender: { last_activity_at: expect.any(Number), email: mara.email },
      channel: 'Channel::WebWidget',
      assignee: { role: 'agent', confirmed: true },
    },
  });
  expect(json).not.toHaveProperty('contact_inbox');
  expect(json).not.toHaveProperty('account');
});
