import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seedCustomers, startPostgres } from '@switchyard/testkit';
import { enterpriseEmails } from './customers.ts';
import { faultNamed, faults } from './faults.ts';
import { markdownTable, tableRow, writeReliability } from './report.ts';
import { type RunReport, runFault } from './run.ts';

/**
 * `npm run chaos -- [--deliveries 10000] [--fault NAME]... [--seed N] [--times N] [--logs] [--write]`: has customers
 * write to the real processes of a whole line while one fault after another happens to it, and checks from the
 * pretend Chatwoot's and CRM's own records what came of it. Exit code 1 when anything did not hold. `--write` puts
 * the table into docs/reliability.md.
 */
const { values } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '10000' },
    fault: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    times: { type: 'string', default: '20' },
    'at-a-time': { type: 'string', default: '40' },
    'limit-minutes': { type: 'string', default: '10' },
    logs: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const chosen = values.fault.length === 0 ? faults : values.fault.map(faultNamed);
const say = (line: string) => process.stdout.write(`${line}\n`);

const postgres = await startPostgres({ owned: true });
const reports: RunReport[] = [];
try {
  await seedCustomers(
    postgres.url,
    enterpriseEmails.map((email) => ({ email, subscription_tier: 'enterprise' })),
  );
  for (const [index, fault] of chosen.entries()) {
    const report = await runFault(fault, {
      seed: Number(values.seed) + 2 * index,
      deliveries: Number(values.deliveries),
      atATime: Number(values['at-a-time']),
      perQueue: 2,
      times: Number(values.times),
      limitMs: Number(values['limit-minutes']) * 60_000,
      postgresUrl: postgres.url,
    });
    reports.push(report);
    say(`${fault.name} (seed ${report.seed}): ${tableRow(report).slice(1).join(' | ')}`);
    for (const { kind, conversation, what } of report.findings.slice(0, 30)) {
      say(`  ${kind} in ${conversation ?? 'general'}: ${what}`);
    }
    if (values.logs) for (const line of report.logs) say(`  ${line}`);
  }
} finally {
  await postgres.close();
}

say(`\n${markdownTable(reports)}`);
if (values.write) {
  const command = `npm run chaos -- --deliveries ${values.deliveries} --seed ${values.seed}`;
  await writeReliability(join(import.meta.dirname, '../docs/reliability.md'), command, reports);
}
process.exitCode = reports.every(({ fault, findings }) => findings.length === 0 || fault.knownGap) ? 0 : 1;
