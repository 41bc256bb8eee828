import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChatwootEvent, createChatwootClient } from '@switchyard/chatwoot';
import { loadRoutingConfig, type SwitchyardConfig } from '@switchyard/config';
import { createDirectory, createSend } from '@switchyard/jobs';
import { testingContext, testingRuntime } from '@switchyard/jobs/testing';
import { seedIds, startFakeChatwoot } from '@switchyard/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRoutingWorker } from './worker.ts';

const standard: SwitchyardConfig['routing'] = {
  customers: { query: 'SELECT 1' },
  rules: [
    {
      name: 'enterprise',
      when: { 'customer.subscription_tier': 'enterprise' },
      assign: { team: 'Enterprise support', priority: 'high', labels: ['vip'] },
    },
    { when: { 'contact.custom.vip': true }, assign: { agent: 'priya.nair@northwind.example' } },
  ],
  otherwise: { assign: { team: 'Standard support' } },
};

describe('a new conversation', () => {
  it('of an enterprise customer goes to the enterprise team, with priority and labels', async () => {
    const { conversation, work, state } = await start({ tier: 'enterprise' });
    expect(await work(conversation)).toMatchObject({ action: 'assign', reason: 'rule:enterprise' });
    expect(state(conversation)).toMatchObject({
      team: seedIds.enterpriseTeam,
      priority: 'high',
      labels: ['vip'],
    });
  });

  it.each([
    { who: 'a standard customer', tier: 'standard' },
    { who: 'a customer with null tier', tier: null },
    { who: 'nobody we know', tier: undefined },
    { who: 'somebody without e-mail', tier: 'enterprise', email: null },
  ])('of $who goes to the standard team', async (who) => {
    const { conversation, work, state } = await start(who);
    expect(await work(conversation)).toMatchObject({ action: 'assign', reason: 'otherwise' });
    expect(state(conversation)).toMatchObject({ team: seedIds.standardTeam, priority: null });
  });

  it('can go to an agent', async () => {
    const { conversation, work, state } = await start({ customAttributes: { vip: true } });
    expect(await work(conversation)).toMatchObject({ reason: 'rule:rules[1]' });
    expect(state(conversation)).toMatchObject({ assignee: seedIds.secondAgent, team: null });
  });

  it.each([
    { what: 'a team', to: { teamId: seedIds.salesTeam }, reason: 'team-set-by-others' },
    { what: 'a person', to: { userId: seedIds.agent }, reason: 'person-assigned' },
  ])('that has $what already is left alone', async ({ to, reason }) => {
    const { fake, conversation, work } = await start({ tier: 'enterprise' });
    fake.assign(conversation, to);
    expect(await work(conversation)).toEqual({ action: 'none', reason });
    expect(fake.effects()).toEqual([]);
  });

  it('that a person has answered is left alone', async () => {
    const { fake, conversation, work } = await start({ tier: 'enterprise' });
    fake.writeAsAgent({ conversationId: conversation, content: 'Hello, I am on it' });
    expect(await work(conversation)).toEqual({ action: 'none', reason: 'person-replied' });
    expect(fake.effects()).toEqual([]);
  });

  it('that only has a private note is assigned', async () => {
    const { fake, conversation, work } = await start({ tier: 'enterprise' });
    fake.writeAsAgent({ conversationId: conversation, content: 'Looks urgent', private: true });
    expect(await work(conversation)).toMatchObject({ action: 'assign', reason: 'rule:enterprise' });
  });

  it('that Chatwoot gave to somebody in the moment of creation is assigned all the same, a moment later', async () => {
    const clock = { aheadMs: 0 };
    const { fake, conversation, work, state } = await start({
      tier: 'enterprise',
      pickedAtCreation: true,
      clock,
    });
    expect(state(conversation).assignee).not.toBeNull();
    await expect(work(conversation)).rejects.toMatchObject({ code: 'HAND_NOT_TOLD_YET' });
    clock.aheadMs = 6_000;
    expect(await work(conversation)).toMatchObject({ action: 'assign', reason: 'rule:enterprise' });
    expect(state(conversation)).toMatchObject({ team: seedIds.enterpriseTeam, priority: 'high' });
    expect(fake.effects()).not.toEqual([]);
  });

  it('that somebody has without a word yet of who gave it to them is looked at again', async () => {
    const { fake, conversation, work } = await start({ pickedAtCreation: true, announcedUnassigned: true });
    await expect(work(conversation)).rejects.toMatchObject({
      failure: 'transient',
      code: 'HAND_NOT_TOLD_YET',
    });
    expect(fake.effects()).toEqual([]);
  });

  it('that a person takes while its team is looked up is left alone', async () => {
    const { fake, conversation, work } = await start({
      tier: 'enterprise',
      whileLookedUp: (fake, id) => fake.assign(id, { userId: seedIds.agent }),
    });
    await expect(work(conversation)).rejects.toMatchObject({
      failure: 'transient',
      code: 'ROUTING_TAKEN_MEANWHILE',
    });
    expect(await work(conversation)).toEqual({ action: 'none', reason: 'person-assigned' });
    expect(fake.effects()).toEqual([]);
  });

  it('that has a team is assigned all the same with overrideExisting', async () => {
    const { fake, conversation, work, state } = await start(
      { tier: 'enterprise' },
      { ...standard, overrideExisting: true },
    );
    fake.assign(conversation, { teamId: seedIds.salesTeam });
    await work(conversation);
    expect(state(conversation)).toMatchObject({ team: seedIds.enterpriseTeam });
  });

  it('that no rule fits is left alone', async () => {
    const { conversation, work } = await start(
      {},
      { customers: standard?.customers, rules: standard?.rules ?? [] },
    );
    expect(await work(conversation)).toEqual({ action: 'none', reason: 'no-rule' });
  });

  it('that was deleted since is no failure', async () => {
    const { conversation, work } = await start();
    expect(await work(conversation, 999)).toEqual({ action: 'none', reason: 'conversation-gone' });
  });
});

describe('a retry', () => {
  it('goes on with its own half-done work', async () => {
    const { fake, conversation, work, state } = await start({ tier: 'enterprise' });
    fake.faults.add({ kind: 'status', status: 503, path: 'toggle_priority', count: 1 });
    await expect(work(conversation)).rejects.toMatchObject({ failure: 'outage' });
    expect(await work(conversation)).toMatchObject({ action: 'assign' });
    expect(state(conversation)).toMatchObject({
      team: seedIds.enterpriseTeam,
      priority: 'high',
      labels: ['vip'],
    });
    expect(fake.effects().filter(({ kind }) => kind === 'team')).toHaveLength(1);
  });

  it('does not repeat an assignment whose answer was lost', async () => {
    const { fake, conversation, work } = await start({ tier: 'standard' });
    fake.faults.add({ kind: 'resetAfterCommit', path: 'assignments', count: 1 });
    await expect(work(conversation)).rejects.toMatchObject({ failure: 'unknown-outcome' });
    await work(conversation);
    expect(fake.calls().filter(({ path }) => path.endsWith('/assignments'))).toHaveLength(1);
  });

  it('finishes its own work when another team has the conversation by then', async () => {
    const { fake, conversation, work, state } = await start({ tier: 'enterprise' });
    fake.faults.add({ kind: 'status', status: 503, path: 'toggle_priority', count: 1 });
    await expect(work(conversation)).rejects.toMatchObject({ failure: 'outage' });
    fake.assign(conversation, { teamId: seedIds.salesTeam });
    await work(conversation);
    expect(state(conversation)).toMatchObject({ team: seedIds.salesTeam, priority: 'high' });
  });

  it('leaves the conversation to whoever took it meanwhile', async () => {
    const { fake, conversation, work, state } = await start({ tier: 'enterprise' });
    fake.faults.add({ kind: 'status', status: 503, path: 'assignments', count: 1 });
    await expect(work(conversation)).rejects.toMatchObject({ failure: 'outage' });
    fake.assign(conversation, { teamId: seedIds.salesTeam });
    expect(await work(conversation)).toEqual({ action: 'none', reason: 'team-set-by-others' });
    expect(state(conversation)).toMatchObject({ team: seedIds.salesTeam });
  });
});

it('names a team that is not there, and writes nothing', async () => {
  const { fake, conversation, work } = await start({}, { otherwise: { assign: { team: 'Enterprize' } } });
  await expect(work(conversation)).rejects.toThrow(
    'routing.otherwise.assign.team: no team "Enterprize" in Chatwoot account 3; there are: enterprise support, standard support, sales',
  );
  expect(fake.effects()).toEqual([]);
});

interface Who {
  readonly tier?: string | null | undefined;
  readonly email?: string | null;
  readonly customAttributes?: Readonly<Record<string, string | boolean>>;
  /** The inbox assigns by itself, as Chatwoot 4.10 does. */
  readonly pickedAtCreation?: boolean;
  /** The worker's clock is that far ahead. */
  readonly clock?: { readonly aheadMs: number };
  /** Its `conversation_created` was made before anybody had it. */
  readonly announcedUnassigned?: boolean;
  /** What happens between reading the conversation and the first write. */
  readonly whileLookedUp?: (
    fake: Awaited<ReturnType<typeof startFakeChatwoot>>,
    conversation: number,
  ) => void;
}

async function start(who: Who = {}, routing: NonNullable<SwitchyardConfig['routing']> = standard ?? {}) {
  const fake = await startFakeChatwoot(who.pickedAtCreation === true ? { version: '4.10' } : {});
  onTestFinished(() => fake.close());
  const { tier, email = 'mara@example.com', customAttributes = {} } = who;
  const contact = { name: 'Mara', email, customAttributes };
  if (who.pickedAtCreation === true) {
    await fetch(`${fake.url}/api/v1/accounts/3/inboxes/${seedIds.websiteInbox}`, {
      method: 'PATCH',
      headers: { api_access_token: fake.tokens.administrator, 'content-type': 'application/json' },
      body: JSON.stringify({ enable_auto_assignment: true }),
    });
  }
  const { conversationId } = fake.writeAsCustomer({ content: 'Hello', contact });

  const { routing: section } = await loaded(routing, fake.url, fake.tokens.administrator);
  const sender = createSend({ target: 'chatwoot', timeoutMs: 2_000, runtime: testingRuntime() });
  onTestFinished(() => sender.close());
  const client = createChatwootClient({
    baseUrl: fake.url,
    token: fake.tokens.administrator,
    send: sender.send,
  });
  const find = async () => (tier === undefined ? null : { subscription_tier: tier });
  const directory = createDirectory({ client });
  let betweenReadAndWrite = who.whileLookedUp;
  const worker = createRoutingWorker({
    routing: section,
    client,
    directory: {
      resolve(...asked) {
        betweenReadAndWrite?.(fake, conversationId);
        betweenReadAndWrite = undefined;
        return directory.resolve(...asked);
      },
    },
    customers: { find },
    now: () => Date.now() + (who.clock?.aheadMs ?? 0),
  });
  const { context } = testingContext('routing');
  return {
    fake,
    conversation: conversationId,
    async work(id: number, announced = id) {
      const told = await created(client, id, announced, contact);
      const event = who.announcedUnassigned === true ? unassigned(told) : told;
      const decision = worker.decide(event, await worker.facts(event, context));
      await worker.steps(event, decision, context);
      return decision.action === 'none' ? decision : { action: decision.action, reason: decision.reason };
    },
    state(id: number) {
      const { team, assignee, ...view } = fake.conversation(id);
      return { ...view, team: team?.id ?? null, assignee: assignee?.id ?? null };
    },
  };
}

async function loaded(routing: NonNullable<SwitchyardConfig['routing']>, url: string, token: string) {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ routing }));
  const env = {
    SWITCHYARD_CONFIG: 'config.json',
    CHATWOOT_BASE_URL: url,
    CHATWOOT_API_TOKEN: token,
    CUSTOMERS_DATABASE_URL: 'postgres://nobody@127.0.0.1/none',
  };
  return loadRoutingConfig({ env, cwd: folder });
}

function unassigned(event: ChatwootEvent): ChatwootEvent {
  const { conversation } = event;
  return { ...event, conversation: conversation && { ...conversation, assignee: null } };
}

type Client = ReturnType<typeof createChatwootClient>;

/** The event of a new conversation, as its webhook would have brought it. */
async function created(
  client: Client,
  id: number,
  announced: number,
  contact: { name: string; email: string | null; customAttributes: Readonly<Record<string, unknown>> },
): Promise<ChatwootEvent> {
  const state = await client.conversations.get(3, id);
  return {
    name: 'conversation_created',
    delivery: { id: 'd-1', source: 'default', kind: 'account', receivedAt: Date.now() },
    account: 3,
    inbox: { id: seedIds.websiteInbox, name: 'Website' },
    conversation: { ...state, id: announced },
    contact: { id: 1, phone: null, identifier: null, blocked: false, city: null, country: null, ...contact },
    message: null,
    actor: null,
    changes: null,
  };
}
