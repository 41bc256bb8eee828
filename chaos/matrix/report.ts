import { readFile, writeFile } from 'node:fs/promises';
import type { CellResult } from './run.ts';

const HEAD = [
  'Chatwoot',
  'bot',
  'agents',
  'inbox assigns',
  'team assigns',
  'answered once',
  'led',
  'routed',
  'handed over',
  'talked over',
  'anything else',
];
const WORDS = 5;

const BEGIN = '<!-- matrix:begin -->';
const END = '<!-- matrix:end -->';

export function tableRow({ cell, counts, findings }: CellResult): readonly string[] {
  const { answeredOnce, led, routed, handedOver, toHandOver, talkedOver } = counts;
  return [
    cell.version,
    cell.bot ? 'yes' : 'none',
    cell.online ? 'online' : 'offline',
    cell.inboxAssigns ? 'yes' : 'no',
    cell.teamAssigns ? 'yes' : 'no',
    String(answeredOnce),
    String(led),
    String(routed),
    `${handedOver} of ${toHandOver}`,
    String(talkedOver),
    String(findings.length),
  ];
}

export function markdownTable(results: readonly CellResult[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = HEAD.map((_, index) => (index < WORDS ? '---' : '---:'));
  return [line(HEAD), line(rule), ...results.map((each) => line(tableRow(each)))].join('\n');
}

/** Puts the table, with the command that made it, between its markers in the page. */
export async function writeMatrix(
  path: string,
  command: string,
  results: readonly CellResult[],
): Promise<void> {
  const page = await readFile(path, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${path} has no ${BEGIN} … ${END}`);
  const day = new Date().toISOString().slice(0, 10);
  const section = `\n\`${command}\`, ${day}, Node ${process.versions.node}:\n\n${markdownTable(results)}\n`;
  await writeFile(path, `${before}${BEGIN}${section}${END}${after}`);
}
