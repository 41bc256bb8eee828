import { readFile, writeFile } from 'node:fs/promises';
import { count } from './checker.ts';
import type { RunReport } from './run.ts';

const HEAD = [
  'fault',
  'deliveries',
  'acknowledged',
  'conversations',
  'effects',
  'lost',
  'duplicated',
  'out of order',
  'other',
  'seconds to recover',
];

const BEGIN = '<!-- chaos:begin -->';
const END = '<!-- chaos:end -->';

export function tableRow({ fault, findings, ...run }: RunReport): readonly string[] {
  const other =
    findings.length -
    ['lost', 'duplicated', 'out-of-order'].reduce(
      (sum, kind) => sum + findings.filter((each) => each.kind === kind).length,
      0,
    );
  return [
    fault.what,
    String(run.deliveries),
    String(run.acknowledged),
    String(run.conversations),
    String(run.effects),
    String(count(findings, 'lost')),
    String(count(findings, 'duplicated')),
    String(count(findings, 'out-of-order')),
    String(other),
    run.secondsToRecover.toFixed(1),
  ];
}

export function markdownTable(reports: readonly RunReport[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = HEAD.map((_, index) => (index === 0 ? '---' : '---:'));
  return [line(HEAD), line(rule), ...reports.map((each) => line(tableRow(each)))].join('\n');
}

/** A run in which hardly anything was taken finds nothing lost, and is no pass. null when enough was. */
export function provesNothing({ fault, deliveries, acknowledged, released }: RunReport): string | null {
  if (fault.releases === true && released === 0) {
    return 'Chatwoot took no conversation from the bot: this run shows nothing';
  }
  if (acknowledged >= deliveries / 2) return null;
  return `only ${acknowledged} of ${deliveries} deliveries were acknowledged: this run shows nothing`;
}

/** Puts the table, with the command that made it, between the markers of the page. */
export async function writeReliability(
  path: string,
  command: string,
  reports: readonly RunReport[],
): Promise<void> {
  const page = await readFile(path, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${path} has no ${BEGIN} … ${END}`);
  const section = `\n\`${command}\`, ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}:\n\n${markdownTable(reports)}\n`;
  await writeFile(path, `${before}${BEGIN}${section}${END}${after}`);
}
