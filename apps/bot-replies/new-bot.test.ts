import { type FakeChatwootOptions, seedIds, type Version } from '@switchyard/testkit';
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
    const call = async (path: string, body: object): Promise<unknown> => {
      const response = await fetch(`${line.fake.url}/api/v1/accounts/${account}${path}`, {
        method: 'POST',
        headers: { api_access_token: line.fake.tokens.administrator, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return response.json().catch(() => null);
    };
    const former = await call('/agent_bots', { name: 'Former', outgoing_url: 'http://127.0.0.1:9/former' });
    const id = former !== null && typeof former === 'object' && 'id' in former ? former.id : null;
    await call(`/inboxes/${websiteInbox}/set_agent_bot`, { agent_bot: id });
    const { conversationId } = line.fake.writeAsCustomer({ content: 'Hello', contact: mara });
    await line.settle();
    expect(line.fake.conversation(conversationId).status).toBe('pending');
    line.fake.connectBot({ url: 'http://127.0.0.1:9/webhooks/chatwoot' });
    line.fake.writeAsCustomer({ content: 'Where is my parcel?', conversationId });
    await line.everythingElse();
    expect(line.fake.conversation(conversationId).status).toBe('open');
  });
});
