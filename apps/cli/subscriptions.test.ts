import { loadCliConfig } from '@switchyard/config';
import { expect, test } from 'vitest';
import { neededSubscriptions } from './subscriptions.ts';

const { workers: none } = await loadCliConfig({ env: {}, cwd: '/' });
const worker = {
  lane: 'conversation',
  concurrency: 1,
  giveUpAfterHours: 1,
  timeoutMs: 1_000,
  steps: () => undefined,
} as const;

const botNeeds = [
  'conversation_created',
  'conversation_updated',
  'conversation_status_changed',
  'message_created',
  'message_updated',
];

test.each([
  [['crm-sync'], ['conversation_created', 'contact_updated']],
  [['routing'], ['conversation_created']],
  [['bot-replies'], botNeeds],
  [
    ['crm-sync', 'bot-replies', 'routing'],
    [...botNeeds, 'contact_updated'],
  ],
  [[], []],
])('the queues %j need %j', (queues, needed) => {
  expect(neededSubscriptions({ queues, workers: none })).toEqual({ needed, unsure: [] });
});

test("a custom worker's list is added; what only agent bots get is not subscribed to", () => {
  const workers = { vip: { ...worker, events: ['contact_created', 'conversation_resolved'] as const } };
  expect(neededSubscriptions({ queues: ['routing', 'vip'], workers })).toEqual({
    needed: ['conversation_created', 'contact_created'],
    unsure: [],
  });
});

test('a custom worker that asks with a function may want every event', () => {
  const workers = { vip: { ...worker, events: () => false } };
  const { needed, unsure } = neededSubscriptions({ queues: ['vip'], workers });
  expect(needed).toHaveLength(12);
  expect(unsure).toEqual(['vip']);
});
