import { describe, expect, test } from 'vitest';
import { api, listen, mara, startLine } from './testing-line.ts';
import type { Receiver } from './testing-receiver.ts';
import { spokenVersions } from './versions.ts';

/** What came since the last time. */
function since(receiver: Receiver) {
  let seen = receiver.received.length;
  return () => {
    const events = receiver.events().slice(seen);
    seen = receiver.received.length;
    return events;
  };
}

describe('events that come along (contract §1.6)', () => {
  test('a first message: contact, conversation, message, and the contact again', async () => {
    const { fake, receiver } = await startLine();
    fake.writeAsCustomer({ contact: mara, content: 'Hi' });
    await fake.idle();
    expect(receiver.events()).toEqual([
      'contact_created',
      'conversation_created',
      'message_created',
      'contact_updated',
    ]);
  });

  test('a first reply clears the waiting time, the next question sets it', async () => {
    const { fake, receiver } = await startLine();
    const { conversationId } = fake.writeAsCustomer({ contact: mara, content: 'Hi' });
    await fake.idle();
    const news = since(receiver);
    fake.writeAsAgent({ conversationId, content: 'Hello' });
    await fake.idle();
    expect(news()).toEqual(['message_created', 'conversation_updated']);
    fake.writeAsAgent({ conversationId, content: 'Anything else?' });
    await fake.idle();
    expect(news()).toEqual(['message_created']);
    fake.writeAsCustomer({ conversationId, content: 'Yes' });
    await fake.idle();
    expect(news()).toEqual(['message_created', 'conversation_updated', 'contact_updated']);
  });

  test('a private note answers nobody', async () => {
    const { fake, receiver } = await startLine();
    const { conversationId } = fake.writeAsCustomer({ contact: mara, content: 'Hi' });
    await fake.idle();
    const news = since(receiver);
    fake.writeAsAgent({ conversationId, content: 'A VIP', private: true });
    await fake.idle();
    expect(news()).toEqual(['message_created']);
    expect(receiver.received.at(-1)?.body).toMatchObject({ private: true, message_type: 'outgoing' });
  });

  // Others report two events for a label (contract §1.6); every recorded version sends one (contract [R] 6).
  test.each(spokenVersions)(
    'a status change is told twice, a label change once, and activities never: %s',
    async (version) => {
      const { fake, receiver } = await startLine({ version });
      const { conversationId } = fake.writeAsCustomer({ contact: mara, content: 'Hi' });
      await fake.idle();
      const news = since(receiver);
      fake.resolve(conversationId);
      await fake.idle();
      expect(news()).toEqual(['conversation_status_changed', 'conversation_updated']);
      expect(receiver.of('conversation_status_changed')[0]?.body.changed_attributes).toBeNull();
      fake.setLabels(conversationId, ['billing']);
      await fake.idle();
      expect(news()).toEqual(['conversation_updated']);
      expect(fake.messages(conversationId).map(({ type }) => type)).toEqual([
        'incoming',
        'activity',
        'activity',
      ]);
    },
  );

  test('a customer who writes again reopens what was resolved', async () => {
    const { fake } = await startLine();
    const { conversationId } = fake.writeAsCustomer({ contact: mara, content: 'Hi' });
    fake.resolve(conversationId);
    const again = fake.writeAsCustomer({ contact: mara, content: 'Still broken' });
    expect(again.conversationId).toBe(conversationId);
    expect(fake.conversation(conversationId).status).toBe('open');
    const other = fake.writeAsCustomer({ contact: mara, content: 'New topic', newConversation: true });
    expect(other.conversationId).not.toBe(conversationId);
  });

  test('receipts, when on, are message_updated', async () => {
    const { fake, receiver } = await startLine({ habits: { deliveryReceipts: true } });
    const { conversationId } = fake.writeAsCustomer({ contact: mara, content: 'Hi' });
    fake.writeAsAgent({ conversationId, content: 'Hello' });
    await fake.idle();
    expect(receiver.of('message_updated')).toHaveLength(2);
  });

  test('an API write comes back as the same event', async () => {
    const { fake, receiver } = await startLine();
    const { conversationId } = fake.writeAsCustomer({ contact: mara, content: 'Hi' });
    const path = `/conversations/${conversationId}/messages`;
    await api(fake, 'POST', path, { content: 'note', private: true, content_attributes: { marker: 'm1' } });
    await fake.idle();
    expect(receiver.of('message_created').at(-1)?.body).toMatchObject({
      content: 'note',
      content_attributes: { marker: 'm1' },
      sender: { id: fake.ids.administrator, type: 'user' },
    });
  });

  test('updated_at moves with every change', async () => {
    const { fake, receiver } = await startLine();
    const { conversationId } = fake.writeAsCustomer({ contact: mara, content: 'Hi' });
    for (const label of ['a', 'b', 'c']) {
      fake.setLabels(conversationId, [label]);
      await fake.idle();
    }
    const times = receiver.of('conversation_updated').map(({ body }) => Number(body.updated_at));
    expect(new Set(times).size).toBe(3);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });
});

test('an API inbox gets every event of its conversations, signed with its own secret', async () => {
  const { fake, receiver } = await startLine();
  const inbox = await listen();
  const { secret } = fake.connectApiInbox(inbox.url);
  fake.writeAsCustomer({ contact: mara, inboxId: fake.ids.apiInbox, content: 'Hi' });
  await fake.idle();
  expect(inbox.events()).toEqual(['conversation_created', 'message_created']);
  expect(receiver.events()).toHaveLength(4);
  const { json } = await api(fake, 'GET', `/inboxes/${fake.ids.apiInbox}`);
  expect(json).toMatchObject({ secret });
  const asAgent = await api(fake, 'GET', `/inboxes/${fake.ids.apiInbox}`, undefined, fake.tokens.agent);
  expect(asAgent.json).not.toHaveProperty('secret');
});

test('an API inbox that fails makes the message a failed one', async () => {
  const { fake, receiver } = await startLine();
  const inbox = await listen(() => 503);
  fake.connectApiInbox(inbox.url);
  const { conversationId } = fake.writeAsCustomer({
    contact: mara,
    inboxId: fake.ids.apiInbox,
    content: 'Hi',
  });
  await fake.idle();
  expect(fake.messages(conversationId)[0]).toMatchObject({
    status: 'failed',
    contentAttributes: { external_error: '503 Service Unavailable' },
  });
  expect(receiver.of('message_updated')).toHaveLength(1);
});
