import { createServer } from 'node:http';
import { type ChatwootEvent, createChatwootClient, parseEvent } from '@switchyard/chatwoot';
import type { BotConfig } from '@switchyard/config';
import { createDirectory, createSend } from '@switchyard/jobs';
import { testingContext, testingRuntime } from '@switchyard/jobs/testing';
import { seedIds, startFakeChatwoot } from '@switchyard/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBotRepliesWorker } from './worker.ts';

const bot: BotConfig = {
  match: 'first',
  offerHours: 24,
  answerWithinMinutes: 10,
  lateNote: 'The bot was late.',
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

describe('a question that a rule knows', () => {
  it.each([{ asBot: true }, { asBot: false }])('is answered (as bot: $asBot)', async ({ asBot }) => {
    const line = await start({ asBot });
    await line.customer('What are your hours?');
    expect(line.replies()).toEqual(["We're open Monday-Friday."]);
    expect(line.fake.effects().map(({ tokenKind }) => tokenKind)).toEqual([asBot ? 'bot' : 'administrator']);
  });

  it('is answered once, whatever our own reply sets off', async () => {
    const line = await start({ asBot: false });
    await line.customer('What are your hours?');
    await line.everythingElse();
    await line.customer('And hours on Sunday?');
    expect(line.replies()).toHaveLength(2);
  });

  it('is not answered twice when the answer to our call was lost', async () => {
    const line = await start();
    line.fake.faults.add({ kind: 'resetAfterCommit', method: 'POST', path: 'messages', count: 1 });
    await expect(line.customer('hours?')).rejects.toMatchObject({ failure: 'unknown-outcome' });
    await line.again();
    expect(line.replies()).toHaveLength(1);
  });

  it('is answered by the retry when our call did not arrive', async () => {
    const line = await start();
    line.fake.faults.add({ kind: 'resetBeforeCommit', method: 'POST', path: 'messages', count: 1 });
    await expect(line.customer('hours?')).rejects.toMatchObject({ failure: 'unknown-outcome' });
    await line.again();
    expect(line.replies()).toHaveLength(1);
  });

  it('is left to the human who answered it meanwhile', async () => {
    const line = await start();
    const { conversationId } = line.fake.writeAsCustomer({ content: 'hours?', contact: mara });
    line.fake.writeAsAgent({ conversationId, content: 'Nine to six.' });
    const asked = await line.firstMessage();
    expect(await line.work(asked)).toEqual({ action: 'silent', reason: 'human-took-over' });
  });
});

describe('a human who took over', () => {
  it('is not talked over, until the conversation is resolved', async () => {
    const line = await start();
    const conversation = await line.customer('Hello');
    line.fake.writeAsAgent({ conversationId: conversation, content: 'Hi, Tobias here.' });
    await line.everythingElse();
    await line.customer('hours?');
    expect(line.replies()).toEqual(['Hi, Tobias here.']);

    line.fake.resolve(conversation);
    await line.everythingElse();
    line.fake.setStatus(conversation, 'pending');
    await line.everythingElse();
    await line.customer('hours?');
    expect(line.replies()).toHaveLength(2);
  });
});

describe('an offer', () => {
  it('that is taken hands the conversation to the team, opened', async () => {
    const line = await start();
    const conversation = await line.customer('pricing?');
    await line.customer('Yes!');
    expect(line.replies()).toEqual(['From $29. Shall I connect you?', 'Connecting you.']);
    expect(line.fake.conversation(conversation)).toMatchObject({
      status: 'open',
      team: { id: seedIds.salesTeam },
    });
    await line.customer('hours?');
    expect(line.replies()).toHaveLength(2);
  });

  it('that is taken is handed over whole by a retry, though the conversation is open by then', async () => {
    const line = await start();
    const conversation = await line.customer('pricing?');
    line.fake.faults.add({ kind: 'status', status: 500, afterCommit: true, path: 'toggle_status', count: 1 });
    await expect(line.customer('yes')).rejects.toMatchObject({ failure: 'unknown-outcome' });
    expect(await line.again()).toMatchObject({ action: 'take-offer' });
    expect(line.fake.conversation(conversation)).toMatchObject({
      status: 'open',
      team: { id: seedIds.salesTeam },
    });
    expect(line.replies()).toHaveLength(2);
    expect(line.fake.effects().filter(({ kind }) => kind === 'status')).toHaveLength(1);
  });

  it('that is declined is over', async () => {
    const line = await start();
    await line.customer('pricing?');
    await line.customer('no');
    await line.customer('yes');
    expect(line.replies()).toEqual(['From $29. Shall I connect you?', 'No problem.']);
  });

  it('stays while something else is asked', async () => {
    const line = await start();
    const conversation = await line.customer('pricing?');
    await line.customer('hours?');
    await line.customer('yes');
    expect(line.fake.conversation(conversation)).toMatchObject({ status: 'open' });
  });
});

describe('a message that the bot comes to too late', () => {
  it('is left to humans with one private note, and the bot is silent from then on', async () => {
    const line = await start();
    line.passes(11);
    const conversation = await line.customer('hours?');
    await line.customer('hours??');
    expect([line.replies(), line.notes()]).toEqual([[], ['The bot was late.']]);
    expect(line.fake.conversation(conversation).status).toBe('open');
    line.passes(0);
    await line.customer('hours, now?');
    expect(line.replies()).toEqual([]);
  });

  it('is handed to the team that the rule would have handed it to', async () => {
    const line = await start();
    const conversation = await line.customer('pricing?');
    line.passes(11);
    await line.customer('yes');
    expect([line.replies(), line.notes()]).toEqual([
      ['From $29. Shall I connect you?'],
      ['The bot was late.'],
    ]);
    expect(line.fake.conversation(conversation)).toMatchObject({
      status: 'open',
      team: { id: seedIds.salesTeam },
    });
  });

  it('gets no note when its reply, whose outcome was unknown, is there after all', async () => {
    const line = await start();
    line.fake.faults.add({ kind: 'resetAfterCommit', method: 'POST', path: 'messages', count: 1 });
    await expect(line.customer('hours?')).rejects.toMatchObject({ failure: 'unknown-outcome' });
    line.passes(11);
    await line.again();
    expect([line.replies(), line.notes()]).toEqual([["We're open Monday-Friday."], []]);
  });

  it('gets the note when its reply did not arrive, and never the reply', async () => {
    const line = await start();
    line.fake.faults.add({ kind: 'resetBeforeCommit', method: 'POST', path: 'messages', count: 1 });
    await expect(line.customer('hours?')).rejects.toMatchObject({ failure: 'unknown-outcome' });
    line.passes(11);
    await line.again();
    line.passes(0);
    await line.again();
    expect([line.replies(), line.notes()]).toEqual([[], ['The bot was late.']]);
  });

  it.each(['messages', 'toggle_status'])(
    'is handed over whole when the answer to %s was lost',
    async (path) => {
      const line = await start();
      line.fake.faults.add({ kind: 'resetAfterCommit', method: 'POST', path, count: 1 });
      line.passes(11);
      await expect(line.customer('hours?')).rejects.toMatchObject({ failure: 'unknown-outcome' });
      expect(await line.again()).toMatchObject({ action: 'hand-over-late', reason: 'rule:hours' });
      expect(line.notes()).toEqual(['The bot was late.']);
      line.passes(0);
      const conversation = await line.customer('hours?');
      expect(line.replies()).toEqual([]);
      expect(line.fake.conversation(conversation).status).toBe('open');
    },
  );

  it('is finished as begun when the bot has said a part of it in time', async () => {
    const line = await start();
    const conversation = await line.customer('pricing?');
    line.fake.faults.add({ kind: 'resetBeforeCommit', path: 'assignments', count: 1 });
    await expect(line.customer('yes')).rejects.toMatchObject({ failure: 'unknown-outcome' });
    line.passes(11);
    await line.again();
    expect([line.replies(), line.notes()]).toEqual([
      ['From $29. Shall I connect you?', 'Connecting you.'],
      [],
    ]);
    expect(line.fake.conversation(conversation)).toMatchObject({
      status: 'open',
      team: { id: seedIds.salesTeam },
    });
  });
});

it('opens the conversation for humans though its team is not there, and the job says so', async () => {
  const line = await start();
  const conversation = await line.customer('Hello');
  await expect(line.customer('Lost!')).rejects.toThrow(
    'bot.rules[2].handoff.team: no team "Sles" in Chatwoot account 3; there are: enterprise support, standard support, sales',
  );
  expect(line.fake.conversation(conversation).status).toBe('open');
});

const mara = { name: 'Mara', email: 'mara@example.com' };

interface Options {
  readonly asBot?: boolean;
}

/** A Chatwoot with a bot on its website, and the worker at the end of its account webhook. */
async function start({ asBot = true }: Options = {}) {
  const received: ChatwootEvent[] = [];
  const url = await listen((body) =>
    received.push(parseEvent(JSON.parse(body), { ...delivery, receivedAt: Date.now() })),
  );
  const fake = await startFakeChatwoot({
    delivery: { ordered: true },
    webhooks: [{ url }],
    bot: { url: 'http://127.0.0.1:9' },
    keepPendingOnBotFailure: true,
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
  const worker = createBotRepliesWorker({
    bot,
    client,
    directory: createDirectory({ client }),
    now: () => Date.now() + lateMs,
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
    const decision = worker.decide(event, await worker.facts(event, context));
    await worker.steps(event, decision, context);
    return decision;
  }
  async function settle() {
    await fake.idle();
    const events = received.slice(seen);
    seen = received.length;
    return events.filter(({ name }) => ['message_created', 'conversation_status_changed'].includes(name));
  }
  return {
    fake,
    work,
    /** The next attempt of the last job. */
    again: () => last(),
    /** The bot comes to it so much later from now on. */
    passes(minutes: number) {
      lateMs = minutes * 60_000;
    },
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
    async customer(content: string) {
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
