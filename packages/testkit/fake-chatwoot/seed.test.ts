import { expect, it } from 'vitest';
import { startFakeChatwoot } from './fake-chatwoot.ts';

it('takes the tokens and the first numbers of one that was there before', async () => {
  const tokens = { administrator: 'token-of-ada', bot: 'token-of-the-bot' };
  const chatwoot = await startFakeChatwoot({ tokens, idsAfter: 10_000 });
  try {
    expect(chatwoot.tokens).toMatchObject(tokens);
    const contact = { name: 'Tom', email: 'tom@example.com', phone: null };
    const { conversationId } = chatwoot.writeAsCustomer({ content: 'Hello', contact, newConversation: true });
    expect(conversationId).toBe(11_187);
    expect(chatwoot.contacts().map(({ id }) => id)).toEqual([14_821]);
  } finally {
    await chatwoot.close();
  }
});
