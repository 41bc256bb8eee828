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
