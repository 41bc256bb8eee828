import { createServer } from 'node:http';
import {
  CallFailure,
  type ChatwootEvent,
  createAskBotOfInbox,
  createChatwootClient,
  createPeople,
  parseEvent,
} from '@switchyard/chatwoot';
import type { BotConfig } from '@switchyard/config';
import { createDirectory, createSend, queues, type StepContext } from '@switchyard/jobs';
import { testingContext, testingRuntime } from '@switchyard/jobs/testing';
import { type FakeChatwootOptions, seedIds, startFakeChatwoot } from '@switchyard/testkit';
import { onTestFinished } from 'vitest';
import type { BotFacts } from './facts.ts';
import { createBotRepliesWorker } from './worker.ts';

const bot: BotConfig = {
  match: 'first',
  offerHours: 24,
  answerWithinMinutes: 10,
  lateNote: 'The bot was late.',
  unanswered: { handOver: true, after: 0 },
  undeliveredNote: 'Not delivered.',
  rules: [
    { name: 'hours', when: { contains: 'hours', wholeWords: true }, reply: "We're open Monday-Friday." },
    {
      name: 'pricing',
      when: { any: ['pricing', 'price'], wholeWords: true },
      reply: 'From $29. Shall I connect you?',
      offer: {
        yes: ['yes'],
        no: ['no'],
        handoff: { team: 'Sales', reply: 'Connecting you.' },
        declined: 'No problem.',
      },
    },
    { name: 'lost', when: { exact: 'lost', wholeWords: false }, handoff: { team: 'Sles' } },
  ],
};

/** The address of the customer whose conversation it is. */
export const mara = { name: 'Mara', email: 'mara@example.com' };

interface Options {
  readonly asBot?: boolean;
  /** Whether the website's inbox has an agent bot; it has by default. */
  readonly botsInbox?: boolean;
  /** Where that bot posts; nobody listens there. */
  readonly botUrl?: string;
  readonly config?: Partial<BotConfig>;
  readonly chatwoot?: FakeChatwootOptions;
}

/** A Chatwoot with a bot on its website, and the worker at the end of its account webhook. */
export async function start({
  asBot = true,
  botsInbox = true,
  botUrl = 'http://127.0.0.1:9/webhooks/chatwoot',
  config = {},
  chatwoot = {},
}: Options = {}) {
  const received: ChatwootEvent[] = [];
  const url = await listen((body) => received.push(eventOf(body)));
  const fake = await startFakeChatwoot({
    delivery: { ordered: true },
    webhooks: [{ url }],
    ...(botsInbox ? { bot: { url: botUrl } } : {}),
    keepPendingOnBotFailure: true,
    ...chatwoot,
  });
  onTestFinished(() => fake.close());
  const sender = createSend({ target: 'chatwoot', timeoutMs: 2_000, runtime: testingRuntime() });
  onTestFinished(() => sender.close());
  const client = createChatwootClient({
    baseUrl: fake.url,
    token: fake.tokens.administrator,
    botToken: asBot ? fake.tokens.bot : undefined,
    send: sender.send,
  });
  let lateMs = 0;
  let off = false;
  let healerHasIt = false;
  const undelivered: string[] = [];
  const now = () => Date.now() + lateMs;
  const worker = createBotRepliesWorker({
    bot: { ...bot, ...config },
    client,
    directory: createDirectory({ client }),
    people: createPeople({ client }),
    botOfInbox: createAskBotOfInbox({ client, botToken: asBot ? fake.tokens.bot : null }),
    botIsOff: () => Promise.resolve(off),
    claims: { forBot: () => Promise.resolve(!healerHasIt) },
    countUndelivered: (reason) => void undelivered.push(reason),
    now,
  });
  const remembered = new Map<string, string>();
  let seen = 0;
  let conversation = 0;
  let last: () => Promise<unknown> = () => Promise.resolve();

  async function work(
    event: ChatwootEvent,
    context = testingContext('bot-replies', `job-${Math.random()}`, remembered).context,
  ) {
    last = () => work(event, context);
    const decision = worker.decide(event, await look(event, context));
    await worker.steps(event, decision, context);
    return decision;
  }
  /** As the engine does: a job that has to look again does so a little later. */
  async function look(event: ChatwootEvent, context: StepContext, looks = 1): Promise<BotFacts> {
    try {
      return await worker.facts(event, context);
    } catch (error) {
      const early = error instanceof CallFailure && error.code === 'HAND_NOT_TOLD_YET' && looks < 5;
      if (!early) throw error;
      lateMs += error.retryAfterMs ?? 0;
      return look(event, context, looks + 1);
    }
  }
  async function settle() {
    await fake.idle();
    const events = received.slice(seen);
    seen = received.length;
    return events.filter((event) => queue.wants(event));
  }
  return {
    fake,
    work,
    /** What has come in that the bot wants, before it works on it. */
    settle,
    /** The next attempt of the last job. */
    again: () => last(),
    /** The bot comes to it so much later from now on. */
    passes(minutes: number) {
      lateMs = minutes * 60_000;
    },
    healerClaims() {
      healerHasIt = true;
    },
    turnOff() {
      off = true;
    },
    undelivered,
    notes: () =>
      fake
        .messages(conversation || 1187)
        .filter((message) => message.private)
        .map(({ content }) => content),
    async firstMessage() {
      const first = (await settle()).find(({ name }) => name === 'message_created');
      if (first === undefined) throw new Error('no message was delivered');
      return first;
    },
    async everythingElse() {
      for (const event of await settle()) await work(event);
    },
    conversation: () => conversation,
    async begunByPerson(content: string) {
      conversation = fake.beginAsAgent({ contact: mara, content }).conversationId;
      for (const event of await settle()) await work(event);
    },
    /** Writes, and the bot works on all that came of it; null sends no text. */
    async customer(content: string | null) {
      const target = conversation === 0 ? { contact: mara } : { conversationId: conversation };
      conversation = fake.writeAsCustomer({ content, ...target }).conversationId;
      for (const event of await settle()) await work(event);
      return conversation;
    },
    replies: () =>
      fake
        .messages(conversation || 1187)
        .filter((message) => message.type === 'outgoing' && !message.private)
        .map(({ content }) => content),
  };
}

const queue = queueOfBot();

function queueOfBot() {
  const found = queues.find(({ name }) => name === 'bot-replies');
  if (found === undefined) throw new Error('there is no queue bot-replies');
  return found;
}

/** As the ingress makes it: the account is the source's where Chatwoot names none (contract [R] 1). */
function eventOf(body: string): ChatwootEvent {
  const event = parseEvent(JSON.parse(body), { ...delivery, receivedAt: Date.now() });
  return { ...event, account: event.account ?? seedIds.account };
}

const delivery = { id: 'd-1', source: 'default', kind: 'account' } as const;

async function listen(onBody: (body: string) => void): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      onBody(body);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/hook`;
}
