import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Line } from '@switchyard/testkit';
import { answer, beginning, textOf, writeScript } from './conversation.ts';
import { contactSubject, type DeliveryDesk } from './delivery-desk.ts';
import type { ConversationHistory, Tier, Told, Word } from './history.ts';
import type { Random } from './random.ts';

export interface CustomersParts {
  readonly line: Line;
  readonly desk: DeliveryDesk;
  readonly random: Random;
  /** Nobody writes while the ingress is known to be gone: what nobody took proves nothing. */
  readonly gate: () => Promise<void>;
  /** When this is over, nobody waits for anything any more. */
  readonly signal: AbortSignal;
}

/** Whom the customers database knows. */
export const enterpriseEmails = Array.from({ length: 100 }, (_, index) => `c${index}@enterprise.example`);

/** How often a delivery that was acknowledged is sent again, as the same delivery or as another of the same event. */
const REDELIVERED = 0.06;
const TWINNED = 0.04;
/** How often a sender whose delivery got no answer tries again until it gets one. */
const INSISTED = 0.5;

/** Customers, and people who answer them: they make the events, and note how each one's delivery went. */
export interface Customers {
  /** Holds conversations, so many at a time, until so many deliveries were sent. */
  write(deliveries: number, atATime: number): Promise<void>;
  /** Holds so many short conversations, one after the other: is everything as it was? */
  greet(conversations: number): Promise<void>;
  readonly conversations: readonly ConversationHistory[];
}

export function createCustomers({ line, desk, random, gate, signal }: CustomersParts): Customers {
  const { chatwoot } = line;
  const conversations: ConversationHistory[] = [];
  const enterprises = enterpriseEmails.values();
  let serial = 0;

  async function converse(words: readonly Word[]): Promise<void> {
    const talk = await begin(words[0] ?? 'chatter');
    for (const word of words.slice(1)) {
      if (signal.aborted) return;
      await gate();
      await say(talk, word);
    }
  }

  async function begin(word: Word): Promise<Talk> {
    serial += 1;
    const enterprise = random() < 0.2 ? enterprises.next().value : undefined;
    const tier: Tier = enterprise === undefined ? 'standard' : 'enterprise';
    const email = enterprise ?? `c${serial}@standard.example`;
    await gate();
    const { conversationId, messageId } = chatwoot.writeAsCustomer({
      contact: { name: `Customer ${serial}`, email },
      content: textOf(random, word),
    });
    const told: Told[] = [];
    const contact = chatwoot.conversation(conversationId).contactId;
    const talk = { conversation: conversationId, contact, tier, told };
    conversations.push({ conversation: conversationId, tier, told });
    const [created, first] = await Promise.all([
      send('created', 'conversation_created', String(conversationId)),
      send(word, 'message_created', String(messageId)),
    ]);
    told.push(created, first);
    return talk;
  }

  async function say(talk: Talk, word: Word): Promise<void> {
    const { conversation, contact, told } = talk;
    if (word === 'contact') {
      serial += 1;
      const name = `Renamed ${serial}`;
      chatwoot.updateContact(contact, { name });
      told.push(await send(word, 'contact_updated', contactSubject(contact, name)));
      return;
    }
    // People answer what they have read, and a handoff comes after the routing: neither races with the bot.
    if (word === 'human') await until(() => isAnswered(talk));
    if (word === 'yes') await until(() => isRouted(talk));
    const content = textOf(random, word);
    const { messageId } =
      word === 'human'
        ? chatwoot.writeAsAgent({ conversationId: conversation, content })
        : chatwoot.writeAsCustomer({ conversationId: conversation, content });
    told.push(await send(word, 'message_created', String(messageId)));
  }

  async function send(word: Word, event: string, subject: string): Promise<Told> {
    const attempt = await desk.delivered(event, subject);
    let acknowledged = attempt.status === 200;
    if (!acknowledged && random() < INSISTED) acknowledged = await insist(attempt.id);
    const at = Date.now();
    const twins: string[] = [];
    if (acknowledged && random() < REDELIVERED) await chatwoot.redeliver(attempt.id);
    if (acknowledged && random() < TWINNED) {
      const twin = randomUUID();
      twins.push(twin);
      const { url, body: payload } = attempt;
      await chatwoot.send({ url, payload, secret: line.secret, deliveryId: twin });
    }
    return { delivery: attempt.id, twins, word, acknowledged, at };
  }

  async function insist(delivery: string): Promise<boolean> {
    for (let tries = 0; tries < 20 && !signal.aborted; tries += 1) {
      await gate();
      const { status } = await chatwoot.redeliver(delivery);
      if (status === 200) return true;
      await sleep(200);
    }
    return false;
  }

  function isAnswered({ conversation, told }: Talk): boolean {
    const markers = new Set(
      chatwoot.messages(conversation).map(({ contentAttributes }) => contentAttributes.switchyard),
    );
    let state = beginning;
    return told.every(({ delivery, word, acknowledged }) => {
      if (!acknowledged) return true;
      const { messages, state: next } = answer(state, word);
      state = next;
      return messages.every((step) => markers.has(`bot-replies:${delivery}:${step}`));
    });
  }

  function isRouted({ conversation, tier, told }: Talk): boolean {
    const created = told.find(({ word }) => word === 'created');
    if (created?.acknowledged !== true) return true;
    const { team, priority } = chatwoot.conversation(conversation);
    return team !== null && (tier === 'standard' || priority !== null);
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition() && !signal.aborted) await sleep(50);
  }

  return {
    conversations,
    async write(deliveries, atATime) {
      const turn = async () => {
        while (desk.attempts < deliveries && !signal.aborted) await converse(writeScript(random));
      };
      await Promise.all(Array.from({ length: atATime }, turn));
    },
    async greet(count) {
      for (let done = 0; done < count; done += 1) await converse(['hours']);
    },
  };
}

interface Talk {
  readonly conversation: number;
  readonly contact: number;
  readonly tier: Tier;
  readonly told: Told[];
}
