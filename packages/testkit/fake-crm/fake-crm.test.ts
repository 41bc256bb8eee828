import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type FakeCrmOptions, startFakeCrm } from './fake-crm.ts';

const lead = {
  name: 'Mara',
  email: 'mara@example.com',
  phone: '+46701740605',
  source: 'chatwoot',
  conversation_url: 'https://support.example/app/accounts/3/conversations/1187',
  plan: 'pro',
};

async function startCrm(options: FakeCrmOptions = {}) {
  const crm = await startFakeCrm(options);
  onTestFinished(() => crm.close());
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    signal = AbortSignal.timeout(30_000),
  ) => {
    const response = await fetch(crm.url + path, {
      method,
      headers: {
        authorization: `Bearer ${crm.apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    });
    return { status: response.status, json: await response.json(), headers: response.headers };
  };
  return { crm, call };
}

describe('POST /leads', () => {
  test('makes a lead, custom fields and all', async () => {
    const { crm, call } = await startCrm();
    const made = await call('POST', '/leads', lead, { 'idempotency-key': 'k1' });
    expect(made).toMatchObject({ status: 201, json: { ...lead, id: 'lead_1' } });
    expect((await call('GET', '/leads/lead_1')).json).toEqual(made.json);
    expect(crm.writes()).toMatchObject([{ idempotencyKey: 'k1', committed: true, leadId: 'lead_1' }]);
    expect(crm.calls()).toHaveLength(2);
  });

  test('replays the first answer to the same key and body, and refuses another body', async () => {
    const { crm, call } = await startCrm();
    const key = { 'idempotency-key': 'k1' };
    const first = await call('POST', '/leads', lead, key);
    const second = await call('POST', '/leads', lead, key);
    expect(second.json).toEqual(first.json);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect((await call('POST', '/leads', { ...lead, name: 'Other' }, key)).status).toBe(422);
    expect(crm.leads()).toHaveLength(1);
    expect(crm.writes().map(({ committed }) => committed)).toEqual([true, false]);
  });

  test('makes a duplicate where keys are ignored', async () => {
    const { crm, call } = await startCrm({ idempotency: 'ignored' });
    for (const _ of [1, 2]) await call('POST', '/leads', lead, { 'idempotency-key': 'k1' });
    expect(crm.leads()).toHaveLength(2);
  });

  test.each([
    ['no key', lead, {}, 400],
    ['a wrong API key', lead, { authorization: 'Bearer no', 'idempotency-key': 'k' }, 401],
    ['a list', [lead], { 'idempotency-key': 'k' }, 422],
    ['a bad email', { ...lead, email: 'mara' }, { 'idempotency-key': 'k' }, 422],
    ['a bad phone', { ...lead, phone: '070-174' }, { 'idempotency-key': 'k' }, 422],
    ['a bad URL', { ...lead, conversation_url: 'nowhere' }, { 'idempotency-key': 'k' }, 422],
    ['a number as name', { ...lead, name: 7 }, { 'idempotency-key': 'k' }, 422],
    ['no source', { name: 'Mara' }, { 'idempotency-key': 'k' }, 422],
  ])('refuses %s', async (_, body, headers: Record<string, string>, status) => {
    const { crm, call } = await startCrm();
    expect((await call('POST', '/leads', body, headers)).status).toBe(status);
    expect(crm.leads()).toEqual([]);
    expect(crm.calls().at(-1)?.committed).toBe(false);
  });
});

test('a lead is changed and looked up', async () => {
  const { call } = await startCrm();
  await call('POST', '/leads', lead, { 'idempotency-key': 'k1' });
  const changed = await call('PATCH', '/leads/lead_1', { name: 'Mara L.', phone: null, plan: 'basic' });
  expect(changed).toMatchObject({
    status: 200,
    json: { name: 'Mara L.', phone: null, plan: 'basic', email: lead.email, source: 'chatwoot' },
  });
  expect((await call('GET', '/leads?email=MARA@example.com')).json).toEqual({ leads: [changed.json] });
  const url = encodeURIComponent(lead.conversation_url);
  expect((await call('GET', `/leads?conversation_url=${url}`)).json).toEqual({ leads: [changed.json] });
  expect((await call('GET', '/leads?email=nobody@example.com')).json).toEqual({ leads: [] });
  expect((await call('GET', '/leads')).status).toBe(400);
  expect((await call('PATCH', '/leads/lead_9', { name: 'x' })).status).toBe(404);
});

test('a change under a key that was used before is the same change', async () => {
  const { crm, call } = await startCrm();
  await call('POST', '/leads', lead, { 'idempotency-key': 'k1' });
  const changes = [{ name: 'Mara L.' }, { name: 'Mara L.' }, { name: 'M. L.' }];
  const answers = [];
  for (const change of changes) {
    answers.push((await call('PATCH', '/leads/lead_1', change, { 'idempotency-key': 'k2' })).status);
  }
  expect(answers).toEqual([200, 200, 422]);
  expect(crm.writes().map(({ committed }) => committed)).toEqual([true, true, false]);
});

test('a write whose answer is lost is found by lookup', async () => {
  const { crm, call } = await startCrm({ idempotency: 'ignored' });
  crm.faults.add({ kind: 'timeoutAfterCommit', method: 'POST', count: 1 });
  const gaveUp = new AbortController();
  const answer = call('POST', '/leads', lead, {}, gaveUp.signal).catch((error: unknown) => error);
  await vi.waitFor(() => expect(crm.calls()[0]).toMatchObject({ committed: true }), 20_000);
  gaveUp.abort();
  expect(await answer).toBeInstanceOf(Error);
  expect((await call('GET', `/leads?email=${lead.email}`)).json).toMatchObject({ leads: [{ id: 'lead_1' }] });
  expect(crm.calls()[0]).toMatchObject({ committed: true, status: null });
});
