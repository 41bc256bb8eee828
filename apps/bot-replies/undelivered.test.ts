import { seedIds, spokenVersions } from '@switchyard/testkit';
import { describe, expect, it } from 'vitest';
import { start } from './testing-line.ts';

describe.each(spokenVersions)('%s: an answer that the channel refuses', (version) => {
  it('is counted, told to the humans once, and the conversation is theirs', async () => {
    const line = await start({ chatwoot: { version } });
    line.fake.failDeliveries(seedIds.websiteInbox, { count: 1 });
    const conversation = await line.customer('hours?');
    await line.everythingElse();
    expect([line.undelivered, line.notes()]).toEqual([['external-error'], ['Not delivered.']]);
    expect(line.fake.conversation(conversation).status).toBe('open');
    await line.everythingElse();
    await line.customer('hours?');
    expect([line.replies().length, line.notes().length]).toEqual([1, 1]);
  });

  it('is handed over once by a retry whose call was lost', async () => {
    const line = await start({ chatwoot: { version } });
    line.fake.failDeliveries(seedIds.websiteInbox, { count: 1 });
    const conversation = await line.customer('hours?');
    line.fake.faults.add({ kind: 'resetAfterCommit', method: 'POST', path: 'toggle_status', count: 1 });
    await expect(line.everythingElse()).rejects.toMatchObject({ failure: 'unknown-outcome' });
    expect(await line.again()).toMatchObject({ action: 'tell-undelivered' });
    expect([line.undelivered.length, line.notes().length]).toEqual([1, 1]);
    expect(line.fake.conversation(conversation).status).toBe('open');
  });
});

it('is not told again where the healer has handed it over', async () => {
  const line = await start();
  line.fake.failDeliveries(seedIds.websiteInbox, { count: 1 });
  await line.customer('hours?');
  line.healerClaims();
  await line.everythingElse();
  expect([line.undelivered, line.notes()]).toEqual([['external-error'], []]);
});

it('is told in a note alone where a person has the conversation', async () => {
  const line = await start({ botsInbox: false });
  const stop = line.fake.failDeliveries(seedIds.websiteInbox);
  const conversation = await line.customer('hours?');
  stop();
  line.fake.writeAsAgent({ conversationId: conversation, content: 'Tobias here.' });
  await line.everythingElse();
  expect(line.notes()).toEqual(['Not delivered.']);
  expect(line.fake.effects().filter(({ kind }) => kind === 'status')).toEqual([]);
});

it('a channel that takes no reply now gets none: the conversation is handed over at once', async () => {
  const line = await start();
  line.fake.setReplyWindow(seedIds.websiteInbox, 0);
  const conversation = await line.customer('hours?');
  expect([line.replies(), line.notes(), line.undelivered]).toEqual([
    [],
    ['Not delivered.'],
    ['cannot-reply'],
  ]);
  expect(line.fake.conversation(conversation).status).toBe('open');
});
