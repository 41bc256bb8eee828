import { seedIds, spokenVersions } from '@switchyard/testkit';
import { describe, expect, it } from 'vitest';
import { start } from './testing-line.ts';

describe.each(spokenVersions)('%s: in the inbox of an agent bot', (version) => {
  const chatwoot = { version };

  it.each([
    ['a question that no rule answers', 'Where is my parcel?'],
    ['a message without text', null],
  ])('%s is handed over at once, in silence', async (_what, content) => {
    const line = await start({ chatwoot });
    const conversation = await line.customer(content);
    expect(line.fake.conversation(conversation).status).toBe('open');
    expect([line.replies(), line.notes()]).toEqual([[], []]);
  });

  it('what is open is the people’s, also when Chatwoot has opened it by itself', async () => {
    const line = await start({ chatwoot });
    const conversation = await line.customer('hours?');
    line.fake.setStatus(conversation, 'open', seedIds.administrator);
    await line.everythingElse();
    await line.customer('hours?');
    expect(line.replies()).toHaveLength(1);
    line.fake.makePending(conversation, seedIds.agent);
    await line.everythingElse();
    await line.customer('hours?');
    expect(line.replies()).toHaveLength(2);
  });
});

describe('in the inbox of an agent bot', () => {
  it('the customer is told, and the team is the one of the config', async () => {
    const line = await start({
      config: { unanswered: { handOver: true, after: 0, reply: 'One moment.', team: 'sales' } },
    });
    const conversation = await line.customer('Where is my parcel?');
    expect(line.replies()).toEqual(['One moment.']);
    expect(line.fake.conversation(conversation)).toMatchObject({
      status: 'open',
      team: { id: seedIds.salesTeam },
    });
    const kinds = line.fake.effects().map(({ kind }) => kind);
    expect(kinds.indexOf('message')).toBeLessThan(kinds.indexOf('status'));
  });

  it('as many as the config lets pass are greeted once, and the next is handed over', async () => {
    const line = await start({ config: { unanswered: { handOver: true, after: 2, greeting: 'Hello!' } } });
    const conversation = await line.customer('Hi');
    await line.customer('Anybody?');
    expect([line.replies(), line.fake.conversation(conversation).status]).toEqual([['Hello!'], 'pending']);
    await line.customer('Hm.');
    expect([line.replies(), line.fake.conversation(conversation).status]).toEqual([['Hello!'], 'open']);
  });

  it('a greeting whose answer was lost is sent once, and counts once', async () => {
    const line = await start({ config: { unanswered: { handOver: true, after: 1, greeting: 'Hello!' } } });
    line.fake.faults.add({ kind: 'resetAfterCommit', method: 'POST', path: 'messages', count: 1 });
    await expect(line.customer('Hi')).rejects.toMatchObject({ failure: 'unknown-outcome' });
    await line.again();
    await line.again();
    expect(line.replies()).toEqual(['Hello!']);
    expect(line.fake.conversation(line.conversation()).status).toBe('pending');
  });

  it('nothing is handed over where the config says so', async () => {
    const line = await start({ config: { unanswered: { handOver: false, after: 0 } } });
    const conversation = await line.customer('Where is my parcel?');
    expect(line.fake.conversation(conversation).status).toBe('pending');
  });

  it('a rule that fails hands over, and its job is dead for somebody to see', async () => {
    const failing = () => {
      throw new TypeError('no');
    };
    const line = await start({ config: { rules: [{ when: failing, reply: 'never' }] } });
    await expect(line.customer('hours?')).rejects.toMatchObject({ code: 'BOT_RULE_FAILED' });
    expect(line.fake.conversation(line.conversation()).status).toBe('open');
  });

  it('a bot that is turned off says nothing and hands over what comes in', async () => {
    const line = await start();
    line.turnOff();
    const conversation = await line.customer('hours?');
    expect([line.replies(), line.fake.conversation(conversation).status]).toEqual([[], 'open']);
  });
});

it('an inbox whose bot posts elsewhere is left to it, also where we have no bot', async () => {
  const line = await start({ asBot: false, botUrl: 'http://127.0.0.1:9/rasa' });
  const conversation = await line.customer('Where is my parcel?');
  expect([line.fake.effects(), line.fake.conversation(conversation).status]).toEqual([[], 'pending']);
});

describe('in an inbox without a bot', () => {
  it.each([['Where is my parcel?'], [null]])('%j gets silence, and nothing is written', async (content) => {
    const line = await start({ botsInbox: false });
    await line.customer(content);
    expect(line.fake.effects()).toEqual([]);
  });

  it('a bot that is turned off is silent', async () => {
    const line = await start({ botsInbox: false });
    line.turnOff();
    await line.customer('hours?');
    expect(line.fake.effects()).toEqual([]);
  });
});
