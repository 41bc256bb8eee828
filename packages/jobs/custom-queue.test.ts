import type { ChatwootEvent } from '@switchyard/chatwoot';
import { BUILT_IN_QUEUES, type CustomWorkerConfig } from '@switchyard/config';
import { describe, expect, test } from 'vitest';
import { createCatalogue, type PlanFault, queues } from './catalogue.ts';
import { customQueue } from './custom-queue.ts';
import { eventOf } from './testing-events.ts';

const defaults = {
  events: ['conversation_created'],
  lane: 'conversation',
  concurrency: 10,
  giveUpAfterHours: 2,
  timeoutMs: 10_000,
  steps: () => {},
} satisfies CustomWorkerConfig;

const contact = { name: 'contact_updated', conversation: null, contact: person(7) };

function plan(over: Partial<CustomWorkerConfig>, event: ChatwootEvent = eventOf(11)) {
  const faults: Omit<PlanFault, 'error'>[] = [];
  const catalogue = createCatalogue({
    custom: [customQueue('mine', { ...defaults, ...over })],
    onFault: ({ queue, part }) => void faults.push({ queue, part }),
  });
  return { jobs: catalogue.plan(event), faults };
}

const lanes = (...given: Parameters<typeof plan>) =>
  plan(...given).jobs.flatMap(({ queue, lane }) => (queue === 'mine' ? [lane] : []));

test('the queues of the config are those of the catalogue', () => {
  expect(queues.map(({ name }) => name)).toEqual(BUILT_IN_QUEUES);
});

test('a custom queue has the patience its worker asks for', () => {
  expect(customQueue('mine', defaults)).toMatchObject({
    name: 'mine',
    concurrency: 10,
    policy: { giveUpAfterMs: 7_200_000 },
  });
});

describe('a custom queue is planned for', () => {
  test('beside our own', () => {
    expect(plan({}).jobs.map(({ queue }) => queue)).toEqual(['crm-sync', 'bot-replies', 'routing', 'mine']);
  });

  test('events by name', () => {
    expect(lanes({})).toEqual(['v3-11']);
    expect(lanes({}, eventOf(11, { name: 'conversation_updated' }))).toEqual([]);
  });

  test('events that its function wants', () => {
    expect(lanes({ events: ({ account }: ChatwootEvent) => account === 3 })).toEqual(['v3-11']);
    expect(lanes({ events: () => false })).toEqual([]);
  });

  test('only where it is enabled', () => {
    const catalogue = createCatalogue({
      custom: [customQueue('mine', defaults)],
      enabled: new Set(['routing']),
    });
    expect(catalogue.plan(eventOf(11)).map(({ queue }) => queue)).toEqual(['routing']);
  });
});

describe('its lane', () => {
  test.each([
    ['conversation', eventOf(11), 'v3-11'],
    ['conversation', eventOf(0, contact), 'c3-7'],
    ['contact', eventOf(11, { contact: person(7) }), 'c3-7'],
    ['contact', eventOf(11), 'v3-11'],
  ] as const)('%s', (lane, event, expected) => {
    const names = ['conversation_created', 'contact_updated'] as const;
    expect(lanes({ events: [...names], lane }, event)).toEqual([expected]);
  });

  test('a function names it, within the account', () => {
    expect(lanes({ lane: ({ inbox }: ChatwootEvent) => `inbox ${inbox?.id}` })).toEqual(['u3-inbox 12']);
  });
});

describe('a function of the user that fails', () => {
  const boom = (): never => {
    throw new Error('boom');
  };

  test.each([
    ['throws', boom],
    ['returns undefined', () => JSON.parse('null')],
    ['is async', () => JSON.parse('[]')],
    ['changes the event', (event: ChatwootEvent) => Reflect.apply(rename, null, [event])],
  ])('events: %s → wanted and told, and the others are planned as ever', (_what, events) => {
    const { jobs, faults } = plan({ events });
    expect(jobs).toEqual([
      { queue: 'crm-sync', lane: 'v3-11' },
      { queue: 'bot-replies', lane: 'v3-11' },
      { queue: 'routing', lane: 'v3-11' },
      { queue: 'mine', lane: 'v3-11' },
    ]);
    expect(faults).toEqual([{ queue: 'mine', part: 'events' }]);
  });

  test('a promise that rejects does no harm', async () => {
    const events = (): boolean => JSON.parse('true');
    const rejecting = new Proxy(events, { apply: () => Promise.reject(new Error('boom')) });
    expect(plan({ events: rejecting }).faults).toEqual([{ queue: 'mine', part: 'events' }]);
    await new Promise((resolve) => setImmediate(resolve));
  });

  test.each([
    ['throws', boom],
    ['gives nothing', () => ''],
    ['gives a novel', () => 'x'.repeat(201)],
  ])('lane: %s → the lane of the conversation', (_what, lane) => {
    const { jobs, faults } = plan({ lane });
    expect(jobs.at(-1)).toEqual({ queue: 'mine', lane: 'v3-11' });
    expect(faults).toEqual([{ queue: 'mine', part: 'lane' }]);
  });
});

function rename(event: { name: string }): boolean {
  event.name = 'other';
  return true;
}

function person(id: number): NonNullable<ChatwootEvent['contact']> {
  return {
    id,
    name: null,
    email: null,
    phone: null,
    identifier: null,
    blocked: false,
    customAttributes: {},
    city: null,
    country: null,
  };
}
