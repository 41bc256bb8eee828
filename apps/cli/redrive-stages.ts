import type { DeadFilter } from '@switchyard/jobs';
import type { CommandContext } from './context.ts';
import {
  type ActOptions,
  type Chosen,
  mayGoOn,
  NOTHING_YET,
  plus,
  summaryText,
  type Tally,
} from './dead-act.ts';
import type { ChosenJob } from './dead-target.ts';
import type { OpenLine } from './open-line.ts';
import { afterStage, type Outcomes, outcomesText, watchOutcomes } from './outcomes.ts';
import { startProgress } from './progress.ts';

export interface RedriveOptions extends ActOptions {
  /** How long to look what becomes of a stage, milliseconds. */
  readonly wait: number;
  readonly stages: boolean;
}

interface Stage {
  readonly redriven: number;
  /** null for the rest, which nobody waits for. */
  readonly outcomes: Outcomes | null;
}

/** How a redrive goes; it is filled as it goes, so that what is done is known whatever happens. */
export interface Redrive {
  tally: Tally;
  readonly stages: Stage[];
  /** How it ended: `all` there were, `stopped` since they die again, `declined`, `aborted` by Ctrl-C, `nothing` to do. */
  ended: 'all' | 'stopped' | 'declined' | 'aborted' | 'nothing';
}

/** Above this, jobs are redriven in batches and not looked at one by one. */
const LARGEST_STAGE = 10;

/** Redrives stage by stage, each after somebody said yes or the one before went well. */
export async function runStages(
  redrive: Redrive,
  chosen: Chosen,
  options: RedriveOptions,
  line: OpenLine,
  context: CommandContext,
): Promise<void> {
  const { terminal, signal } = context;
  const { jobs, filter } = chosen;
  const sizes = stageSizes(jobs.length, options.stages);
  terminal.note(`${jobs.length} dead ${jobs.length === 1 ? 'job' : 'jobs'}: ${summaryText(jobs)}`);
  let at = 0;
  let asked = false;
  for (const [index, size] of sizes.entries()) {
    if (!asked && !(await mayGoOn(questionOf(size, index, jobs.length), options, context))) {
      redrive.ended = 'declined';
      return;
    }
    if (signal.aborted) return;
    const isLast = index === sizes.length - 1;
    if (isLast && size > LARGEST_STAGE && filter !== null) {
      redrive.tally = plus(redrive.tally, await redriveRest(filter, size, options, line, context));
      redrive.stages.push({ redriven: size, outcomes: null });
      return;
    }
    const { tally, redriven } = await redriveEach(jobs.slice(at, at + size), line, context);
    at += size;
    redrive.tally = plus(redrive.tally, tally);
    const outcomes = await look(redriven, options, line, context);
    redrive.stages.push({ redriven: redriven.length, outcomes });
    terminal.note(`  ${outcomesText(outcomes)}`);
    if (isLast || signal.aborted) return;
    const next = afterStage(outcomes, { yes: options.yes === true, interactive: terminal.interactive });
    if (next === 'stop') {
      redrive.ended = 'stopped';
      return;
    }
    asked = next === 'go-on';
  }
}

/** How many jobs each stage has: one, ten, the rest. */
export function stageSizes(count: number, staged: boolean): number[] {
  if (!staged || count <= 1) return count === 0 ? [] : [count];
  const ten = Math.min(10, count - 1);
  const rest = count - 1 - ten;
  return rest === 0 ? [1, ten] : [1, ten, rest];
}

function questionOf(size: number, index: number, count: number): string {
  if (count === 1) return 'Redrive it?';
  if (index === 0) return size === 1 ? 'Redrive the oldest one first?' : `Redrive all ${size}?`;
  return size === 1
    ? 'Redrive the other one?'
    : `Redrive ${index === 1 ? `${size} more` : `the other ${size}`}?`;
}

async function redriveEach(
  jobs: readonly ChosenJob[],
  { dead }: OpenLine,
  { signal }: CommandContext,
): Promise<{ readonly tally: Tally; readonly redriven: readonly ChosenJob[] }> {
  let tally = NOTHING_YET;
  const redriven: ChosenJob[] = [];
  for (const job of jobs) {
    if (signal.aborted) break;
    const { queue, jobId } = job;
    const result = await dead.redrive({ job: { queue, jobId } });
    if (result.done > 0) redriven.push(job);
    tally = plus(tally, result);
  }
  return { tally, redriven };
}

async function redriveRest(
  filter: DeadFilter,
  size: number,
  { first }: RedriveOptions,
  { dead }: OpenLine,
  { terminal, signal }: CommandContext,
): Promise<Tally> {
  const progress = startProgress(terminal, 'redriving');
  try {
    return await dead.redrive(
      { filter },
      {
        ...(first === undefined ? {} : { limit: size }),
        signal,
        onProgress: ({ done }) => progress.update(done, size),
      },
    );
  } finally {
    progress.stop();
  }
}

function look(
  redriven: readonly ChosenJob[],
  { wait }: RedriveOptions,
  { dead, stories }: OpenLine,
  { terminal, signal }: CommandContext,
): Promise<Outcomes> {
  const what = redriven.length === 1 ? 'it' : 'them';
  terminal.note(terminal.colors.dim(`redriven ${redriven.length}; looking what becomes of ${what}`));
  return watchOutcomes(redriven, { dead, stories }, { waitMs: wait, signal });
}
