import { createChatwootClient } from '@switchyard/chatwoot';
import { createDirectory, createSend } from '@switchyard/jobs';
import { testingContext, testingRuntime } from '@switchyard/jobs/testing';
import { seedIds, spokenVersions, startFakeChatwoot, type Version } from '@switchyard/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRoutingWorker } from './worker.ts';

const { account, websiteInbox, agent, secondAgent } = seedIds;

describe.each(spokenVersions)(
  '%s: a conversation of a bot that was opened before it is routed',
  (version) => {
    it.each(['bot', 'administrator'] as const)(
      'by our token of the %s, and given to an agent, is routed',
      async (whose) => {
        const line = await start({ version });
        await line.open(line.fake.tokens[whose]);
        expect(await line.route()).toMatchObject({ action: 'assign', reason: 'otherwise' });
      },
    );

    it.each([true, false])(
      'by Chatwoot, since the bot’s endpoint failed, is (announced unassigned: %s)',
      async (unassigned) => {
        const line = await start({ version, botFails: true });
        expect(line.fake.conversation(line.conversation).status).toBe('open');
        expect(await line.route({ unassigned })).toMatchObject({ action: 'assign', reason: 'otherwise' });
      },
    );

    it('by an administrator who does not take it is routed, with whom Chatwoot picked and without', async () => {
      for (const online of [true, false]) {
        const line = await start({ version, online });
        line.fake.reopen(line.conversation, seedIds.administrator);
        await line.fake.idle();
        expect(await line.route()).toMatchObject({ action: 'assign', reason: 'otherwise' });
      }
    });

    it('by an agent, who gets it with that, is not', async () => {
      const line = await start({ version, online: false });
      line.fake.reopen(line.conversation, agent);
      await line.fake.idle();
      expect(await line.route()).toEqual({ action: 'none', reason: 'person-assigned' });
    });
  },
);

interface Options {
  readonly version: Version;
  readonly botFails?: boolean;
  readonly online?: boolean;
}

/** A conversation of a bot in an inbox that assigns by itself, and the worker of the routing, which comes later. */
async function start({ version, botFails = false, online = true }: Options) {
  const bot = { url: 'http://127.0.0.1:9/webhooks/chatwoot' };
  const fake = await startFakeChatwoot({ version, keepPendingOnBotFailure: !botFails, bot });
  onTestFinished(() => fake.close());
  const availability = online ? 'online' : 'offline';
  for (const id of [agent, secondAgent]) fake.setAvailability(id, availability);
  fake.setInboxAutoAssignment(websiteInbox, true);
  const contact = { name: 'Mara', email: 'mara@example.com' };
  const { conversationId: conversation } = fake.writeAsCustomer({ content: 'Hello', contact });
  await fake.idle();
  const token = fake.tokens.administrator;
  const sender = createSend({ target: 'chatwoot', timeoutMs: 2_000, runtime: testingRuntime() });
  onTestFinished(() => sender.close());
  const client = createChatwootClient({ baseUrl: fake.url, token, send: sender.send });
  const worker = createRoutingWorker({
    routing: { rules: [], otherwise: { assign: { team: 'Standard support' } }, overrideExisting: false },
    client,
    directory: createDirectory({ client }),
    customers: null,
    now: () => Date.now() + 6_000,
  });
  return {
    fake,
    conversation,
    async open(as: string) {
      const path = `/api/v1/accounts/${account}/conversations/${conversation}/toggle_status`;
      const response = await fetch(`${fake.url}${path}`, {
        method: 'POST',
        headers: { api_access_token: as, 'content-type': 'application/json' },
        body: JSON.stringify({ status: 'open' }),
      });
      expect(response.status).toBe(200);
      await fake.idle();
    },
    /** @param unassigned as of when its `conversation_created` was made; else as it is now. */
    async route({ unassigned = false } = {}) {
      const state = await client.conversations.get(account, conversation);
      const event = {
        name: 'conversation_created',
        delivery: { id: 'd-1', source: 'default', kind: 'account', receivedAt: 1 },
        account,
        inbox: { id: websiteInbox, name: 'Website' },
        conversation: unassigned ? { ...state, assignee: null } : state,
        contact: null,
        message: null,
        actor: null,
        changes: null,
      } as const;
      const { context } = testingContext('routing');
      const decision = worker.decide(event, await worker.facts(event, context));
      await worker.steps(event, decision, context);
      return { action: decision.action, reason: decision.reason };
    },
  };
}
