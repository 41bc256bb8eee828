import { createServer } from 'node:http';
import { type ChatwootEvent, parseEvent } from '@switchyard/chatwoot';
import { loadCrmSyncConfig } from '@switchyard/config';
import { createSend } from '@switchyard/jobs';
import { testingContext, testingRuntime } from '@switchyard/jobs/testing';
import { type FakeCrmOptions, fixture, startFakeCrm } from '@switchyard/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCrm } from './crm.ts';
import { createCrmSyncWorker } from './worker.ts';

const link = 'https://chat.example.com/app/accounts/3/conversations/';

describe('a new conversation', () => {
  it('becomes a lead with a link to it', async () => {
    const { crm, work } = await start();
    expect(await work(event('conversation_created'))).toMatchObject({ action: 'create-lead' });
    expect(crm.leads()).toHaveLength(1);
    expect(crm.leads()[0]).toMatchObject({
      source: 'Chatwoot',
      conversation_url: `${link}${event('conversation_created').conversation?.id}`,
    });
    expect(crm.writes()[0]?.idempotencyKey).toBe(
      `switchyard:lead:3:${event('conversation_created').conversation?.id}`,
    );
  });

  it('becomes one lead when it is announced twice, under two delivery ids', async () => {
    const { crm, work } = await start();
    await work(event('conversation_created'), 'job-1');
    expect(await work(event('conversation_created'), 'job-2')).toEqual({
      action: 'none',
      reason: 'lead-exists',
    });
    expect(crm.leads()).toHaveLength(1);
  });

  it.each(['simplified/conversation_created.blog', 'variants/conversation_created.pending_agent_bot_owner'])(
    'becomes a lead in the shape of %s',
    async (name) => {
      const { crm, work } = await start();
      await work(event(name));
      expect(crm.leads()).toHaveLength(1);
    },
  );

  it('of a contact with neither e-mail nor phone becomes a lead with nulls', async () => {
    const { crm, work } = await start();
    const nobody = { id: 5, name: ' ', email: '', phone: null };
    await work(withContact(event('conversation_created'), nobody));
    expect(crm.writes()[0]?.body).toMatchObject({ name: null, email: null, phone: null });
  });

  it('without a conversation does nothing', async () => {
    const { crm, work } = await start();
    const nothing = { action: 'none', reason: 'no-conversation' };
    expect(await work({ ...event('conversation_created'), conversation: null })).toEqual(nothing);
    expect(crm.calls()).toHaveLength(0);
  });

  it('without an account is a fault, not nothing to do', async () => {
    const { crm, work } = await start();
    const failed = work({ ...event('conversation_created'), account: null });
    await expect(failed).rejects.toMatchObject({ code: 'ACCOUNT_UNKNOWN', failure: 'permanent' });
    expect(crm.calls()).toHaveLength(0);
  });
});

describe('a rehearsal', () => {
  it('makes the fields of a lead and sends nothing, then or when the contact changes', async () => {
    const { crm, work, rehearse } = await start();
    const created = event('conversation_created');
    await rehearse(created);
    expect(await work(created)).toMatchObject({ action: 'create-lead', rehearsal: true });
    const changed = withContact(event('contact_updated'), { id: created.contact?.id ?? null });
    expect(await work(changed, 'job-2')).toEqual({ action: 'none', reason: 'lead-without-id' });
    expect(crm.calls()).toHaveLength(0);
  });

  it('is told by the inbox and the contact, never by what a customer writes', async () => {
    const { crm, work, rehearse } = await start();
    const created = event('conversation_created');
    await rehearse({ ...created, inbox: { id: 9_999, name: 'Switchyard rehearsal' } });
    await rehearse(withContact(created, { id: 8_888 }));
    await work(withContact(created, { name: 'Rehearsal 12345678', email: 'rehearsal-12345678@example.com' }));
    expect(crm.leads()).toHaveLength(1);
  });
});

describe('a CRM that fails', () => {
  it('gets the lead once when its answer was lost after it was made', async () => {
    const { crm, work } = await start();
    crm.faults.add({ kind: 'resetAfterCommit', count: 1 });
    await expect(work(event('conversation_created'))).rejects.toMatchObject({ failure: 'unknown-outcome' });
    await work(event('conversation_created'));
    expect(crm.leads()).toHaveLength(1);
    expect(crm.writes().filter(({ committed }) => committed)).toHaveLength(1);
  });

  it('gets it once by crm.lookup, though it does not honour Idempotency-Key', async () => {
    const { crm, work } = await start({ idempotency: 'ignored' }, true);
    crm.faults.add({ kind: 'status', status: 500, afterCommit: true, method: 'POST', count: 1 });
    await expect(work(event('conversation_created'))).rejects.toMatchObject({ failure: 'unknown-outcome' });
    await work(event('conversation_created'));
    expect(crm.leads()).toHaveLength(1);
  });

  it('gets it by crm.lookup when it was not made', async () => {
    const { crm, work } = await start({ idempotency: 'ignored' }, true);
    crm.faults.add({ kind: 'resetBeforeCommit', method: 'POST', count: 1 });
    await expect(work(event('conversation_created'))).rejects.toMatchObject({ failure: 'unknown-outcome' });
    await work(event('conversation_created'));
    expect(crm.leads()).toHaveLength(1);
  });

  it('keeps its id though the answer broke off', async () => {
    const { crm, work } = await start();
    crm.faults.add({ kind: 'badJson', method: 'POST', count: 1 });
    await expect(work(event('conversation_created'))).rejects.toMatchObject({ failure: 'unknown-outcome' });
    await work(event('conversation_created'));
    const updated = { ...event('contact_updated'), contact: event('conversation_created').contact };
    expect(await work(updated, 'job-2')).toMatchObject({ action: 'update-leads' });
  });

  it('that is away is an outage', async () => {
    const { crm, work } = await start();
    await crm.faults.down();
    await expect(work(event('conversation_created'))).rejects.toMatchObject({
      failure: 'outage',
      target: 'crm',
    });
  });
});

describe('a change of the contact', () => {
  const created = event('conversation_created');
  const changed = withContact(event('contact_updated'), { id: created.contact?.id ?? null });

  it('updates every lead of the contact', async () => {
    const { crm, work } = await start();
    await work(created, 'job-1');
    await work(inConversation(created, 900), 'job-2');
    await work(withContact(changed, { email: 'new@example.com' }), 'job-3');
    expect(crm.leads().map(({ email }) => email)).toEqual(['new@example.com', 'new@example.com']);
    expect(
      crm
        .writes()
        .filter(({ method }) => method === 'PATCH')
        .map(({ idempotencyKey }) => idempotencyKey),
    ).toEqual([`crm-sync:job-3:update-lead:${created.conversation?.id}`, 'crm-sync:job-3:update-lead:900']);
  });

  it('that is only activity does nothing', async () => {
    const { work } = await start();
    await work(created, 'job-1');
    const activity = withContact(event('variants/contact_updated.activity_only'), {
      id: created.contact?.id ?? null,
    });
    expect(await work(activity, 'job-2')).toEqual({ action: 'none', reason: 'activity-only' });
  });

  it('that comes late does not undo a newer one', async () => {
    const { crm, work } = await start();
    await work(created, 'job-1');
    await work(at(withContact(changed, { name: 'Newer' }), '2026-06-18T09:00:00.000Z'), 'job-2');
    const late = await work(at(withContact(changed, { name: 'Older' }), '2026-06-18T08:59:00.000Z'), 'job-3');
    expect(late).toEqual({ action: 'none', reason: 'stale' });
    expect(crm.leads()[0]?.name).toBe('Newer');
  });

  it('of somebody without a lead does nothing', async () => {
    const { work } = await start();
    expect(await work(changed)).toEqual({ action: 'none', reason: 'no-lead' });
  });

  it('reaches the other leads when one was deleted in the CRM, and the job says so', async () => {
    const { crm, work } = await start();
    await work(created, 'job-1');
    await work(inConversation(created, 900), 'job-2');
    const [first] = crm.leads();
    crm.faults.add({ kind: 'status', status: 404, method: 'PATCH', path: first?.id ?? '' });
    const failed = work(withContact(changed, { name: 'Other' }), 'job-3');
    await expect(failed).rejects.toMatchObject({ failure: 'permanent', code: 'CRM_NOT_FOUND' });
    expect(crm.leads()[1]?.name).toBe('Other');
  });
});

it('remembers a lead whose id the CRM does not tell, and leaves it alone afterwards', async () => {
  const server = createServer((_request, response) => response.end('OK'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const work = await workerFor(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, 'key');
  const created = event('conversation_created');
  await work(created, 'job-1');
  const changed = withContact(event('contact_updated'), { id: created.contact?.id ?? null });
  expect(await work(changed, 'job-2')).toEqual({ action: 'none', reason: 'lead-without-id' });
});

async function start(options: FakeCrmOptions = {}, lookup = false) {
  const crm = await startFakeCrm(options);
  onTestFinished(() => crm.close());
  const remembered = new Map<string, string>();
  return {
    crm,
    work: await workerFor(`${crm.url}/leads`, crm.apiKey, { lookup, remembered }),
    /** As `switchyard rehearse` writes it down. */
    async rehearse({ account, inbox, contact }: ChatwootEvent) {
      remembered.set(`rehearsal:${account}:${inbox?.id}:${contact?.id}`, 'true');
    },
  };
}

/** Works a job as the engine would; the same job id again is its next attempt. */
async function workerFor(
  url: string,
  apiKey: string,
  { lookup = false, remembered = new Map<string, string>() } = {},
) {
  const env = { CRM_URL: url, CRM_API_KEY: apiKey, CHATWOOT_BASE_URL: 'https://chat.example.com/' };
  const { crm: config, chatwootBaseUrl } = await loadCrmSyncConfig({ env, cwd: '/nowhere' });
  const sender = createSend({ target: 'crm', timeoutMs: 2_000, runtime: testingRuntime() });
  onTestFinished(() => sender.close());
  const lookups = { lookup: { url: '{crm.url}?conversation_url={conversation.url}', idPath: 'leads.0.id' } };
  const crm = createCrm({ config: lookup ? { ...config, ...lookups } : config, send: sender.send });
  const worker = createCrmSyncWorker({ chatwootBaseUrl, crm });
  const jobs = new Map<string, ReturnType<typeof testingContext>>();
  return async (event: ChatwootEvent, job = 'job-1') => {
    const { context } = jobs.get(job) ?? testingContext('crm-sync', job, remembered);
    if (!jobs.has(job)) jobs.set(job, { context, performed: [], remembered });
    const decision = worker.decide(event, await worker.facts(event, context));
    await worker.steps(event, decision, context);
    return decision;
  };
}

function event(name: string): ChatwootEvent {
  const delivery = { id: 'd-1', source: 'default', kind: 'account', receivedAt: 1 } as const;
  return parseEvent(fixture(name).body, delivery);
}

function withContact(
  from: ChatwootEvent,
  changes: Partial<NonNullable<ChatwootEvent['contact']>>,
): ChatwootEvent {
  if (from.contact === null) throw new Error('the fixture has no contact');
  return { ...from, contact: { ...from.contact, ...changes } };
}

function inConversation(from: ChatwootEvent, id: number): ChatwootEvent {
  if (from.conversation === null) throw new Error('the fixture has no conversation');
  return { ...from, conversation: { ...from.conversation, id } };
}

function at(from: ChatwootEvent, to: string): ChatwootEvent {
  return { ...from, changes: { ...from.changes, updated_at: { from: null, to } } };
}
