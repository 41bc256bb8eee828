import { seedIds, spokenVersions } from '@switchyard/testkit';
import { describe, expect, it } from 'vitest';
import { start } from './testing-line.ts';

describe.each(spokenVersions)('%s: a question after the conversation was resolved', (version) => {
  it.each([true, false])(
    'is answered where the inbox assigns somebody who came online meanwhile (team %s)',
    async (team) => {
      const line = await start({ botsInbox: false, asBot: false, chatwoot: { version } });
      for (const id of [seedIds.agent, seedIds.secondAgent, seedIds.administrator])
        line.fake.setAvailability(id, 'offline');
      line.fake.setInboxAutoAssignment(seedIds.websiteInbox, true);
      const conversation = await line.customer('hours?');
      if (team) line.fake.assign(conversation, { teamId: seedIds.salesTeam });
      await line.everythingElse();
      expect(line.replies()).toHaveLength(1);
      line.fake.resolve(conversation, seedIds.secondAgent);
      await line.everythingElse();
      line.fake.setAvailability(seedIds.agent, 'online');
      await line.customer('hours?');
      expect(line.replies()).toHaveLength(2);
    },
  );

  it('is answered with an agent online from the start', async () => {
    const line = await start({ botsInbox: false, asBot: false, chatwoot: { version } });
    line.fake.setAvailability(seedIds.agent, 'online');
    line.fake.setInboxAutoAssignment(seedIds.websiteInbox, true);
    const conversation = await line.customer('hours?');
    line.fake.unassign(conversation, seedIds.secondAgent);
    line.fake.resolve(conversation, seedIds.secondAgent);
    await line.everythingElse();
    await line.customer('hours?');
    expect(line.replies()).toHaveLength(2);
  });
});
