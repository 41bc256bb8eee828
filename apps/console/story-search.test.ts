import { expect, test } from 'vitest';
import { readSearch, type Search, wordsOf } from './story-search.ts';

const conversation = (account: number | null, id: number): Search => ({ kind: 'conversation', account, id });
const contact = (account: number | null, id: number): Search => ({ kind: 'contact', account, id });
const delivery = (id: string): Search => ({ kind: 'delivery', id });
const UUID = '8a535152-c9a5-4ad9-95d7-d307d80729c6';

test.each([
  ['42', conversation(null, 42)],
  [' #42 ', conversation(null, 42)],
  ['conversation 42', conversation(null, 42)],
  ['Conversation #42', conversation(null, 42)],
  ['3/42', conversation(3, 42)],
  ['3 / 42', conversation(3, 42)],
  ['3/conversation/42', conversation(3, 42)],
  ['v3-42', conversation(3, 42)],
  ['https://chat.example.com/app/accounts/3/conversations/42', conversation(3, 42)],
  ['https://chat.example.com/app/accounts/3/conversations/42?messageId=7#x', conversation(3, 42)],
  ['http://localhost:3000/sub/app/accounts/3/inbox/12/conversations/42/', conversation(3, 42)],
  ['https://chat.example.com/app/accounts/3/label/vip/conversations/42', conversation(3, 42)],
  ['/app/accounts/3/conversations/42', conversation(3, 42)],
  ['contact 17', contact(null, 17)],
  ['contact/17', contact(null, 17)],
  ['3/contact/17', contact(3, 17)],
  ['3/contacts/17', contact(3, 17)],
  ['c3-17', contact(3, 17)],
  ['https://chat.example.com/app/accounts/3/contacts/17', contact(3, 17)],
  [UUID, delivery(UUID)],
  [`delivery ${UUID}`, delivery(UUID)],
  ['body-0123456789abcdef', delivery('body-0123456789abcdef')],
  ['', { kind: 'nothing' }],
  ['   ', { kind: 'nothing' }],
  ['my broken chat', { kind: 'unclear' }],
  ['https://chat.example.com/app/accounts/3/settings', { kind: 'unclear' }],
  ['<script>alert(1)</script>', { kind: 'unclear' }],
  ['3/42/5', { kind: 'unclear' }],
  ['x'.repeat(1_000), { kind: 'unclear' }],
  ['9'.repeat(40), delivery('9'.repeat(40))],
  ['https://', { kind: 'unclear' }],
])('%j', (text, found) => {
  expect(readSearch(text)).toEqual(found);
});

test.each([conversation(3, 42), conversation(null, 42), contact(3, 17), contact(null, 17), delivery(UUID)])(
  'what was read can be written down and read again: %j',
  (search) => {
    const words = wordsOf(readSearch(wordsOf(search)));
    expect(readSearch(words)).toEqual(search);
  },
);

test('no text takes long to be read', () => {
  const begun = performance.now();
  for (const part of ['/accounts/3/', '3/', 'contact ', '#', ' ', '1'])
    readSearch(part.repeat(300).slice(0, 300));
  expect(performance.now() - begun).toBeLessThan(1_000);
});
