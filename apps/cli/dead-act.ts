import type { DeadFilter, DeadProgress } from '@switchyard/jobs';
import { CommandFailure } from './command-failure.ts';
import type { CommandContext } from './context.ts';
import {
  assertQueue,
  type ChosenJob,
  chosenJobs,
  type DeadOptions,
  filterOf,
  isFiltered,
  nothingMatches,
  placeIn,
} from './dead-target.ts';
import { EXIT } from './exit.ts';
import { deadJobsAt } from './find-job.ts';
import type { OpenLine } from './open-line.ts';

// What redrive and discard have in common: which jobs are meant, whether they may, how many met which fate.

export interface ActOptions extends DeadOptions {
  readonly all?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly first?: number | undefined;
}

/** The jobs that are meant, the oldest death first. */
export interface Chosen {
  readonly jobs: readonly ChosenJob[];
  /** What they were chosen by; null when they were named. */
  readonly filter: DeadFilter | null;
}

/** @throws {CommandFailure} it is not said which, or said in two ways; or nothing is meant by it. */
export async function choose(
  words: readonly string[],
  options: ActOptions,
  line: OpenLine,
  signal: AbortSignal,
): Promise<Chosen> {
  const filter = filterOf(options);
  const ways = [words.length > 0, isFiltered(filter), options.all === true].filter(Boolean).length;
  const namesQueueOnly = words.length > 0 && isFiltered(filter) && onlyQueue(filter);
  if (ways !== 1 && !namesQueueOnly) throw sayWhich(ways);
  if (options.queue !== undefined) assertQueue(options.queue, line.queues);
  if (words.length > 0) {
    const named = namesQueueOnly ? [options.queue ?? '', ...words] : words;
    return { jobs: await deadJobsAt(placeIn(named, line.queues), line), filter: null };
  }
  const jobs = await chosenJobs(line.dead, filter, signal);
  if (jobs.length === 0 && !options.all) throw nothingMatches(filter);
  return { jobs: jobs.slice(0, options.first), filter };
}

function onlyQueue({ queue, ...rest }: DeadFilter): boolean {
  return queue !== undefined && !isFiltered(rest);
}

function sayWhich(ways: number): CommandFailure {
  const message =
    ways === 0
      ? 'say which dead jobs are meant'
      : 'say in one way which dead jobs are meant: a job, a filter, or --all';
  return new CommandFailure(EXIT.usage, 'TARGET_MISSING', message, [
    'One job: queue/job, as `switchyard dead list --jobs` prints it.',
    'Several: --fingerprint, --queue, --code, --account, --conversation, --older-than; all of them: --all.',
  ]);
}

/** `40 of routing (CHATWOOT_FORBIDDEN), 2 of crm-sync (CRM_REFUSED)`. */
export function summaryText(jobs: readonly ChosenJob[]): string {
  const groups = Map.groupBy(jobs, ({ queue, code }) => `${queue} (${code})`);
  const parts = [...groups].toSorted(([, a], [, b]) => b.length - a.length);
  const shown = parts.slice(0, 4).map(([name, each]) => `${each.length} of ${name}`);
  return [...shown, ...(parts.length > 4 ? [`and ${parts.length - 4} other kinds`] : [])].join(', ');
}

/**
 * Whether somebody said yes.
 *
 * @throws {CommandFailure} nobody is there to be asked, and --yes is not given.
 */
export async function mayGoOn(
  question: string,
  { yes }: ActOptions,
  { terminal, signal }: CommandContext,
): Promise<boolean> {
  if (yes) return true;
  if (terminal.interactive) return terminal.confirm(question, signal);
  throw new CommandFailure(EXIT.usage, 'CONFIRMATION_NEEDED', `${question} Nobody is here to be asked`, [
    'Give --yes to go on without being asked.',
  ]);
}

/** How many jobs met which fate; docs/cli.md says what each means. */
export interface Tally {
  readonly done: number;
  readonly notDead: number;
  readonly unknown: number;
  readonly expired: number;
}

export const NOTHING_YET: Tally = { done: 0, notDead: 0, unknown: 0, expired: 0 };

export function plus(a: Tally, b: Tally | DeadProgress): Tally {
  return {
    done: a.done + b.done,
    notDead: a.notDead + b.notDead,
    unknown: a.unknown + b.unknown,
    expired: a.expired + b.expired,
  };
}

/** `12 redriven, 1 was not dead any more`. */
export function tallyText(verb: string, { done, notDead, unknown, expired }: Tally): string {
  return [
    `${done} ${verb}`,
    ...(notDead > 0 ? [`${notDead} not dead any more`] : []),
    ...(unknown > 0 ? [`${unknown} gone meanwhile`] : []),
    ...(expired > 0
      ? [`${expired} too old: nobody knows which of their steps are done, so they can only be discarded`]
      : []),
  ].join(', ');
}
