import { seedIds, spokenVersions } from '@switchyard/testkit';
import { describe, expect, it } from 'vitest';
import { start } from './testing-line.ts';

describe('a handover that is tried again after a person has replied says nothing', () => {
  it.each([
    { what: 'of a rule', text: 'human', fault: 500 },
    { what: 'of what no rule answers', text: 'Where is my parcel?', fault: 429 },
  ])('$what', async ({ text, fault }) => {
    const handoff = { team: 'Sales', reply: 'Soon.' };
    const rules = [
      { name: 'human', when: { contains: 'human', wholeWords: true }, reply: 'I connect you.', handoff },
    ];
    const unanswered = { handOver: true, after: 0, reply: 'Somebody will be with you.' };
    const line = await start({ config: { rules, unanswered } });
    line.fake.faults.add({ kind: 'status', status: fault, method: 'POST', path: 'messages', count: 1 });
    await expect(line.customer(text)).rejects.toThrow();
    const conversation = line.fake.conversations().at(-1)?.id ?? 0;
    line.fake.writeAsAgent({ conversationId: conversation, content: 'Greta here, I have it.' });
    await line.again();
    const said = line.fake.messages(conversation).filter(({ type }) => type === 'outgoing');
    expect(said.map(({ content }) => content)).toEqual(['Greta here, I have it.']);
    expect(line.fake.conversation(conversation).status).toBe('open');
  });
});

const handoff = { team: 'Sales', reply: 'Soon.' };
const rules = [
  { name: 'human', when: { contains: 'human', wholeWords: true }, reply: 'I connect you.', handoff },
];
describe.each(spokenVersions)('%s: a handover that is tried again', (version) => {
  it.each([true, false])(
    'does not talk over a person who has taken it meanwhile (bot inbox %s)',
    async (botsInbox) => {
      const line = await start({ config: { rules }, botsInbox, asBot: botsInbox, chatwoot: { version } });
      line.fake.faults.add({ kind: 'status', status: 503, method: 'POST', path: 'messages', count: 1 });
      await expect(line.customer('human')).rejects.toThrow();
      const conversation = line.fake.conversations().at(-1)?.id ?? 0;
      line.fake.take(conversation, seedIds.agent);
      await line.settle();
      await line.again();
      const said = line.fake.messages(conversation).filter(({ type }) => type === 'outgoing');
      const { assignee, team, status } = line.fake.conversation(conversation);
      expect([said, assignee?.id, team, status]).toEqual([[], seedIds.agent, null, 'open']);
    },
  );

  it('leaves it resolved where a person has done that meanwhile', async () => {
    const line = await start({ config: { rules }, chatwoot: { version } });
    line.fake.faults.add({ kind: 'status', status: 503, method: 'POST', path: 'messages', count: 1 });
    await expect(line.customer('human')).rejects.toThrow();
    const conversation = line.fake.conversations().at(-1)?.id ?? 0;
    line.fake.resolve(conversation, seedIds.secondAgent);
    await line.settle();
    await line.again();
    const said = line.fake.messages(conversation).filter(({ type }) => type === 'outgoing');
    expect([said, line.fake.conversation(conversation).status]).toEqual([[], 'resolved']);
  });

  it('does not speak when the bot was turned off meanwhile', async () => {
    const line = await start({ config: { rules }, chatwoot: { version } });
    line.fake.faults.add({ kind: 'status', status: 503, method: 'POST', path: 'messages', count: 1 });
    await expect(line.customer('human')).rejects.toThrow();
    const conversation = line.fake.conversations().at(-1)?.id ?? 0;
    line.turnOff();
    await line.again();
    const said = line.fake.messages(conversation).filter(({ type }) => type === 'outgoing');
    const { team, status } = line.fake.conversation(conversation);
    expect([said, team?.id, status]).toEqual([[], seedIds.salesTeam, 'open']);
  });
});
