import type { DeadJob, StoryJob } from '@switchyard/jobs';
import type { CommandContext } from './context.ts';
import { isoOrNull, jobJson } from './dead-list.ts';
import { placeIn } from './dead-target.ts';
import { durationText, instantText } from './durations.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { deadJobsAt } from './find-job.ts';
import { withLine } from './open-line.ts';
import { printable, shortened } from './printable.ts';
import type { Terminal } from './terminal.ts';

export async function showDead(words: readonly string[], { terminal }: CommandContext): Promise<ExitCode> {
  return withLine(async (line) => {
    const jobs = await deadJobsAt(placeIn(words, line.queues), line);
    const stories = new Map<DeadJob, StoryJob | undefined>();
    for (const job of jobs) {
      const story = job.delivery === null ? null : await line.stories.ofDelivery(job.delivery);
      stories.set(
        job,
        story?.find(({ queue, jobId }) => queue === job.queue && jobId === job.jobId),
      );
    }
    terminal.result({ jobs: jobs.map((job) => asJson(job, stories.get(job))) }, () => {
      for (const [index, job] of jobs.entries()) {
        if (index > 0) terminal.line();
        tell(job, stories.get(job), terminal);
      }
    });
    return EXIT.ok;
  });
}

function asJson(job: DeadJob, story: StoryJob | undefined): object {
  return {
    ...Object(jobJson(job)),
    history: (story?.attempts ?? []).map(({ at, code, message, step, next }) => ({
      at: isoOrNull(at),
      code,
      message,
      step,
      next,
    })),
    decision: story?.decision ?? null,
  };
}

function tell(job: DeadJob, story: StoryJob | undefined, terminal: Terminal): void {
  const { bold, dim, red, green } = terminal.colors;
  const row = (name: string, value: string) => terminal.line(`  ${dim(name.padEnd(12))}${value}`);
  terminal.line(`${red('✗')} ${bold(`${job.queue}/${job.jobId}`)}`);
  row('error', `${red(job.code)}: ${printable(job.message)}`);
  row('in step', job.step ?? 'outside of one');
  row('fingerprint', job.fingerprint);
  row('died', `${instantText(job.diedAt)}, ${durationText(Date.now() - job.diedAt)} ago`);
  if (job.redrivenAt !== null) row('redriven', `${instantText(job.redrivenAt)}, and died again`);
  if (job.acceptedAt !== null) row('accepted', instantText(job.acceptedAt));
  row('event', [job.event ?? 'its data can not be read', ...aboutOf(job)].join(', '));
  if (job.delivery !== null) row('delivery', job.delivery);
  if (story?.decision) row('decided', `${story.decision.action}, because ${story.decision.reason}`);
  row('attempts', `${job.attempts.made} that count, ${job.attempts.started} begun`);
  for (const { at, code, message, step, next } of story?.attempts ?? []) {
    const where = step === null ? '' : ` in ${step}`;
    terminal.line(
      `              ${dim(instantText(at))} ${code}${where} → ${next}  ${dim(shortened(message, 160))}`,
    );
  }
  const steps = job.finishedSteps.map((name) => green(printable(name))).join(', ');
  row(
    'finished',
    steps === '' ? 'no step: a redrive begins from the start' : `${steps} (a redrive skips these)`,
  );
  terminal.note('');
  terminal.note(dim(`Send it back to work: switchyard dead redrive ${job.queue}/${job.jobId}`));
}

function aboutOf({ account, conversation }: DeadJob): string[] {
  return [
    ...(account === null ? [] : [`account ${account}`]),
    ...(conversation === null ? [] : [`conversation ${conversation}`]),
  ];
}
