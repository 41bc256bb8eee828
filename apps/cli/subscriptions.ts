import {
  blankContact,
  blankConversation,
  blankMessage,
  type ChatwootEvent,
  type Message,
  SUBSCRIBABLE,
} from '@switchyard/chatwoot';
import type { CliConfig } from '@switchyard/config';
import { createCatalogue } from '@switchyard/jobs';

export interface Subscriptions {
  /** What the account webhook has to be subscribed to, in Chatwoot's names. */
  readonly needed: readonly string[];
  /** Workers that choose events with a function, so that nobody can tell which: all are needed for them. */
  readonly unsure: readonly string[];
}

/** Which events the queues of this installation want, asked of the catalogue itself with one event of each name. */
export function neededSubscriptions({
  queues,
  workers,
}: Pick<CliConfig, 'queues' | 'workers'>): Subscriptions {
  const catalogue = createCatalogue({ enabled: new Set(queues) });
  const listed = new Set<string>();
  const unsure: string[] = [];
  for (const [name, { events }] of Object.entries(workers)) {
    if (Array.isArray(events)) for (const event of events) listed.add(event);
    else unsure.push(name);
  }
  const needed = SUBSCRIBABLE.filter(
    (name) => unsure.length > 0 || listed.has(name) || catalogue.plan(probe(name)).length > 0,
  );
  return { needed, unsure };
}

/** An event of this name in which everything is there, something changed, and what we sent was not delivered. */
function probe(name: string): ChatwootEvent {
  return {
    name,
    delivery: { id: 'probe', source: 'default', kind: 'account', receivedAt: 0 },
    account: 1,
    inbox: { id: 1, name: null },
    conversation: { ...blankConversation, id: 1, status: 'open' },
    contact: { ...blankContact, id: 1 },
    message: name.startsWith('message_') ? undelivered : null,
    actor: null,
    changes: { name: { from: null, to: 'probe' }, status: { from: 'pending', to: 'open' } },
  };
}

const undelivered: Message = {
  ...blankMessage,
  id: 1,
  type: 'outgoing',
  content: 'probe',
  contentType: 'text',
  marker: 'bot-replies:probe:reply',
  undelivered: 'failed',
};
