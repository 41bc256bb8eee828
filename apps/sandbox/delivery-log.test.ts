import { beforeEach, expect, test } from 'vitest';
import { Board } from './board.ts';
import { DeliveryLog } from './delivery-log.ts';

const sentAt = 1_000_000;
let log: DeliveryLog;

beforeEach(() => {
  log = new DeliveryLog(new Board());
  log.pressed(7, sentAt);
});

test('times an effect from the moment the customer pressed send', () => {
  deliver('d1', { event: 'conversation_created', id: 7 }, ['crm-sync']);
  const took = log.effect({
    conversation: 7,
    queue: 'crm-sync',
    text: 'lead',
    at: sentAt + 58,
    marker: null,
  });
  expect(took).toBe(58);
  expect(log.list()[0]?.effects).toEqual([{ queue: 'crm-sync', text: 'lead', tookMs: 58 }]);
});

test('puts an answer down to the message that its marker names', () => {
  deliver('d1', messageBy('incoming'), ['bot-replies']);
  deliver('d2', messageBy('incoming'), ['bot-replies']);
  log.effect({
    conversation: 7,
    queue: 'bot-replies',
    text: 'answer',
    at: sentAt,
    marker: 'bot-replies:d1:reply',
  });
  expect(log.list().map(({ effects }) => effects.length)).toEqual([1, 0]);
});

test("never puts the bot's effects down to the echo of its own answer", () => {
  deliver('d1', messageBy('incoming'), ['bot-replies']);
  deliver('d2', messageBy('outgoing'), ['bot-replies']);
  log.effect({ conversation: 7, queue: 'bot-replies', text: 'team Sales', at: sentAt, marker: null });
  expect(log.list().map(({ effects }) => effects.length)).toEqual([1, 0]);
});

test('knows what a worker said before Chatwoot had its answer', () => {
  log.job({ delivery: 'd1', queue: 'routing', state: 'done', note: 'assign: rule enterprise' });
  deliver('d1', { event: 'conversation_created', id: 7 }, ['routing']);
  expect(log.list()[0]?.jobs).toEqual([{ queue: 'routing', state: 'done', note: 'assign: rule enterprise' }]);
});

test('does not time a repeated delivery from an old send', () => {
  deliver('d1', messageBy('incoming'), ['bot-replies']);
  deliver('d1', messageBy('incoming'), []);
  expect(log.list().map(({ sinceSendMs }) => sinceSendMs)).toEqual([5, null]);
});

test('shows a strange body as what it is', () => {
  log.pass({ deliveryId: 'd1', body: '{"event":', at: sentAt })({
    status: 400,
    ms: 1,
    body: 'no',
    error: null,
  });
  expect(log.list()[0]).toMatchObject({ event: '?', conversation: null, status: 400, answer: 'failed' });
});

function deliver(id: string, payload: unknown, queues: readonly string[]): void {
  const body = JSON.stringify({ status: 'accepted', delivery: id, queues });
  log.pass({ deliveryId: id, body: JSON.stringify(payload), at: sentAt + 5 })({
    status: 200,
    ms: 2,
    body,
    error: null,
  });
}

function messageBy(message_type: string): unknown {
  return { event: 'message_created', id: 1, message_type, conversation: { id: 7 } };
}
