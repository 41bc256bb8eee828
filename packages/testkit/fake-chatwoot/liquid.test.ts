import { expect, test } from 'vitest';
import { api, mara, startFake } from './testing-line.ts';

test.each([
  ['Hi {{contact.name}}', 'Hi Mara Lindqvist'],
  ['Hi {{ contact.first_name }}!', 'Hi Mara!'],
  ['{{ contact.shoe_size }}|', '|'],
  ['use `{{contact.name}}` here: {{contact.email}}', `use \`{{contact.name}}\` here: ${mara.email}`],
  ['a {% if x %}b', 'a b'],
  ['broken {{ contact.name', 'broken {{ contact.name'],
  ['plain', 'plain'],
])('outgoing %j is stored as %j', async (content, stored) => {
  const fake = await startFake();
  const { conversationId } = fake.writeAsCustomer({ contact: mara, content: '{{contact.name}}' });
  const path = `/conversations/${conversationId}/messages`;
  const { json } = await api(fake, 'POST', path, { content, private: true });
  expect(json).toMatchObject({ content: stored, private: true });
  expect(fake.messages(conversationId).map((message) => message.content)).toEqual([
    '{{contact.name}}',
    stored,
  ]);
});
