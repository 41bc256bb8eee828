import type { CommandContext } from './context.ts';
import {
  type ActOptions,
  type Chosen,
  choose,
  mayGoOn,
  NOTHING_YET,
  plus,
  summaryText,
  type Tally,
  tallyText,
} from './dead-act.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type OpenLine, withLine } from './open-line.ts';
import { startProgress } from './progress.ts';

export async function discardDead(
  words: readonly string[],
  options: ActOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal, signal } = context;
  return withLine(async (line) => {
    const chosen = await choose(words, options, line, signal);
    const of = chosen.jobs.length;
    const question = `Discard ${of} dead ${of === 1 ? 'job' : 'jobs'} for good: ${summaryText(chosen.jobs)}?`;
    const agreed = of > 0 && (await mayGoOn(question, options, context));
    const tally = agreed ? await discardAll(chosen, options, line, context) : NOTHING_YET;
    const ended = signal.aborted ? 'aborted' : agreed ? 'all' : of === 0 ? 'nothing' : 'declined';
    terminal.result({ matched: of, ...tally, ended }, () => {
      terminal.line(
        of === 0 ? 'No dead jobs.' : agreed ? tallyText('discarded', tally) : 'Nothing was discarded.',
      );
    });
    if (signal.aborted) return EXIT.interrupted;
    return of === 0 || (agreed && tally.done >= of) ? EXIT.ok : EXIT.problem;
  });
}

async function discardAll(
  { jobs, filter }: Chosen,
  { first }: ActOptions,
  { dead }: OpenLine,
  { terminal, signal }: CommandContext,
): Promise<Tally> {
  if (filter === null) {
    let tally = NOTHING_YET;
    for (const { queue, jobId } of jobs) tally = plus(tally, await dead.discard({ job: { queue, jobId } }));
    return tally;
  }
  const progress = startProgress(terminal, 'discarding');
  try {
    const result = await dead.discard(
      { filter },
      {
        ...(first === undefined ? {} : { limit: first }),
        signal,
        onProgress: ({ done }) => progress.update(done, jobs.length),
      },
    );
    return plus(NOTHING_YET, result);
  } finally {
    progress.stop();
  }
}
