import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { FakeChatwoot } from '../fake-chatwoot.ts';
import { api, mara, startFake, startLine } from '../testing-line.ts';
import type { Receiver } from '../testing-receiver.ts';

const write = { contact: mara, content: 'Anybody there?' };

/** The keys that each `conversation_updated` names, `updated_at` aside. */
function changedKeys(receiver: Receiver): readonly (readonly string[])[] {
  return receiver.of('conversation_updated').map(({ body }) => {
    const changes: unknown = body.changed_attributes;
    const each: readonly object[] = Array.isArray(changes) ? changes : [];
    return each.flatMap((change) => Object.keys(change)).filter((key) => key !== 'updated_at');
  });
}

function activities(fake: FakeChatwoot, conversationId: number) {
  const all = fake.messages(conversationId).filter(({ type }) => type === 'activity');
  return all.map(({ content }) => content);
}

describe('who assigned? (contract [R] 4)', () => {
  test('the inbox in 4.10: with the creation, without a word', async () => {
    const { fake, receiver } = await startLine({ version: '4.10' });
    fake.setInboxAutoAssignment(fake.ids.websiteInbox, true);
    const { conversationId } = fake.writeAsCustomer(write);
    await fake.idle();
    expect(receiver.of('conversation_created')[0]?.body).toMatchObject({
      meta: { assignee: { type: 'user' }, assignee_type: 'User' },
    });
    expect(changedKeys(receiver)).toEqual([]);
    expect(activities(fake, conversationId)).toEqual([]);
  });

  test.each(['4.13', '4.16'] as const)('the inbox in %s: a job of its own, later', async (version) => {
    const { fake, receiver } = await startLine({ version });
    fake.setInboxAutoAssignment(fake.ids.websiteInbox, true);
    const { conversationId } = fake.writeAsCustomer(write);
    expect(fake.conversation(conversationId).assignee).toBeNull();
    await fake.idle();
    expect(receiver.of('conversation_created')[0]?.body).toMatchObject({ meta: { assignee: null } });
    expect(changedKeys(receiver)).toEqual([['assignee_id']]);
    expect(activities(fake, conversationId)).toEqual(['Assigned to Tobias Engel by Default Policy']);
  });

  test('the policy takes older ones too, the longest waiting first, five an agent', async () => {
    const fake = await startFake();
    fake.setAvailability(fake.ids.secondAgent, 'offline');
    const older = Array.from({ length: 6 }, () => fake.writeAsCustomer({ ...write, newConversation: true }));
    fake.setInboxAutoAssignment(fake.ids.websiteInbox, true);
    fake.writeAsCustomer({ ...write, newConversation: true });
    await fake.idle();
    const assigned = fake.conversations().filter(({ assignee }) => assignee !== null);
    expect(assigned.map(({ id }) => id)).toEqual(older.slice(0, 5).map((each) => each.conversationId));
  });

  test('a team, when it assigns: team and agent in one update', async () => {
    const { fake, receiver } = await startLine();
    const { conversationId } = fake.writeAsCustomer(write);
    const path = `/conversations/${conversationId}/assignments`;
    await api(fake, 'POST', path, { team_id: fake.ids.enterpriseTeam });
    await fake.idle();
    expect(changedKeys(receiver).map((keys) => keys.toSorted())).toEqual([['assignee_id', 'team_id']]);
    expect(activities(fake, conversationId)).toEqual([
      'Assigned to Tobias Engel via enterprise support by Ada Moreno',
    ]);
    await api(fake, 'POST', path, { team_id: fake.ids.enterpriseTeam });
    await fake.idle();
    expect(changedKeys(receiver)).toHaveLength(1);
  });

  test('a team, when nobody is online: the team alone', async () => {
    const { fake, receiver } = await startLine();
    fake.setAvailability(fake.ids.agent, 'offline');
    const { conversationId } = fake.writeAsCustomer(write);
    fake.assign(conversationId, { teamId: fake.ids.enterpriseTeam }, fake.ids.administrator);
    await fake.idle();
    expect(changedKeys(receiver)).toEqual([['team_id']]);
    expect(activities(fake, conversationId)).toEqual(['Assigned to enterprise support by Ada Moreno']);
    fake.assign(conversationId, { teamId: null }, fake.ids.administrator);
    expect(activities(fake, conversationId).at(-1)).toBe('Unassigned from enterprise support by Ada Moreno');
  });

  test.each([true, false])('an automation rule (before the creation: %s)', async (beforeCreation) => {
    const { fake, receiver } = await startLine();
    const remove = fake.addAutomationRule({ teamId: fake.ids.enterpriseTeam, beforeCreation });
    const { conversationId } = fake.writeAsCustomer(write);
    await fake.idle();
    const told = receiver.events().filter((event) => event.startsWith('conversation_'));
    const order = ['conversation_created', 'conversation_updated'];
    expect(told).toEqual(beforeCreation ? order.toReversed() : order);
    expect(activities(fake, conversationId)).toEqual([
      'Assigned to Tobias Engel via enterprise support by Automation System',
    ]);
    remove();
    const next = fake.writeAsCustomer({ ...write, newConversation: true });
    await fake.idle();
    expect(fake.conversation(next.conversationId).team).toBeNull();
  });

  test('an automation rule over the API, and gone again', async () => {
    const { fake } = await startLine();
    const { enterpriseTeam, agent, websiteInbox } = fake.ids;
    fake.setAvailability(agent, 'offline');
    const rule = {
      name: 'To the big ones',
      event_name: 'conversation_created',
      conditions: [{ attribute_key: 'inbox_id', filter_operator: 'equal_to', values: [websiteInbox] }],
      actions: [
        { action_name: 'assign_team', action_params: [enterpriseTeam] },
        { action_name: 'assign_agent', action_params: [agent] },
      ],
    };
    expect((await api(fake, 'POST', '/automation_rules', rule, fake.tokens.agent)).status).toBe(401);
    const made = await api(fake, 'POST', '/automation_rules', rule);
    const { id } = z.object({ id: z.number() }).parse(made.json);
    const first = fake.writeAsCustomer(write);
    await fake.idle();
    expect(fake.conversation(first.conversationId)).toMatchObject({
      team: { id: enterpriseTeam },
      assignee: { id: agent },
    });
    expect((await api(fake, 'DELETE', `/automation_rules/${id}`)).status).toBe(200);
    expect((await api(fake, 'DELETE', `/automation_rules/${id}`)).status).toBe(404);
    const next = fake.writeAsCustomer({ ...write, newConversation: true });
    await fake.idle();
    expect(fake.conversation(next.conversationId)).toMatchObject({ team: null, assignee: null });
  });

  test('a macro over the API: step by step, by who runs it', async () => {
    const { fake } = await startLine();
    const { conversationId } = fake.writeAsCustomer(write);
    fake.setLabels(conversationId, ['vip']);
    const macro = {
      name: 'Take it',
      actions: [
        { action_name: 'assign_agent', action_params: ['self'] },
        { action_name: 'add_label', action_params: ['billing'] },
        { action_name: 'resolve_conversation', action_params: [] },
      ],
    };
    const made = await api(fake, 'POST', '/macros', macro);
    const { id } = z.object({ payload: z.object({ id: z.number() }) }).parse(made.json).payload;
    const run = { conversation_ids: [conversationId] };
    expect((await api(fake, 'POST', `/macros/${id + 1}/execute`, run)).status).toBe(404);
    const done = await api(fake, 'POST', `/macros/${id}/execute`, run, fake.tokens.agent);
    expect(done).toMatchObject({ status: 200, text: '' });
    await fake.idle();
    expect(fake.conversation(conversationId)).toMatchObject({
      status: 'resolved',
      labels: ['vip', 'billing'],
      assignee: { id: fake.ids.agent },
    });
    expect(activities(fake, conversationId)).toContain('Tobias Engel self-assigned this conversation');
  });

  test('a person: takes it, is given it, by a macro, and loses it', async () => {
    const { fake, receiver } = await startLine();
    const { conversationId } = fake.writeAsCustomer(write);
    fake.take(conversationId);
    fake.assign(conversationId, { userId: fake.ids.secondAgent }, fake.ids.administrator);
    fake.runMacro(conversationId, { assignTo: 'self' });
    fake.take(conversationId);
    fake.unassign(conversationId);
    await fake.idle();
    expect(changedKeys(receiver)).toEqual([
      ['assignee_id'],
      ['assignee_id'],
      ['assignee_id'],
      ['assignee_id'],
    ]);
    expect(activities(fake, conversationId)).toEqual([
      'Tobias Engel self-assigned this conversation',
      'Assigned to Priya Nair by Ada Moreno',
      'Tobias Engel self-assigned this conversation',
      'Conversation unassigned by Tobias Engel',
    ]);
  });

  test('a person who begins, or replies: nobody is assigned', async () => {
    const { fake, receiver } = await startLine();
    const { conversationId } = fake.beginAsAgent({ contact: mara, content: 'We write first' });
    await fake.idle();
    expect(receiver.of('conversation_created')[0]?.body).toMatchObject({
      messages: [{ message_type: 1, sender_type: 'User' }],
    });
    expect(changedKeys(receiver)[0]).toContain('first_reply_created_at');
    expect(fake.conversation(conversationId).assignee).toBeNull();
    expect(activities(fake, conversationId)).toEqual([]);
  });

  test('an agent who opens a conversation takes it, an administrator does not (contract §3.3)', async () => {
    const fake = await startFake();
    const { conversationId } = fake.writeAsCustomer(write);
    fake.makePending(conversationId, fake.ids.administrator);
    fake.reopen(conversationId, fake.ids.administrator);
    expect(fake.conversation(conversationId).assignee).toBeNull();
    fake.makePending(conversationId);
    fake.reopen(conversationId);
    expect(fake.conversation(conversationId).assignee).toMatchObject({ id: fake.ids.agent });
  });
});

test.each([
  ['de', 'Tobias Engel hat sich dieses Gespräch selbst zugewiesen'],
  ['fr', "Tobias Engel s'est auto-assigné cette conversation"],
  ['es', 'Tobias Engel auto-asignado a esta conversación'],
  ['pt_BR', 'Tobias Engel atribuiu a si mesmo essa conversa'],
] as const)('activities are in the language of the account: %s', async (locale, text) => {
  const fake = await startFake({ locale });
  const { conversationId } = fake.writeAsCustomer(write);
  fake.take(conversationId);
  expect(activities(fake, conversationId)).toEqual([text]);
});
