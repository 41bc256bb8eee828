import { type FakeChatwootOptions, seedIds, spokenVersions, type Version } from '@switchyard/testkit';
import { describe, expect, it } from 'vitest';
import { mara, start } from './testing-line.ts';

const { account, websiteInbox } = seedIds;

describe.each<Version>(['4.13', '4.16'])('%s: what is pending', (version) => {
  const chatwoot: FakeChatwootOptions = { version };

  it.each([{ content: 'Where is my parcel?' }, { content: null }])(
    'in an inbox that got its bot a moment ago is handed over: $content',
    async ({ content }) => {
      const line = await start({ botsInbox: false, chatwoot });
      await line.customer('hours?');
      line.fake.connectBot({ url: 'http://127.0.0.1:9/webhooks/chatwoot' });
      const other = { ...mara, email: 'other@example.com' };
      const { conversationId } = line.fake.writeAsCustomer({ content, contact: other });
      await line.everythingElse();
      expect(line.fake.conversation(conversationId).status).toBe('open');
    },
  );

  it('with the bot whose place ours has taken is handed over', async () => {
    const line = await start({ botsInbox: false, chatwoot });
    const former = await call(line, '/agent_bots', {
      name: 'Former',
      outgoing_url: 'http://127.0.0.1:9/former',
    });
    const id = former !== null && typeof former === 'object' && 'id' in former ? former.id : null;
    await call(line, `/inboxes/${websiteInbox}/set_agent_bot`, { agent_bot: id });
    const { conversationId } = line.fake.writeAsCustomer({ content: 'Hello', contact: mara });
    await line.settle();
    expect(line.fake.conversation(conversationId).status).toBe('pending');
    line.fake.connectBot({ url: 'http://127.0.0.1:9/webhooks/chatwoot' });
    line.fake.writeAsCustomer({ content: 'Where is my parcel?', conversationId });
    await line.everythingElse();
    expect(line.fake.conversation(conversationId).status).toBe('open');
  });
});

describe.each(spokenVersions)('%s: another bot', (version) => {
  it('a new conversation of an inbox that got another bot a moment ago is left to that bot', async () => {
    const line = await start({ chatwoot: { version } });
    await line.customer('hours?');
    const bot = await call(line, '/agent_bots', { name: 'Other', outgoing_url: 'http://127.0.0.1:9/other' });
    const id = bot !== null && typeof bot === 'object' && 'id' in bot ? bot.id : null;
    await call(line, `/inboxes/${websiteInbox}/set_agent_bot`, { agent_bot: id });
    const { conversationId } = line.fake.writeAsCustomer({
      content: 'Where is my parcel?',
      contact: another,
    });
    await line.everythingElse();
    expect(line.fake.conversation(conversationId).status).toBe('pending');
  });

  it('a new conversation of an inbox whose bot was taken away a moment ago is answered by the rules', async () => {
    const line = await start({ chatwoot: { version } });
    await line.customer('hours?');
    await call(line, `/inboxes/${websiteInbox}/set_agent_bot`, { agent_bot: null });
    const { conversationId } = line.fake.writeAsCustomer({ content: 'hours?', contact: another });
    await line.everythingElse();
    expect(line.fake.conversation(conversationId).status).toBe('open');
    const said = line.fake.messages(conversationId).filter(({ type }) => type === 'outgoing');
    expect(said.map(({ content }) => content)).toEqual(["We're open Monday-Friday."]);
  });
});

describe('4.16: another bot', () => {
  const version = '4.16';

  it('what somebody gave to another bot by hand, in an inbox without one, is left to that bot', async () => {
    const line = await start({ botsInbox: false, chatwoot: { version } });
    await line.customer('hours?');
    const bot = await call(line, '/agent_bots', { name: 'Other', outgoing_url: 'http://127.0.0.1:9/other' });
    const id = bot !== null && typeof bot === 'object' && 'id' in bot ? bot.id : null;
    const path = `/conversations/${line.conversation()}/assignments`;
    await call(line, path, { assignee_id: id, assignee_type: 'AgentBot' });
    line.fake.makePending(line.conversation());
    await line.everythingElse();
    await line.customer('hours?');
    await line.customer('Where is my parcel?');
    expect(line.replies()).toHaveLength(1);
    expect(line.fake.conversation(line.conversation()).status).toBe('pending');
  });
});

const another = { name: 'Otto', email: 'otto@example.com' };

/** As an administrator. */
async function call(
  { fake }: Awaited<ReturnType<typeof start>>,
  path: string,
  body: object,
): Promise<unknown> {
  const response = await fetch(`${fake.url}/api/v1/accounts/${account}${path}`, {
    method: 'POST',
    headers: { api_access_token: fake.tokens.administrator, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json().catch(() => null);
}
