import type { ConversationState } from '@switchyard/chatwoot';
import { eventOf } from '@switchyard/jobs/testing';
import { expect, test } from 'vitest';
import { createHandOverPending } from './hand-over-pending.ts';

const { conversation } = eventOf(7);
if (conversation === null) throw new Error('the event has no conversation');
const pending: ConversationState = {
  ...conversation,
  ...{
    status: 'pending',
    updatedAt: 1_000_000,
    inboxId: 12,
    contact: null,
    snoozedUntil: null,
    waitingSince: null,
  },
};

/** A line that knows which deliveries it has had, and one pending conversation that nothing changes. */
function lay() {
  const bot = { on: false, at: 1, by: 'Ada' };
  const entered = new Set<string>();
  const duty = createHandOverPending({
    botSwitch: { read: () => Promise.resolve({ ...bot }) },
    client: {
      profile: () => Promise.reject(new Error('not asked')),
      inboxes: {
        list: () => Promise.resolve([{ id: 12, name: 'Website', channelType: null, identifier: null }]),
      },
      conversations: { list: () => Promise.resolve([pending]) },
    },
    botOfInbox: () => Promise.resolve({ kind: 'ours', id: 1 }),
    enqueuer: {
      enqueue: (deliveries) =>
        Promise.resolve(
          deliveries.map(({ event: { delivery } }) => {
            if (entered.has(delivery.id)) return 'duplicate-delivery';
            entered.add(delivery.id);
            return 'accepted';
          }),
        ),
    },
    accounts: [3],
  });
  const round = async () => (await duty.round(new AbortController().signal)).found;
  return { bot, round };
}

test('turned off, on and off again, what is pending and unchanged is handed over by the second time too', async () => {
  const { bot, round } = lay();
  expect(await round()).toEqual({ 'bot-off': 1 });
  expect(await round()).toEqual({ 'bot-off': 0 });
  // On before the order's job ran: it finds the bot on and does nothing.
  Object.assign(bot, { on: true, at: 2 });
  expect(await round()).toEqual({});
  Object.assign(bot, { on: false, at: 3 });
  expect(await round()).toEqual({ 'bot-off': 1 });
});
