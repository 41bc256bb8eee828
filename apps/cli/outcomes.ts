import { setTimeout as sleep } from 'node:timers/promises';
import type { DeadJobs, Stories } from '@switchyard/jobs';
import type { ChosenJob } from './dead-target.ts';

/** What became of redriven jobs. */
export interface Outcomes {
  readonly done: number;
  readonly diedAgain: number;
  /** Waiting, running or between two attempts when the time was over. */
  readonly atWork: number;
  /** The codes they died of. */
  readonly codes: readonly string[];
}

const LOOK_MS = 300;

/** Looks until each has ended or the time is over; Ctrl-C ends it too. */
export async function watchOutcomes(
  jobs: readonly ChosenJob[],
  { dead, stories }: { readonly dead: Pick<DeadJobs, 'find'>; readonly stories: Pick<Stories, 'ofDelivery'> },
  { waitMs, signal }: { readonly waitMs: number; readonly signal: AbortSignal },
): Promise<Outcomes> {
  const until = Date.now() + waitMs;
  for (;;) {
    const each = await Promise.all(jobs.map((job) => fateOf(job, dead, stories)));
    const outcomes = {
      done: each.filter((one) => one === 'done').length,
      diedAgain: each.filter((one) => one.startsWith('dead')).length,
      atWork: each.filter((one) => one === 'at-work').length,
      codes: [...new Set(each.filter((one) => one.startsWith('dead')).map((one) => one.slice(5)))],
    };
    if (outcomes.atWork === 0 || Date.now() >= until || signal.aborted) return outcomes;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

/** `done`, `at-work`, or `dead ` and the code of its error. */
async function fateOf(
  { queue, jobId, delivery }: ChosenJob,
  dead: Pick<DeadJobs, 'find'>,
  stories: Pick<Stories, 'ofDelivery'>,
): Promise<string> {
  // It was alive after the redrive, so this is another death.
  const again = await dead.find(queue, jobId);
  if (again !== null) return `dead ${again.code}`;
  const story = (await stories.ofDelivery(delivery ?? jobId))?.find(
    (job) => job.queue === queue && job.jobId === jobId,
  );
  return story?.state === 'done' ? 'done' : 'at-work';
}

/** What to do after a stage: more of the same, ask somebody, or stop because it would not help. */
export function afterStage(
  { diedAgain, atWork }: Outcomes,
  { yes, interactive }: { readonly yes: boolean; readonly interactive: boolean },
): 'go-on' | 'ask' | 'stop' {
  if (interactive && !yes) return 'ask';
  if (diedAgain > 0) return 'stop';
  // Nothing is wrong with those that are at work; more of them only make the queue longer.
  return atWork > 0 && !yes ? 'ask' : 'go-on';
}

/** `1 done`, `8 done, 2 died again (CRM_REFUSED)`. */
export function outcomesText({ done, diedAgain, atWork, codes }: Outcomes): string {
  return [
    ...(done > 0 ? [`${done} done`] : []),
    ...(diedAgain > 0 ? [`${diedAgain} died again (${codes.join(', ')})`] : []),
    ...(atWork > 0 ? [`${atWork} not ended yet`] : []),
  ].join(', ');
}
