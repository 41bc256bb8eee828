import { seedIds, spokenVersions, type Version } from '@switchyard/testkit';
import { describe, expect, it } from 'vitest';
import { start } from './testing-line.ts';

const { agent, secondAgent, websiteInbox, standardTeam } = seedIds;
type Line = Awaited<ReturnType<typeof start>>;

/** An inbox without a bot, agents online, and a first question that was answered. */
async function answered(version: Version) {
  const line = await start({ botsInbox: false, chatwoot: { version } });
  return { ...line, of: await line.customer('pricing?') };
}

describe.each(spokenVersions)('%s: what Chatwoot does by itself', (version) => {
  it('its pick for the inbox does not silence the bot, and the offer stays', async () => {
    const line = await start({ botsInbox: false, chatwoot: { version } });
    line.fake.setInboxAutoAssignment(websiteInbox, true);
    const conversation = await line.customer('pricing?');
    expect(line.fake.conversation(conversation).assignee).toMatchObject({ kind: 'user' });
    expect(line.replies()).toEqual(['From $29. Shall I connect you?']);
    await line.customer('yes');
    expect(line.replies()).toEqual(['From $29. Shall I connect you?', 'Connecting you.']);
  });

  it('its pick out of a team that our token has set does not', async () => {
    const line = await answered(version);
    line.fake.assign(line.of, { teamId: standardTeam }, seedIds.administrator);
    await line.everythingElse();
    expect(line.fake.conversation(line.of).assignee).toMatchObject({ kind: 'user' });
    await line.customer('hours?');
    expect(line.replies()).toHaveLength(2);
  });

  it('an automation rule of the account does not', async () => {
    const line = await start({ botsInbox: false, chatwoot: { version } });
    line.fake.addAutomationRule({ teamId: standardTeam, userId: secondAgent });
    await line.customer('hours?');
    expect(line.replies()).toEqual(["We're open Monday-Friday."]);
  });
});

describe.each(spokenVersions)('%s: a person', (version) => {
  it.each<readonly [string, (line: Line, conversation: number) => void]>([
    ['takes it', ({ fake }, conversation) => fake.take(conversation, agent)],
    ['gives it to another', ({ fake }, id) => fake.assign(id, { userId: secondAgent }, agent)],
    ['runs a macro that takes it', ({ fake }, id) => fake.runMacro(id, { assignTo: 'self' }, agent)],
    ['replies', ({ fake }, id) => void fake.writeAsAgent({ conversationId: id, content: 'Tobias here.' })],
  ])('%s: the bot is silent', async (_how, takes) => {
    const line = await answered(version);
    takes(line, line.of);
    await line.everythingElse();
    await line.customer('hours?');
    await line.customer('yes');
    expect(line.replies()).not.toContain("We're open Monday-Friday.");
    expect(line.replies()).not.toContain('Connecting you.');
  });

  it('who took it without a reply and is unassigned leaves it to the bot', async () => {
    const line = await answered(version);
    line.fake.take(line.of, agent);
    await line.everythingElse();
    line.fake.unassign(line.of, agent);
    await line.everythingElse();
    await line.customer('hours?');
    expect(line.replies()).toHaveLength(2);
  });

  it('who makes it pending again gives it back', async () => {
    const line = await answered(version);
    line.fake.take(line.of, agent);
    line.fake.writeAsAgent({ conversationId: line.of, content: 'Tobias here.' });
    await line.everythingElse();
    line.fake.makePending(line.of, agent);
    await line.everythingElse();
    await line.customer('hours?');
    expect(line.replies()).toEqual([
      'From $29. Shall I connect you?',
      'Tobias here.',
      "We're open Monday-Friday.",
    ]);
  });

  it('who began the conversation has it', async () => {
    const line = await start({ botsInbox: false, chatwoot: { version } });
    await line.begunByPerson('Hello, this is about your order.');
    await line.customer('hours?');
    expect(line.replies()).toEqual(['Hello, this is about your order.']);
  });
});
