import { describe, expect, it } from 'vitest';
import { start } from './testing-line.ts';

describe('the bot comes back with a conversation that is resolved', () => {
  it('though the customer writes again before the bot has heard of it', async () => {
    const line = await start({ botsInbox: false });
    const conversation = await line.customer('hours?');
    line.fake.writeAsAgent({ conversationId: conversation, content: 'Greta here.' });
    await line.everythingElse();
    line.fake.resolve(conversation);
    await line.customer('hours?');
    expect(line.replies()).toHaveLength(3);
  });

  it('though that is heard of before the reply that came first ("send and resolve")', async () => {
    const line = await start({ botsInbox: false });
    const conversation = await line.customer('hours?');
    line.fake.writeAsAgent({ conversationId: conversation, content: 'Greta here.' });
    line.fake.resolve(conversation);
    const events = await line.settle();
    const isReply = ({ name }: (typeof events)[number]) => name === 'message_created';
    const replyLast = [...events.filter((event) => !isReply(event)), ...events.filter(isReply)];
    for (const event of replyLast) await line.work(event);
    await line.customer('hours?');
    expect(line.replies()).toHaveLength(3);
  });

  it('though it had handed it over, and the customer writes again before it has heard of it', async () => {
    const line = await start({ botsInbox: false });
    const conversation = await line.customer('price?');
    await line.customer('yes');
    await line.everythingElse();
    line.fake.resolve(conversation);
    await line.customer('hours?');
    expect(line.replies()).toHaveLength(3);
  });

  it('in a bot’s inbox, where it becomes pending again', async () => {
    const line = await start();
    const conversation = await line.customer('hours?');
    line.fake.writeAsAgent({ conversationId: conversation, content: 'Greta here.' });
    await line.everythingElse();
    line.fake.resolve(conversation);
    await line.customer('hours?');
    expect(line.replies()).toHaveLength(3);
  });
});
