import { emptyRedis, seedCustomers } from '@switchyard/testkit';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { enterpriseEmails } from '../customers.ts';
import { cellsNamed } from './cells.ts';
import { runSetUp } from './run.ts';

/** Cells that were broken once, or are hardest. `npm run matrix` has all 48. */
const telling = ['4.10/bot/online/inbox/no-team', '4.16/bot/online/no-inbox/team'];

beforeAll(async () => {
  const rows = enterpriseEmails.map((email) => ({ email, subscription_tier: 'enterprise' }));
  await seedCustomers(inject('postgresUrl'), rows);
});

/** A database each, away from those of the other test files. */
const FIRST_DATABASE = 8;

describe.concurrent('agents are online, and Chatwoot assigns by itself', () => {
  test.for(telling)('%s', { timeout: 300_000 }, async (name) => {
    const { cells, logs } = await runSetUp(cellsNamed(name), {
      redisUrl: await emptyRedis(inject('redisUrl'), FIRST_DATABASE + telling.indexOf(name)),
      postgresUrl: inject('postgresUrl'),
      seed: 4,
      limitMs: 90_000,
    });
    expect(
      cells.map(({ findings }) => findings),
      logs.slice(-100).join('\n'),
    ).toEqual([[]]);
    expect(cells.map(({ counts }) => counts)).toMatchObject([
      { answeredOnce: 20, led: 20, routed: 20, talkedOver: 0 },
    ]);
  });
});
