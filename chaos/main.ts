import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seedCustomers, spokenVersions, startPostgres, type Version } from '@switchyard/testkit';
import { enterpriseEmails } from './customers.ts';
import { type ChaosFault, faultNamed, faults } from './faults.ts';
import { markdownTable, provesNothing, tableRow, writeReliability } from './report.ts';
import { type RunReport, runFault } from './run.ts';

/**
 * `npm run chaos -- [--deliveries 10000] [--fault NAME]... [--together N] [--seed N] [--times N]
 * [--version 4.10 | 4.13 | 4.16] [--logs] [--write]`: has customers write to the real processes of a whole line while
 * one fault after another happens to it, or to so many lines at a time, and checks from the pretend Chatwoot's and CRM's
 * own records what came of it. Exit code 1 when anything did not hold. `--write` puts the table into
 * docs/reliability.md.
 */
const { values } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '10000' },
    fault: { type: 'string', multiple: true, default: [] },
    together: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    version: { type: 'string', default: '4.16' },
    times: { type: 'string', default: '20' },
    'at-a-time': { type: 'string', default: '60' },
    'limit-minutes': { type: 'string', default: '10' },
    logs: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const chosen = values.fault.length === 0 ? faults : values.fault.map(faultNamed);
const version = versionNamed(values.version);
const say = (line: string) => process.stdout.write(`${line}\n`);

const postgres = await startPostgres({ owned: true });
const reports = new Map<ChaosFault, RunReport>();
let failed = false;
try {
  await seedCustomers(
    postgres.url,
    enterpriseEmails.map((email) => ({ email, subscription_tier: 'enterprise' })),
  );
  const toDo = chosen.entries();
  const runNext = async () => {
    // An iterator that several take from: each fault is one's alone.
    for (const [index, fault] of toDo) await runOne(fault, Number(values.seed) + 2 * index);
  };
  await Promise.all(Array.from({ length: Number(values.together) }, runNext));
} finally {
  await postgres.close();
}

const inOrder = chosen.flatMap((fault) => reports.get(fault) ?? []);
say(`\n${markdownTable(inOrder)}`);
if (values.write) {
  const own = process.argv.slice(2).filter((word) => word !== '--write');
  const seeded = own.includes('--seed') ? own : [...own, '--seed', values.seed];
  const command = `npm run chaos -- ${seeded.join(' ')}`;
  await writeReliability(join(import.meta.dirname, '../docs/reliability.md'), command, inOrder);
}
process.exitCode = failed ? 1 : 0;

/** @throws {Error} for a version that is not spoken. */
function versionNamed(name: string): Version {
  const found = spokenVersions.find((each) => each === name);
  if (found === undefined) throw new Error(`no Chatwoot "${name}"; there are: ${spokenVersions.join(', ')}`);
  return found;
}

/** What keeps one fault from being tried does not keep the others. */
async function runOne(fault: ChaosFault, seed: number): Promise<void> {
  const startedAt = performance.now();
  try {
    const report = await runFault(fault, {
      seed,
      deliveries: Number(values.deliveries),
      atATime: Number(values['at-a-time']),
      perQueue: 2,
      times: Number(values.times),
      limitMs: Number(values['limit-minutes']) * 60_000,
      postgresUrl: postgres.url,
      version,
    });
    reports.set(fault, report);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    say(`${fault.name} (seed ${seed}, ${seconds} s): ${tableRow(report).slice(1).join(' | ')}`);
    const { taken, handedOver, released } = report;
    say(`  ${taken} taken by a person, ${handedOver} handed over, ${released} released by Chatwoot`);
    const doubt = provesNothing(report);
    if (doubt !== null) say(`  ${doubt}`);
    if (doubt !== null || (report.findings.length > 0 && !fault.knownGap)) failed = true;
    for (const { kind, conversation, what } of report.findings.slice(0, 30)) {
      say(`  ${kind} in ${conversation ?? 'general'}: ${what}`);
    }
    if (values.logs) for (const line of report.logs) say(`  ${line}`);
  } catch (error) {
    failed = true;
    say(
      `${fault.name} (seed ${seed}) could not be tried: ${error instanceof Error ? error.stack : String(error)}`,
    );
  }
}
