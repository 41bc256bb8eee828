import type { ChatwootEvent } from '@switchyard/chatwoot';
import type { PlannedDelivery } from './enqueue.ts';

let made = 0;

/** An event as the ingress makes it, for tests: of this conversation, with a delivery id of its own. */
export function eventOf(conversation: number, over: Partial<ChatwootEvent> = {}): ChatwootEvent {
  made += 1;
  return {
    name: 'conversation_created',
    delivery: {
      id: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
      source: 'default',
      kind: 'account',
      receivedAt: Date.now(),
    },
    account: 3,
    inbox: { id: 12, name: 'Website Chat' },
    conversation: {
      id: conversation,
      channel: 'Channel::WebWidget',
      status: 'open',
      priority: null,
      labels: [],
      assignee: null,
      team: null,
      customAttributes: {},
      language: null,
      createdAt: null,
      updatedAt: null,
      firstReplyAt: null,
    },
    contact: null,
    message: null,
    actor: null,
    changes: null,
    ...over,
  };
}

/** A delivery planned for one queue, known by its delivery id alone. */
export function deliveryOf(
  event: ChatwootEvent,
  queue = 'routing',
  over: Partial<PlannedDelivery> = {},
): PlannedDelivery {
  return {
    event,
    jobs: [{ queue, lane: `v3-${event.conversation?.id ?? 0}` }],
    semanticKey: null,
    replayKey: null,
    ...over,
  };
}
