import { hostname, userInfo } from 'node:os';
import { type BotState, createBotSwitch } from '@switchyard/jobs';
import type { CommandContext } from '../context.ts';
import { durationText } from '../durations.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { withLine } from '../open-line.ts';
import { printable } from '../printable.ts';

/** Turns the bot; repeating it changes nothing and is no fault. */
export function turnBot(
  on: boolean,
  by: string | undefined,
  { terminal }: CommandContext,
): Promise<ExitCode> {
  return withLine(async ({ redis }) => {
    const { before, now } = await createBotSwitch(redis).turn(on, by ?? whoAmI());
    terminal.result({ bot: now, before }, () => {
      const { green, yellow, dim } = terminal.colors;
      const already = before.on === now.on;
      if (on) {
        terminal.line(`${green('▶')} ${already ? 'the bot was on' : 'the bot answers again'}`);
        return;
      }
      terminal.line(
        `${yellow('‖')} ${already ? `the bot was off already${since(now)}` : 'the bot is off: it says nothing, and what comes in is handed over'}`,
      );
      terminal.note(
        dim('What is pending in its inboxes is handed over by the healer; see it in: switchyard status'),
      );
      terminal.note(dim('Let it answer again: switchyard bot on'));
    });
    return EXIT.ok;
  });
}

export function botStatus({ terminal }: CommandContext): Promise<ExitCode> {
  return withLine(async ({ redis }) => {
    const now = await createBotSwitch(redis).read();
    terminal.result({ bot: now }, () => {
      const { green, yellow } = terminal.colors;
      terminal.line(`${now.on ? green('▶ the bot is on') : yellow('‖ the bot is off')}${since(now)}`);
    });
    return now.on ? EXIT.ok : EXIT.problem;
  });
}

/** ` for 5m, by ada@desk`; nothing where nobody ever turned it. */
function since({ at, by }: BotState): string {
  if (at === null) return '';
  return `, for ${durationText(Math.max(0, Date.now() - at))}${by === null ? '' : `, by ${printable(by)}`}`;
}

function whoAmI(): string {
  return `${userName()}@${hostname()}`;
}

/** A user of a container may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? '?'}`;
  }
}
