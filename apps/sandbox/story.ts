import type {
  MessageView as ChatwootMessage,
  ContactView,
  Effect,
  FakeChatwoot,
  FakeCrm,
  Lead,
} from '@switchyard/testkit';
import type { Board } from './board.ts';
import { type Customer, customers } from './customers.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { Refusal } from './page-server.ts';
import type { Author, LeadView, MessageView } from './view.ts';

export interface Story {
  /** Writes as a customer; `conversation` null starts a new one. */
  write(customer: string, text: string, conversation: number | null): { readonly conversation: number };
  /** What the other sides hold of a conversation, to be compared later. */
  tally(conversation: number): Tally;
  close(): void;
}

interface Tally {
  readonly answers: number;
  readonly leads: number;
}

/**
 * Follows what becomes of each conversation in the pretend Chatwoot and CRM, for the board: the chat, the team,
 * the lead, and how long each took since the customer pressed send.
 */
export function tellStory(parts: {
  readonly board: Board;
  readonly chatwoot: FakeChatwoot;
  readonly crm: FakeCrm;
  readonly deliveries: DeliveryLog;
}): Story {
  const { board, chatwoot, crm, deliveries } = parts;
  const writers = new Map<number, Customer>();
  const teamTook = new Map<number, number | null>();
  const messageTook = new Map<number, number | null>();
  const leadTook = new Map<number, number | null>();
  let effectsSeen = 0;
  let writesSeen = 0;

  const follow = () => {
    const effects = chatwoot.effects();
    for (const effect of effects.slice(effectsSeen)) onEffect(effect);
    effectsSeen = effects.length;
    const writes = crm.writes();
    for (const write of writes.slice(writesSeen)) {
      const lead = crm.leads().find(({ id }) => id === write.leadId);
      const conversation = lead === undefined ? null : conversationOf(lead);
      if (!write.committed || conversation === null) continue;
      const marker = write.idempotencyKey;
      if (write.method === 'POST') {
        const seen = { conversation, queue: 'crm-sync', text: 'lead in CRM', at: write.at, marker };
        leadTook.set(conversation, deliveries.effect(seen));
      } else {
        deliveries.effect({ conversation, queue: 'crm-sync', text: 'lead updated', at: write.at, marker });
      }
    }
    writesSeen = writes.length;
    for (const conversation of chatwoot.conversations()) show(conversation.id);
  };

  const onEffect = (effect: Effect) => {
    const { conversationId, kind, at, tokenKind, value } = effect;
    if (conversationId === null) return;
    const text = effectText(kind, value, chatwoot.conversation(conversationId).team?.name ?? null);
    if (text === null) return;
    const queue = kind === 'message' || tokenKind === 'bot' ? 'bot-replies' : 'routing';
    const marker = effect.contentAttributes?.switchyard;
    const took = deliveries.effect({
      conversation: conversationId,
      queue,
      text,
      at,
      marker: typeof marker === 'string' ? marker : null,
    });
    if (kind === 'team') teamTook.set(conversationId, took);
    if (effect.messageId !== undefined) messageTook.set(effect.messageId, took);
  };

  const show = (id: number) => {
    const { status, priority, team, assignee } = chatwoot.conversation(id);
    const lead = leadOf(id);
    board.set(`conversation/${id}`, {
      id,
      customer: writers.get(id)?.id ?? '',
      status,
      priority,
      team: team === null ? null : titled(team.name),
      teamTookMs: teamTook.get(id) ?? null,
      assignee: assignee?.name ?? null,
      messages: chatwoot
        .messages(id)
        .filter((message) => !message.private)
        .map((message) => messageView(message, messageTook.get(message.id) ?? null)),
      lead: lead === undefined ? null : leadView(lead, leadTook.get(id) ?? null),
    });
  };

  const leadOf = (conversation: number) => crm.leads().find((lead) => conversationOf(lead) === conversation);
  const stops = [chatwoot.on('change', follow), crm.on('change', follow)];

  return {
    write(customerId, text, conversation) {
      const customer = customers.find(({ id }) => id === customerId);
      if (customer === undefined) throw new Refusal(`nobody here is called ${customerId}`);
      if (conversation !== null && writers.get(conversation) !== customer) {
        throw new Refusal(`conversation ${conversation} is not ${customer.name}'s`);
      }
      const at = Date.now();
      const written = chatwoot.writeAsCustomer({
        content: text,
        ...contactOf(customer, chatwoot.contacts()),
        ...(conversation === null ? { newConversation: true } : { conversationId: conversation }),
      });
      // Its webhooks go out a moment after this, so they are timed from here.
      deliveries.pressed(written.conversationId, at);
      writers.set(written.conversationId, customer);
      show(written.conversationId);
      return { conversation: written.conversationId };
    },
    tally: (conversation) => ({
      answers: chatwoot.messages(conversation).filter(({ type }) => type === 'outgoing').length,
      leads: crm.leads().filter((lead) => conversationOf(lead) === conversation).length,
    }),
    close() {
      for (const stop of stops) stop();
    },
  };
}

/** An effect in the page's words; null for what nobody wants to read. */
function effectText(kind: Effect['kind'], value: unknown, team: string | null): string | null {
  switch (kind) {
    case 'message':
      return 'bot answered';
    case 'team':
      return team === null ? 'team taken away' : `team ${titled(team)}`;
    case 'priority':
      return `priority ${String(value)}`;
    case 'status':
      return `status ${String(value)}`;
    case 'assignee':
      return 'agent assigned';
    case 'labels':
      return 'labels set';
    default:
      return null;
  }
}

/** The contact of earlier writing, or the fields to make it from; a visitor without e-mail is told by the name. */
function contactOf(customer: Customer, contacts: readonly ContactView[]) {
  const known = contacts.find(({ email, name }) =>
    customer.email === null ? name === customer.name : email === customer.email,
  );
  if (known !== undefined) return { contactId: known.id };
  const { name, email, phone } = customer;
  return { contact: { name, email, phone } };
}

function messageView(message: ChatwootMessage, tookMs: number | null): MessageView {
  const { id, content, createdAt, sender } = message;
  return {
    id,
    author: authorOf(message),
    name: sender?.name ?? 'Chatwoot',
    text: content ?? '',
    at: createdAt,
    tookMs,
  };
}

function authorOf({ type, sender }: ChatwootMessage): Author {
  if (type === 'activity' || sender === null) return 'system';
  if (sender.kind === 'Contact') return 'customer';
  return sender.kind === 'AgentBot' ? 'bot' : 'agent';
}

function leadView(lead: Lead, tookMs: number | null): LeadView {
  const { id, created_at: _, updated_at: __, ...fields } = lead;
  return {
    id,
    fields: Object.entries(fields).map(([name, value]) => [name, value == null ? null : String(value)]),
    tookMs,
  };
}

function conversationOf(lead: Lead): number | null {
  const id = lead.conversation_url?.match(/\/conversations\/(\d+)$/)?.[1];
  return id === undefined ? null : Number(id);
}

/** Chatwoot keeps team names in lower case; people don't write them so. */
function titled(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
