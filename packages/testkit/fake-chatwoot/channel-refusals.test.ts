import { expect, test } from 'vitest';
import { api, mara, startLine } from './testing-line.ts';

test('a channel refuses what Chatwoot has taken: the message fails a moment later', async () => {
  const { fake, receiver } = await startLine();
  const { conversationId } = fake.writeAsCustomer({ contact: mara, content: 'Hi' });
  fake.failDeliveries(fake.ids.websiteInbox, { error: '131026: Undeliverable', count: 1 });
  const path = `/conversations/${conversationId}/messages`;
  const body = { content: 'Hello', content_attributes: { marker: 'm' } };
  expect((await api(fake, 'POST', path, body)).json).toMatchObject({ status: 'sent' });
  fake.writeAsAgent({ conversationId, content: 'a note', private: true });
  fake.writeAsAgent({ conversationId, content: 'Hello again' });
  await fake.idle();
  expect(receiver.of('message_updated').map((each) => each.body)).toMatchObject([
    { content: 'Hello', content_attributes: { marker: 'm', external_error: '131026: Undeliverable' } },
  ]);
  expect(fake.messages(conversationId).map(({ status }) => status)).toEqual([
    'sent',
    'failed',
    'sent',
    'sent',
  ]);
});

test('outside its window a channel takes no answer, and the conversation says so', async () => {
  const { fake } = await startLine();
  fake.setReplyWindow(fake.ids.websiteInbox, 24);
  const { conversationId } = fake.writeAsCustomer({ contact: mara, content: 'Hi' });
  const read = async () => (await api(fake, 'GET', `/conversations/${conversationId}`)).json;
  expect(await read()).toMatchObject({ can_reply: true });
  fake.setReplyWindow(fake.ids.websiteInbox, 0);
  expect(await read()).toMatchObject({ can_reply: false });
  fake.writeAsAgent({ conversationId, content: 'Too late' });
  await fake.idle();
  expect(fake.messages(conversationId).at(-1)).toMatchObject({ status: 'failed' });
});
