import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';
import { type CheckResult, type Status, summaryOf } from './check.ts';

/** docs/cli.md has the shape of the JSON. */
export function tellFindings(results: readonly CheckResult[], terminal: Terminal): void {
  const summary = summaryOf(results);
  terminal.result({ ok: summary.fail === 0, summary, checks: results }, () => {
    for (const [group, findings] of Map.groupBy(results, (result) => result.group))
      tellGroup(group, findings, terminal);
    terminal.line(verdict(summary, terminal));
  });
}

function tellGroup(group: string, findings: readonly CheckResult[], terminal: Terminal): void {
  const { bold, dim } = terminal.colors;
  const width = Math.min(28, Math.max(...findings.map(({ name }) => name.length)));
  terminal.line(bold(group));
  const indent = ' '.repeat(width + 6);
  const room = (used: number) => Math.max(30, (terminal.width ?? Number.POSITIVE_INFINITY) - used);
  for (const { status, name, detail, fix } of findings) {
    const [first = '', ...more] = wrapped(printable(detail), room(indent.length));
    terminal.line(`  ${markOf(status, terminal)} ${printable(name).padEnd(width)}  ${first}`);
    for (const line of more) terminal.line(indent + line);
    const [todo, ...further] = fix === null ? [] : wrapped(printable(fix), room(indent.length + 2));
    if (todo !== undefined) terminal.line(dim(`${indent}→ ${todo}`));
    for (const line of further) terminal.line(dim(`${indent}  ${line}`));
  }
  terminal.line();
}

function markOf(status: Status, { colors }: Terminal): string {
  switch (status) {
    case 'ok':
      return colors.green('✓');
    case 'warn':
      return colors.yellow('!');
    case 'fail':
      return colors.red('✗');
    case 'skip':
      return colors.dim('–');
  }
}

function verdict({ ok, warn, fail, skip }: Readonly<Record<Status, number>>, { colors }: Terminal): string {
  const figures = [
    `${ok} ok`,
    ...(warn > 0 ? [`${warn} to look at`] : []),
    ...(fail > 0 ? [`${fail} wrong`] : []),
    ...(skip > 0 ? [`${skip} not looked at`] : []),
  ];
  const paint = fail > 0 ? colors.red : warn > 0 ? colors.yellow : colors.green;
  return paint(figures.join(', '));
}
