import { expect, test } from 'vitest';
import { contentAttributesWith } from './marker.ts';
import { scriptedChatwoot } from './testing-server.ts';

const sent = {
  id: 90360,
  content: 'Hi Mara',
  inbox_id: 12,
  conversation_id: 1187,
  message_type: 1,
  content_type: 'text',
  status: 'sent',
  content_attributes: { switchyard: 'reply:1' },
  created_at: 1781770600,
  private: false,
  source_id: null,
  sender: { id: 5, name: 'Triage Bot', type: 'agent_bot' },
  novelty: true,
};
const record = {
  id: 90360,
  conversation: 1187,
  content: 'Hi Mara',
  type: 'outgoing',
  private: false,
  contentType: 'text',
  sender: { kind: 'agent_bot', id: 5, name: 'Triage Bot' },
  createdAt: 1781770600000,
  deleted: false,
  automated: false,
  marker: 'reply:1',
  attachments: 0,
};

test('create sends an outgoing message with its marker', async () => {
  const { client, received } = await scriptedChatwoot(() => ({ body: sent }));
  const contentAttributes = contentAttributesWith('reply:1');
  expect(await client.messages.create(3, 1187, { content: 'Hi Mara', contentAttributes })).toEqual(record);
  expect(received[0]).toMatchObject({
    line: 'POST /api/v1/accounts/3/conversations/1187/messages',
    headers: { 'content-type': 'application/json' },
    body: {
      content: 'Hi Mara',
      message_type: 'outgoing',
      private: false,
      content_attributes: { switchyard: 'reply:1' },
    },
  });
});

test('create writes a private note of another content type', async () => {
  const { client, received } = await scriptedChatwoot(() => ({ body: { ...sent, private: true } }));
  const note = await client.messages.create(3, 1187, { content: 'x', private: true, contentType: 'article' });
  expect(note.private).toBe(true);
  expect(received[0]?.body).toEqual({
    content: 'x',
    message_type: 'outgoing',
    private: true,
    content_type: 'article',
  });
});

test.each([
  [undefined, ''],
  [{}, ''],
  [{ after: 90341 }, '?after=90341'],
  [{ before: 5, after: 2 }, '?after=2&before=5'],
])('list asks for the page %j', async (page, query) => {
  const body = { meta: { labels: [] }, payload: [sent, { id: 1, message_type: 2, content: null }] };
  const { client, received } = await scriptedChatwoot(() => ({ body }));
  const messages = await client.messages.list(3, 1187, page);
  expect(messages[0]).toEqual(record);
  expect(messages[1]).toMatchObject({ id: 1, type: 'activity', content: null, marker: null });
  expect(received[0]?.line).toBe(`GET /api/v1/accounts/3/conversations/1187/messages${query}`);
});

test('list tells who wrote a message from sender_type where the sender has no type', async () => {
  const payload = [
    { id: 1, message_type: 0, sender_type: 'Contact', sender: { id: 9 } },
    { id: 2, message_type: 1, sender_type: 'AgentBot', sender: { id: 9 } },
  ];
  const { client } = await scriptedChatwoot(() => ({ body: { payload } }));
  const kinds = (await client.messages.list(3, 1187)).map((message) => message.sender?.kind);
  expect(kinds).toEqual(['contact', 'agent_bot']);
});
