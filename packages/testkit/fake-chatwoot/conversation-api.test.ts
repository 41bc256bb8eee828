import { describe, expect, test } from 'vitest';
import { api, mara, startFake } from './testing-line.ts';

async function startTalk() {
  const fake = await startFake();
  const { conversationId, messageId } = fake.writeAsCustomer({ contact: mara, content: 'Hi' });
  const path = `/conversations/${conversationId}`;
  const state = () => fake.conversation(conversationId);
  return { fake, conversationId, messageId, path, state };
}

describe('toggle_status', () => {
  test('without a status flips', async () => {
    const { fake, path, state } = await startTalk();
    await api(fake, 'POST', `${path}/toggle_status`, {});
    expect(state().status).toBe('resolved');
    await api(fake, 'POST', `${path}/toggle_status`, {});
    expect(state().status).toBe('open');
  });

  test('an agent who opens takes over, an administrator does not', async () => {
    const { fake, path, state } = await startTalk();
    fake.resolve(state().id);
    await api(fake, 'POST', `${path}/toggle_status`, { status: 'open' });
    expect(state().assignee).toBeNull();
    await api(fake, 'POST', `${path}/toggle_status`, { status: 'open' }, fake.tokens.agent);
    expect(state().assignee).toMatchObject({ id: fake.ids.agent });
  });

  test('snoozed keeps its hour until the next status', async () => {
    const { fake, path } = await startTalk();
    const snooze = { status: 'snoozed', snoozed_until: 1_800_000_000 };
    const { json } = await api(fake, 'POST', `${path}/toggle_status`, snooze);
    expect(json).toMatchObject({ payload: { success: true, snoozed_until: '2027-01-15T08:00:00.000Z' } });
    const opened = await api(fake, 'POST', `${path}/toggle_status`, { status: 'open' });
    expect(opened.json).toMatchObject({ payload: { snoozed_until: null } });
  });
});

describe('assignments', () => {
  test('answers the agent, and an unknown one clears without an error', async () => {
    const { fake, path, state } = await startTalk();
    const agent = await api(fake, 'POST', `${path}/assignments`, { assignee_id: fake.ids.agent });
    expect(agent.json).toMatchObject({ id: fake.ids.agent, role: 'agent' });
    const unknown = await api(fake, 'POST', `${path}/assignments`, { assignee_id: 999 });
    expect(unknown).toMatchObject({ status: 200, json: null });
    expect(state().assignee).toBeNull();
  });

  test('a team brings its online agent, and drops an assignee who is not in it', async () => {
    const { fake, path, state } = await startTalk();
    await api(fake, 'POST', `${path}/assignments`, { assignee_id: fake.ids.secondAgent });
    const team = await api(fake, 'POST', `${path}/assignments`, { team_id: fake.ids.enterpriseTeam });
    expect(team.json).toMatchObject({ name: 'enterprise support', created_at: expect.any(String) });
    expect(team.json).not.toHaveProperty('assignee');
    expect(state()).toMatchObject({
      team: { name: 'enterprise support' },
      assignee: { id: fake.ids.agent },
    });
  });

  test('a team with nobody online stays without an agent; an unknown team clears', async () => {
    const { fake, path, state } = await startTalk();
    fake.setAvailability(fake.ids.agent, 'offline');
    await api(fake, 'POST', `${path}/assignments`, { team_id: fake.ids.enterpriseTeam });
    expect(state()).toMatchObject({ team: { id: 41 }, assignee: null });
    expect(await api(fake, 'POST', `${path}/assignments`, { team_id: 999 })).toMatchObject({
      status: 200,
      json: null,
    });
    expect(state().team).toBeNull();
  });

  test('team_id is ignored beside assignee_id', async () => {
    const { fake, path, state } = await startTalk();
    await api(fake, 'POST', `${path}/assignments`, { assignee_id: fake.ids.agent, team_id: 41 });
    expect(state().team).toBeNull();
  });
});

describe('labels and custom attributes are replaced', () => {
  test('labels', async () => {
    const { fake, path } = await startTalk();
    await api(fake, 'POST', `${path}/labels`, { labels: ['billing', 'unheard-of'] });
    const { json } = await api(fake, 'POST', `${path}/labels`, { labels: ['vip'] });
    expect(json).toEqual({ payload: ['vip'] });
    expect((await api(fake, 'GET', `${path}/labels`)).json).toEqual({ payload: ['vip'] });
  });

  test('custom attributes, `merge` or not; without the key they become null', async () => {
    const { fake, path } = await startTalk();
    const set = (body: unknown) => api(fake, 'POST', `${path}/custom_attributes`, body);
    await set({ custom_attributes: { a: 1 } });
    expect((await set({ custom_attributes: { b: 2 }, merge: true })).json).toEqual({
      custom_attributes: { b: 2 },
    });
    expect((await set({})).json).toEqual({ custom_attributes: null });
  });

  test('a newer Chatwoot merges', async () => {
    const fake = await startFake({ habits: { mergeCustomAttributes: true } });
    const { conversationId } = fake.writeAsCustomer({ contact: mara, content: 'Hi' });
    const path = `/conversations/${conversationId}/custom_attributes`;
    await api(fake, 'POST', path, { custom_attributes: { a: 1 } });
    const { json } = await api(fake, 'POST', path, { custom_attributes: { b: 2 }, merge: true });
    expect(json).toEqual({ custom_attributes: { a: 1, b: 2 } });
  });
});

test('priority is set, cleared, and answered with nothing', async () => {
  const { fake, path, state } = await startTalk();
  const high = await api(fake, 'POST', `${path}/toggle_priority`, { priority: 'high' });
  expect(high).toMatchObject({ status: 200, text: '' });
  expect(state().priority).toBe('high');
  await api(fake, 'PATCH', path, { priority: null });
  expect(state().priority).toBeNull();
});

describe('messages', () => {
  test('keep their attributes and marker, echo echo_id, and default to outgoing', async () => {
    const { fake, path } = await startTalk();
    const { json } = await api(fake, 'POST', `${path}/messages`, {
      content: 'Hello',
      echo_id: 'e1',
      source_id: 's1',
      content_attributes: JSON.stringify({ marker: 'm1' }),
    });
    expect(json).toMatchObject({
      message_type: 1,
      echo_id: 'e1',
      source_id: 's1',
      status: 'sent',
      content_attributes: { marker: 'm1' },
      created_at: expect.any(Number),
    });
    expect([
      ...fake.effectsByMarker(({ contentAttributes }) => String(contentAttributes?.marker)).keys(),
    ]).toEqual(['m1']);
  });

  test('are listed by before and after', async () => {
    const { fake, conversationId, messageId, path } = await startTalk();
    for (let nth = 1; nth <= 130; nth += 1) fake.writeAsCustomer({ conversationId, content: `${nth}` });
    fake.writeAsAgent({ conversationId, content: 'note', private: true });
    const contents = async (query: string) => {
      const { json } = await api(fake, 'GET', `${path}/messages${query}`);
      const payload = json !== null && typeof json === 'object' && 'payload' in json ? json.payload : [];
      return Array.isArray(payload) ? payload.map((message) => String(message.content)) : [];
    };
    const latest = await contents('');
    expect(latest).toHaveLength(20);
    expect(latest.at(-1)).toBe('note');
    expect((await contents('?filter_internal_messages=true')).at(-1)).toBe('130');
    expect((await contents(`?after=${messageId}`)).length).toBe(100);
    expect((await contents(`?after=${messageId}`))[0]).toBe('1');
    expect(await contents(`?before=${messageId + 3}`)).toEqual(['Hi', '1', '2']);
    expect(await contents(`?after=${messageId}&before=${messageId + 2}`)).toEqual(['Hi', '1']);
  });

  test('are deleted softly, and retrying forgets the marker', async () => {
    const { fake, messageId, path, conversationId } = await startTalk();
    await api(fake, 'DELETE', `${path}/messages/${messageId}`);
    expect(fake.messages(conversationId)[0]).toMatchObject({ contentAttributes: { deleted: true } });
    await api(fake, 'POST', `${path}/messages/${messageId}/retry`);
    expect(fake.messages(conversationId)[0]).toMatchObject({ contentAttributes: {} });
    const patch = await api(fake, 'PATCH', `${path}/messages/${messageId}`, { status: 'read' });
    expect(patch.status).toBe(403);
  });
});

test('conversations are listed by status and filtered', async () => {
  const { fake, conversationId } = await startTalk();
  fake.writeAsCustomer({ contact: { email: 'b@example.com' }, content: 'Hi' });
  fake.resolve(conversationId);
  const ids = async (query: string) => (await api(fake, 'GET', `/conversations${query}`)).json;
  expect(await ids('')).toMatchObject({ data: { meta: { all_count: 1 }, payload: [{ id: 1188 }] } });
  expect(await ids('?status=all')).toMatchObject({ data: { meta: { all_count: 2 } } });
  const filter = {
    payload: [{ attribute_key: 'status', filter_operator: 'equal_to', values: ['resolved'] }],
  };
  const filtered = await api(fake, 'POST', '/conversations/filter', filter);
  expect(filtered.json).toMatchObject({ meta: { all_count: 1 }, payload: [{ id: conversationId }] });
});
