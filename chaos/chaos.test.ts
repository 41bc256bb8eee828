import { seedCustomers } from '@switchyard/testkit';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { enterpriseEmails } from './customers.ts';
import { faultNamed } from './faults.ts';
import { runFault } from './run.ts';

/**
 * The bounded run: the faults that tell most, 160 deliveries and more each. `npm run chaos` has all of them, with each
 * Chatwoot, and ten thousand deliveries. Several at a time, since a run spends most of its time waiting.
 */
const telling = ['worker-kill', 'redis-kill', 'chatwoot-timeout-committed', 'crm-reset-committed'];

beforeAll(async () => {
  const rows = enterpriseEmails.map((email) => ({ email, subscription_tier: 'enterprise' }));
  await seedCustomers(inject('postgresUrl'), rows);
});

describe.concurrent('under a fault, what was acknowledged takes effect once and in order', () => {
  test.for(telling)('%s', { timeout: 420_000 }, async (name) => {
    const report = await runFault(faultNamed(name), {
      seed: 4,
      deliveries: 160,
      atATime: 10,
      // Where a worker is taken away, another has to be there.
      perQueue: name === 'worker-kill' ? 2 : 1,
      times: 3,
      limitMs: 300_000,
      postgresUrl: inject('postgresUrl'),
    });
    expect(report.findings, report.logs.slice(-200).join('\n')).toEqual([]);
    expect(report.acknowledged).toBeGreaterThan(120);
    expect(report.effects).toBeGreaterThan(50);
  });
});
