import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { emptyRedis, seedCustomers, startPostgres, startRedis } from '@switchyard/testkit';
import { enterpriseEmails } from '../customers.ts';
import { type Cell, cells, cellsNamed, nameOf } from './cells.ts';
import { markdownTable, tableRow, writeMatrix } from './report.ts';
import { bySetUp, type CellResult, runSetUp } from './run.ts';

/**
 * `npm run matrix -- [--version 4.10]... [--cell 4.16/bot/online/*\/team]... [--together N] [--seed N] [--logs]
 * [--write]`: lays a line of real processes for each version of Chatwoot, with an agent bot and without, and plays
 * the same conversations in every way its agents and its assignment can be set. Exit code 1 when any cell is not
 * right. `--write` puts the table into docs/reliability.md.
 */
const { values } = parseArgs({
  options: {
    version: { type: 'string', multiple: true, default: [] },
    cell: { type: 'string', multiple: true, default: [] },
    together: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'limit-seconds': { type: 'string', default: '120' },
    logs: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const chosen = choose();
const results = new Map<string, CellResult>();
let failed = false;

const postgres = await startPostgres({ owned: true });
const redis = await startRedis({ owned: true });
try {
  await seedCustomers(
    postgres.url,
    enterpriseEmails.map((email) => ({ email, subscription_tier: 'enterprise' })),
  );
  const toDo = bySetUp(chosen).entries();
  const runNext = async () => {
    // An iterator that several take from: each set-up is one's alone.
    for (const [index, these] of toDo) await runOne(these, index);
  };
  await Promise.all(Array.from({ length: Number(values.together) }, runNext));
} finally {
  await redis.close();
  await postgres.close();
}

const inOrder = chosen.flatMap((cell) => results.get(nameOf(cell)) ?? []);
say(`\n${markdownTable(inOrder)}`);
if (values.write) {
  const own = process.argv.slice(2).filter((word) => word !== '--write');
  const seeded = own.includes('--seed') ? own : [...own, '--seed', values.seed];
  const page = join(import.meta.dirname, '../../docs/reliability.md');
  await writeMatrix(page, `npm run matrix -- ${seeded.join(' ')}`, inOrder);
}
process.exitCode = failed ? 1 : 0;

/** @throws {Error} a name that no cell has. */
function choose(): readonly Cell[] {
  const named = values.cell.length === 0 ? cells : values.cell.flatMap(cellsNamed);
  const of =
    values.version.length === 0 ? named : values.version.flatMap((version) => ofVersion(named, version));
  return [...new Set(of)];
}

function ofVersion(named: readonly Cell[], version: string): readonly Cell[] {
  const found = named.filter((cell) => cell.version === version);
  if (found.length > 0) return found;
  throw new Error(`no cell of a Chatwoot "${version}"; there are 4.10, 4.13 and 4.16`);
}

/** What keeps one set-up from being played does not keep the others. */
async function runOne(these: readonly Cell[], index: number): Promise<void> {
  const startedAt = performance.now();
  try {
    const { cells: played, logs } = await runSetUp(these, {
      redisUrl: await emptyRedis(redis.url, index),
      postgresUrl: postgres.url,
      seed: Number(values.seed) + index,
      limitMs: Number(values['limit-seconds']) * 1000,
    });
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    say(`${played.length} cells in ${seconds} s`);
    for (const result of played) tell(result);
    if (values.logs) for (const line of logs) say(`  ${line}`);
  } catch (error) {
    failed = true;
    const names = these.map(nameOf).join(', ');
    say(`${names} could not be played: ${error instanceof Error ? error.stack : String(error)}`);
  }
}

function tell(result: CellResult): void {
  results.set(nameOf(result.cell), result);
  say(`${nameOf(result.cell)}: ${tableRow(result).slice(5).join(' | ')}`);
  for (const what of result.findings.slice(0, 30)) say(`  ${what}`);
  if (result.findings.length > 0) failed = true;
}
