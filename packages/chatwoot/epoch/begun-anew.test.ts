import { expect, test } from 'vitest';
import type { ConversationStatus } from '../event.ts';
import type { MessageRecord } from '../records.ts';
import { begunAnew } from './begun-anew.ts';

let id = 100;

function activity(content: string, setsStatus?: ConversationStatus): MessageRecord {
  id += 1;
  return {
    id,
    conversation: 17,
    content,
    type: 'activity',
    private: false,
    contentType: 'text',
    sender: null,
    createdAt: null,
    deleted: false,
    automated: false,
    marker: null,
    attachments: 0,
    ...(setsStatus === undefined ? {} : { setsStatus }),
  };
}

const resolved = 'Conversation was marked resolved by Ada';
const reopened = 'Conversation was reopened by Ada';
const pending = 'Conversation was marked as pending by Ada';

test.each<[string, readonly MessageRecord[], ReturnType<typeof begunAnew>]>([
  ['nothing happened', [], null],
  ['it was resolved', [activity(resolved)], 'resolved'],
  ['it was resolved and opened again', [activity(resolved), activity(reopened)], 'resolved'],
  ['a person had it and gave it back', [activity(reopened), activity(pending)], 'pending'],
  ['it was only opened', [activity(reopened)], null],
  ['it became pending, nobody having had it', [activity(pending)], null],
  ['it was opened after it was pending', [activity(pending), activity(reopened)], null],
  ['in words nobody knows, with the status beside', [activity('Ny status', 'resolved')], 'resolved'],
  ['in words nobody knows', [activity('Ny status')], null],
])('%s', (_what, activities, anew) => {
  const messages = [...activities, written()];
  expect(begunAnew(messages)).toBe(anew);
  expect(begunAnew(messages.reverse())).toBe(anew);
});

test('is not told while the customer has written nothing since: their message may be what opened it again', () => {
  expect(begunAnew([activity(resolved)])).toBeNull();
  expect(begunAnew([activity(reopened), activity(pending)])).toBeNull();
});

test('the customer’s own words tell nothing', () => {
  expect(begunAnew([{ ...written(), content: resolved }])).toBeNull();
});

function written(): MessageRecord {
  return {
    ...activity('And on Sundays?'),
    type: 'incoming',
    sender: { kind: 'contact', id: 5, name: null },
  };
}
