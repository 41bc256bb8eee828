import { durationText } from '../durations.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';
import type { Row } from './row.ts';
import type { Stage } from './stage.ts';

const NAME_WIDTH = 20;

/** Where it is played, told before it begins. */
export function tellStage(stage: Stage, version: string | null, terminal: Terminal): void {
  const { bold } = terminal.colors;
  const where = `inbox ${stage.inbox.id} (${printable(stage.inbox.name)})`;
  const bot = stage.bot === null ? 'without a bot' : `with the bot ${printable(stage.bot.name)}`;
  const chatwoot = version === null ? 'Chatwoot' : `Chatwoot ${printable(version)}`;
  terminal.note(bold(`${chatwoot}, account ${stage.account}, ${where}, ${bot}`));
}

/** A row, as soon as it is known. */
export function tellRow({ name, status, detail, fix, ms }: Row, terminal: Terminal): void {
  const { green, red, dim } = terminal.colors;
  const mark = { ok: green('✓'), fail: red('✗'), skip: dim('–') }[status];
  const indent = ' '.repeat(NAME_WIDTH + 6);
  const time = ms === null ? '' : ` (${durationText(ms)})`;
  const room = Math.max(30, (terminal.width ?? Number.POSITIVE_INFINITY) - indent.length);
  const [first = '', ...more] = wrapped(printable(detail) + time, room);
  terminal.line(`  ${mark} ${printable(name).padEnd(NAME_WIDTH)}  ${first}`);
  for (const line of more) terminal.line(indent + line);
  if (fix === null) return;
  for (const [at, line] of wrapped(printable(fix), room - 2).entries())
    terminal.line(dim(`${indent}${at === 0 ? '→ ' : '  '}${line}`));
}

/** docs/cli.md has the shape of the JSON. */
export function tellVerdict(
  rows: readonly Row[],
  place: {
    readonly account: number;
    readonly inbox: number | null;
    readonly bot: boolean;
    readonly version: string | null;
    readonly interrupted: boolean;
  },
  terminal: Terminal,
): void {
  const count = (status: Row['status']) => rows.filter((row) => row.status === status).length;
  const summary = { ok: count('ok'), fail: count('fail'), skip: count('skip') };
  const isRight = summary.fail === 0 && !place.interrupted;
  terminal.result({ ok: isRight, ...place, summary, rows }, () => {
    const { red, green } = terminal.colors;
    const text = [
      `${summary.ok} ok`,
      ...(summary.fail > 0 ? [`${summary.fail} wrong`] : []),
      ...(summary.skip > 0 ? [`${summary.skip} not tried`] : []),
    ].join(', ');
    terminal.line(isRight ? green(text) : red(place.interrupted ? `interrupted: ${text}` : text));
  });
}
