import { seedIds, spokenVersions } from '@switchyard/testkit';
import { describe, expect, it } from 'vitest';
import { start } from './testing-line.ts';

describe.each(spokenVersions)('%s', (version) => {
  /** Chatwoot makes a payload when its job runs (contract §1.6): with a backlog of a few seconds, so much later. */
  it.each(['conversation_status_changed', 'conversation_updated'])(
    'a person who replied in a reopened conversation is not talked over, though %s is a late snapshot',
    async (late) => {
      const line = await start({ chatwoot: { version } });
      const conversation = await line.customer('hours?');
      line.fake.resolve(conversation, seedIds.secondAgent);
      await line.everythingElse();
      line.fake.writeAsCustomer({ content: 'And where are you?', conversationId: conversation });
      const reopening = await line.settle();
      expect(line.fake.conversation(conversation).status).toBe('pending');
      line.fake.writeAsAgent({ conversationId: conversation, content: 'Tobias here: in Berlin.' });
      const reply = await line.settle();
      const updatedAt = await labelled(line, conversation);
      for (const event of reopening.filter(({ name }) => name === late)) {
        await line.work({
          ...event,
          conversation: event.conversation && { ...event.conversation, updatedAt },
        });
      }
      for (const event of reply) await line.work(event);
      await line.customer('hours?');
      expect(line.replies()).toEqual(["We're open Monday-Friday.", 'Tobias here: in Berlin.']);
    },
  );

  it('nor in an inbox without a bot, where the late snapshot is the one of its resolving', async () => {
    const line = await start({ botsInbox: false, asBot: false, chatwoot: { version } });
    const conversation = await line.customer('hours?');
    line.fake.resolve(conversation, seedIds.secondAgent);
    const resolving = await line.settle();
    line.fake.writeAsCustomer({ content: 'And where are you?', conversationId: conversation });
    const reopening = await line.settle();
    line.fake.writeAsAgent({ conversationId: conversation, content: 'Tobias here: in Berlin.' });
    const reply = await line.settle();
    const updatedAt = await labelled(line, conversation);
    for (const event of [...resolving, ...reopening]) {
      const snapshot = event.conversation && { ...event.conversation, status: 'open' as const, updatedAt };
      await line.work(event.name.startsWith('conversation_') ? { ...event, conversation: snapshot } : event);
    }
    for (const event of reply) await line.work(event);
    await line.customer('hours?');
    expect(line.replies()).toEqual(["We're open Monday-Friday.", 'Tobias here: in Berlin.']);
  });

  it('an offer is not forgotten when the reopening is heard of after it, as a late snapshot', async () => {
    const line = await start({ chatwoot: { version } });
    const conversation = await line.customer('hours?');
    line.fake.resolve(conversation, seedIds.agent);
    await line.everythingElse();
    line.fake.writeAsCustomer({ content: 'price?', conversationId: conversation });
    const events = await line.settle();
    for (const event of events.filter(({ name }) => name === 'message_created')) await line.work(event);
    await line.settle();
    expect(line.replies()).toHaveLength(2);
    // Chatwoot makes the payload when its job runs, so it has the conversation as the reply left it.
    const updatedAt = Date.now() + 1;
    for (const event of events.filter(({ name }) => name === 'conversation_status_changed')) {
      const late =
        event.conversation === null
          ? event
          : { ...event, conversation: { ...event.conversation, updatedAt } };
      expect(late.conversation?.status).toBe('pending');
      await line.work(late);
    }
    await line.customer('yes');
    expect(line.replies().at(-1)).toBe('Connecting you.');
  });

  it('a handover soon after a reopening is remembered where our clock is a minute behind Chatwoot’s', async () => {
    const rules = [
      { name: 'hours', when: { contains: 'hours', wholeWords: true }, reply: 'Nine to six.' },
      {
        name: 'human',
        when: { contains: 'human', wholeWords: true },
        reply: 'I connect you.',
        handoff: { team: 'Sales' },
      },
    ];
    const line = await start({ botsInbox: false, asBot: false, config: { rules }, chatwoot: { version } });
    line.passes(-1);
    const conversation = await line.customer('hours?');
    line.fake.resolve(conversation, seedIds.agent);
    await line.everythingElse();
    await line.customer('human please');
    expect(line.replies()).toEqual(['Nine to six.', 'I connect you.']);
    await line.customer('hours?');
    expect(line.replies()).toEqual(['Nine to six.', 'I connect you.']);
  });
});

/** Somebody sets a label two seconds later; the conversation's `updated_at` by then. */
async function labelled(line: Awaited<ReturnType<typeof start>>, conversation: number): Promise<number> {
  line.fake.setLabels(conversation, ['vip']);
  await line.settle();
  return (line.fake.conversation(conversation).updatedAt ?? 0) + 2_200;
}
