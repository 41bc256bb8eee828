import { seedIds } from '@switchyard/testkit';
import { describe, expect, it } from 'vitest';
import { mara, start } from './testing-line.ts';

describe('a question that a rule knows', () => {
  it.each([{ asBot: true }, { asBot: false }])('is answered (as bot: $asBot)', async ({ asBot }) => {
    const line = await start({ asBot });
    await line.customer('What are your hours?');
    expect(line.replies()).toEqual(["We're open Monday-Friday."]);
    expect(line.fake.effects().map(({ tokenKind }) => tokenKind)).toEqual([asBot ? 'bot' : 'administrator']);
  });

  it('is answered once, whatever our own reply sets off', async () => {
    const line = await start({ asBot: false });
    await line.customer('What are your hours?');
    await line.everythingElse();
    await line.customer('And hours on Sunday?');
    expect(line.replies()).toHaveLength(2);
  });

  it('is not answered twice when the answer to our call was lost', async () => {
    const line = await start();
    line.fake.faults.add({ kind: 'resetAfterCommit', method: 'POST', path: 'messages', count: 1 });
    await expect(line.customer('hours?')).rejects.toMatchObject({ failure: 'unknown-outcome' });
    await line.again();
    expect(line.replies()).toHaveLength(1);
  });

  it('is answered by the retry when our call did not arrive', async () => {
    const line = await start();
    line.fake.faults.add({ kind: 'resetBeforeCommit', method: 'POST', path: 'messages', count: 1 });
    await expect(line.customer('hours?')).rejects.toMatchObject({ failure: 'unknown-outcome' });
    await line.again();
    expect(line.replies()).toHaveLength(1);
  });

  it('is left to the human who answered it meanwhile', async () => {
    const line = await start();
    const { conversationId } = line.fake.writeAsCustomer({ content: 'hours?', contact: mara });
    line.fake.writeAsAgent({ conversationId, content: 'Nine to six.' });
    const asked = await line.firstMessage();
    expect(await line.work(asked)).toMatchObject({ action: 'hand-over', reason: 'human-took-over' });
    expect(line.fake.messages(conversationId).filter(({ type }) => type === 'outgoing')).toHaveLength(1);
    // A reply does not open what is pending, and the others do not see that.
    expect(line.fake.conversation(conversationId).status).toBe('open');
  });
});

describe('a human who took over', () => {
  it('is not talked over, until the conversation is resolved', async () => {
    const line = await start();
    const conversation = await line.customer('Hello');
    line.fake.writeAsAgent({ conversationId: conversation, content: 'Hi, Tobias here.' });
    await line.everythingElse();
    await line.customer('hours?');
    expect(line.replies()).toEqual(['Hi, Tobias here.']);

    line.fake.resolve(conversation);
    await line.everythingElse();
    line.fake.setStatus(conversation, 'pending');
    await line.everythingElse();
    await line.customer('hours?');
    expect(line.replies()).toHaveLength(2);
  });
});

describe('an offer', () => {
  it('that is taken hands the conversation to the team, opened', async () => {
    const line = await start();
    const conversation = await line.customer('pricing?');
    await line.customer('Yes!');
    expect(line.replies()).toEqual(['From $29. Shall I connect you?', 'Connecting you.']);
    expect(line.fake.conversation(conversation)).toMatchObject({
      status: 'open',
      team: { id: seedIds.salesTeam },
    });
    await line.customer('hours?');
    expect(line.replies()).toHaveLength(2);
  });

  it('that is taken is handed over whole by a retry, though the conversation is open by then', async () => {
    const line = await start();
    const conversation = await line.customer('pricing?');
    line.fake.faults.add({ kind: 'status', status: 500, afterCommit: true, path: 'toggle_status', count: 1 });
    await expect(line.customer('yes')).rejects.toMatchObject({ failure: 'unknown-outcome' });
    expect(await line.again()).toMatchObject({ action: 'take-offer' });
    expect(line.fake.conversation(conversation)).toMatchObject({
      status: 'open',
      team: { id: seedIds.salesTeam },
    });
    expect(line.replies()).toHaveLength(2);
    expect(line.fake.effects().filter(({ kind }) => kind === 'status')).toHaveLength(1);
  });

  it('that is declined is over', async () => {
    const line = await start();
    await line.customer('pricing?');
    await line.customer('no');
    await line.customer('yes');
    expect(line.replies()).toEqual(['From $29. Shall I connect you?', 'No problem.']);
  });

  it('stays while something else is asked', async () => {
    const line = await start();
    const conversation = await line.customer('pricing?');
    await line.customer('hours?');
    await line.customer('yes');
    expect(line.fake.conversation(conversation)).toMatchObject({ status: 'open' });
  });
});

describe('a message that the bot comes to too late', () => {
  it('is left to humans with one private note, and the bot is silent from then on', async () => {
    const line = await start();
    line.passes(11);
    const conversation = await line.customer('hours?');
    await line.customer('hours??');
    expect([line.replies(), line.notes()]).toEqual([[], ['The bot was late.']]);
    expect(line.fake.conversation(conversation).status).toBe('open');
    line.passes(0);
    await line.customer('hours, now?');
    expect(line.replies()).toEqual([]);
  });

  it('is left to the healer where that has claimed it', async () => {
    const line = await start();
    line.passes(13);
    line.healerClaims();
    const conversation = await line.customer('hours?');
    expect([line.replies(), line.notes()]).toEqual([[], []]);
    expect(line.fake.conversation(conversation).status).toBe('pending');
  });

  it('is handed to the team that the rule would have handed it to', async () => {
    const line = await start();
    const conversation = await line.customer('pricing?');
    line.passes(11);
    await line.customer('yes');
    expect([line.replies(), line.notes()]).toEqual([
      ['From $29. Shall I connect you?'],
      ['The bot was late.'],
    ]);
    expect(line.fake.conversation(conversation)).toMatchObject({
      status: 'open',
      team: { id: seedIds.salesTeam },
    });
  });

  it('gets no note when its reply, whose outcome was unknown, is there after all', async () => {
    const line = await start();
    line.fake.faults.add({ kind: 'resetAfterCommit', method: 'POST', path: 'messages', count: 1 });
    await expect(line.customer('hours?')).rejects.toMatchObject({ failure: 'unknown-outcome' });
    line.passes(11);
    await line.again();
    expect([line.replies(), line.notes()]).toEqual([["We're open Monday-Friday."], []]);
  });

  it('gets the note when its reply did not arrive, and never the reply', async () => {
    const line = await start();
    line.fake.faults.add({ kind: 'resetBeforeCommit', method: 'POST', path: 'messages', count: 1 });
    await expect(line.customer('hours?')).rejects.toMatchObject({ failure: 'unknown-outcome' });
    line.passes(11);
    await line.again();
    line.passes(0);
    await line.again();
    expect([line.replies(), line.notes()]).toEqual([[], ['The bot was late.']]);
  });

  it.each(['messages', 'toggle_status'])(
    'is handed over whole when the answer to %s was lost',
    async (path) => {
      const line = await start();
      line.fake.faults.add({ kind: 'resetAfterCommit', method: 'POST', path, count: 1 });
      line.passes(11);
      await expect(line.customer('hours?')).rejects.toMatchObject({ failure: 'unknown-outcome' });
      expect(await line.again()).toMatchObject({ action: 'hand-over-late', reason: 'rule:hours' });
      expect(line.notes()).toEqual(['The bot was late.']);
      line.passes(0);
      const conversation = await line.customer('hours?');
      expect(line.replies()).toEqual([]);
      expect(line.fake.conversation(conversation).status).toBe('open');
    },
  );

  it('is finished as begun when the bot has said a part of it in time', async () => {
    const line = await start();
    const conversation = await line.customer('pricing?');
    line.fake.faults.add({ kind: 'resetBeforeCommit', path: 'assignments', count: 1 });
    await expect(line.customer('yes')).rejects.toMatchObject({ failure: 'unknown-outcome' });
    line.passes(11);
    await line.again();
    expect([line.replies(), line.notes()]).toEqual([
      ['From $29. Shall I connect you?', 'Connecting you.'],
      [],
    ]);
    expect(line.fake.conversation(conversation)).toMatchObject({
      status: 'open',
      team: { id: seedIds.salesTeam },
    });
  });
});

it('opens the conversation for humans though its team is not there, and the job says so', async () => {
  const line = await start();
  const conversation = await line.customer('hours?');
  await expect(line.customer('Lost!')).rejects.toThrow(
    'bot.rules[2].handoff.team: no team "Sles" in Chatwoot account 3; there are: enterprise support, standard support, sales',
  );
  expect(line.fake.conversation(conversation).status).toBe('open');
});
