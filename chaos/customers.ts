import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeChatwoot, Line } from '@switchyard/testkit';
import { answer, beginning, textOf, writeScript } from './conversation.ts';
import { contactSubject, type DeliveryDesk } from './delivery-desk.ts';
import type { ConversationHistory, Tier, Told, Word } from './history.ts';
import type { Random } from './random.ts';
import type { Scenery } from './scenery.ts';

export interface CustomersParts {
  readonly line: Line;
  readonly desk: DeliveryDesk;
  readonly random: Random;
  readonly scenery: Scenery;
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

export function createCustomers({ line, desk, random, scenery, gate, signal }: CustomersParts): Customers {
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
    // People answer what they have read, and take what was routed: they race neither with the bot nor with the routing.
    if (word === 'human' || word === 'take') await until(() => isAnswered(talk) && isRouted(talk));
    if (word === 'take') {
      told.push(take(conversation));
      return;
    }
    if (word === 'yes') await until(() => isRouted(talk));
    const content = textOf(random, word);
    const { messageId } =
      word === 'human'
        ? chatwoot.writeAsAgent({ conversationId: conversation, content })
        : chatwoot.writeAsCustomer({ conversationId: conversation, content });
    told.push(await send(word, 'message_created', String(messageId)));
  }

  /** By whoever has not got it yet: to take what is one's own changes nothing. */
  function take(conversation: number): Told {
    const { ids } = chatwoot;
    const has = chatwoot.conversation(conversation).assignee;
    const isAgents = has?.kind === 'user' && has.id === ids.agent;
    chatwoot.take(conversation, isAgents ? ids.secondAgent : ids.agent);
    serial += 1;
    return { delivery: `take-${serial}`, twins: [], word: 'take', acknowledged: true, at: Date.now() };
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
    const { status } = chatwoot.conversation(conversation);
    // Chatwoot has opened it: whatever the bot has not said by then it may never say.
    if (scenery.bot && status !== 'pending') return true;
    let state = beginning;
    const isSaid = told.every(({ delivery, word, acknowledged }) => {
      if (!acknowledged) return true;
      const { messages, state: next } = answer(state, word, scenery.bot);
      state = next;
      const ids = [delivery, ...desk.idsOf(delivery)];
      return messages.every((step) => ids.some((id) => markers.has(`bot-replies:${id}:${step}`)));
    });
    return isSaid && state.opened !== 'yes';
  }

  function isRouted({ conversation, tier, told }: Talk): boolean {
    const created = told.find(({ word }) => word === 'created');
    if (created?.acknowledged !== true || !scenery.routed) return true;
    const { team, priority } = chatwoot.conversation(conversation);
    return team !== null && (tier === 'standard' || priority !== null);
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition() && !signal.aborted) await sleep(50);
  }

  function historyOf({ conversation, tier, told }: ConversationHistory): ConversationHistory {
    const all = told.map((each) => {
      return { ...each, twins: [...each.twins, ...desk.idsOf(each.delivery)] };
    });
    const history = { conversation, tier, routed: scenery.routed, told: all };
    return scenery.bot ? { ...history, botsInbox: endOf(chatwoot, conversation) } : history;
  }

  return {
    get conversations() {
      return conversations.map(historyOf);
    },
    async write(deliveries, atATime) {
      const turn = async () => {
        while (desk.attempts < deliveries && !signal.aborted)
          await converse(writeScript(random, scenery.takes));
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

function endOf(chatwoot: FakeChatwoot, conversation: number) {
  const released = chatwoot
    .messages(conversation)
    .find(({ type, content }) => type === 'activity' && content?.includes('error with the agent bot'));
  return {
    pending: chatwoot.conversation(conversation).status === 'pending',
    releasedAt: released?.createdAt ?? null,
  };
}
