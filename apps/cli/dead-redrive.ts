import type { CommandContext } from './context.ts';
import { choose, NOTHING_YET, type Tally, tallyText } from './dead-act.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { withLine } from './open-line.ts';
import { type Redrive, type RedriveOptions, runStages } from './redrive-stages.ts';
import type { Terminal } from './terminal.ts';

/** One, then ten, then all; between them it is looked what became of those before. */
export async function redriveDead(
  words: readonly string[],
  options: RedriveOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal, signal } = context;
  return withLine(async (line) => {
    const chosen = await choose(words, options, line, signal);
    const matched = chosen.jobs.length;
    const redrive: Redrive = { tally: NOTHING_YET, stages: [], ended: matched === 0 ? 'nothing' : 'all' };
    try {
      if (matched > 0) await runStages(redrive, chosen, options, line, context);
    } catch (error) {
      // What is done stays done, whatever came in between.
      if (redrive.tally.done > 0) terminal.note(`${tallyText('redriven', redrive.tally)} before this:`);
      throw error;
    }
    if (signal.aborted) redrive.ended = 'aborted';
    terminal.result({ matched, ...redrive.tally, ended: redrive.ended, stages: redrive.stages }, () =>
      tell(redrive, matched, terminal),
    );
    if (redrive.ended === 'stopped') adviseMending(terminal);
    return exitOf(redrive, matched);
  });
}

function tell({ ended, tally }: Redrive, matched: number, terminal: Terminal): void {
  if (ended === 'nothing') terminal.line('No dead jobs.');
  else if (ended !== 'all' && met(tally) === 0) terminal.line('Nothing was redriven.');
  else {
    terminal.line(tallyText('redriven', tally));
    const left = matched - met(tally);
    if (left > 0) terminal.line(`${left} left as they are`);
  }
}

/** How many met any fate. */
function met({ done, notDead, unknown, expired }: Tally): number {
  return done + notDead + unknown + expired;
}

function adviseMending({ note, colors }: Terminal): void {
  note(`${colors.red('✗')} stopped: they die again. Mend the cause first (switchyard dead show <job>).`);
  note(colors.dim('  → --no-stages redrives the rest all the same.'));
}

function exitOf({ ended, tally, stages }: Redrive, matched: number): ExitCode {
  if (ended === 'aborted') return EXIT.interrupted;
  const diedAgain = stages.some(({ outcomes }) => (outcomes?.diedAgain ?? 0) > 0);
  const isAll = ended === 'all' || ended === 'nothing';
  return isAll && !diedAgain && tally.done >= matched ? EXIT.ok : EXIT.problem;
}
