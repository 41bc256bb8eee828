import type { StoryJob } from '@switchyard/jobs';
import { isoOrNull } from './dead-list.ts';
import { durationText, instantText } from './durations.ts';
import { printable, shortened } from './printable.ts';
import { happenings } from './story-line.ts';
import type { Terminal } from './terminal.ts';
import type { Personal, Told } from './trace.ts';

export function tellStory(told: Told, terminal: Terminal): void {
  terminal.result(asJson(told), () => inWords(told, terminal));
}

/** docs/cli.md has this shape. */
function asJson({ subject, jobs, conversations, personal }: Told): unknown {
  return {
    subject,
    conversations,
    jobs: jobs.map((job) => ({
      ...job,
      receivedAt: isoOrNull(job.receivedAt),
      startedAt: isoOrNull(job.startedAt),
      endedAt: isoOrNull(job.endedAt),
      ...(job.discardedAt === undefined ? {} : { discardedAt: isoOrNull(job.discardedAt) }),
      attempts: job.attempts.map((one) => ({ ...one, at: isoOrNull(one.at), nextAt: isoOrNull(one.nextAt) })),
      steps: job.steps.map((one) => ({ ...one, at: isoOrNull(one.at) })),
      ...(personal === null ? {} : { personal: personal.get(job.delivery) ?? null }),
    })),
  };
}

function inWords({ subject, jobs, conversations, personal }: Told, terminal: Terminal): void {
  const { bold, dim } = terminal.colors;
  const deliveries = Map.groupBy(jobs, ({ delivery }) => delivery);
  const of = subject.kind === 'delivery' ? '' : ` of account ${subject.account}`;
  terminal.line(
    `${bold(`${subject.kind} ${subject.id}${of}`)} ${dim(`· ${counted(deliveries.size, 'delivery', 'deliveries')}, ${counted(jobs.length, 'job', 'jobs')}`)}`,
  );
  if (conversations.length > 0) terminal.line(dim(`its conversations: ${conversations.join(', ')}`));
  if (jobs.length === 0 && subject.kind === 'delivery') {
    terminal.line('It was taken, and no queue wanted it, or nothing is left of its jobs.');
  }
  for (const [delivery, its] of deliveries) {
    const [first] = its;
    if (first === undefined) continue;
    terminal.line();
    const about =
      subject.kind === 'contact' && first.conversation !== null ? `, conversation ${first.conversation}` : '';
    terminal.line(
      `${dim(instantText(first.receivedAt))}  ${bold(first.event)}${about} ${dim(`from ${first.source}, delivery ${delivery}`)}`,
    );
    tellPersonal(personal?.get(delivery) ?? null, personal !== null, terminal);
    for (const job of its) tellJob(job, terminal);
  }
}

function tellPersonal(personal: Personal | null, isAsked: boolean, { line, colors }: Terminal): void {
  if (!isAsked) return;
  if (personal === null) {
    line(colors.dim('  (who and what is no longer kept)'));
    return;
  }
  const who = [personal.name, personal.email, personal.phone].filter((one) => one !== null).map(printable);
  line(
    `  ${colors.cyan(who.join(', ') || 'nobody known')}${personal.message === null ? '' : `: “${shortened(personal.message, 400)}”`}`,
  );
}

function tellJob(job: StoryJob, terminal: Terminal): void {
  const { dim, red } = terminal.colors;
  const { decision, error } = job;
  const why = decision === null ? '' : `  ${decision.action}, because ${printable(decision.reason)}`;
  terminal.line(`  ${markOf(job, terminal)} ${job.queue.padEnd(12)} ${stateOf(job)}${why}`);
  const about = Object.entries(decision?.about ?? {}).filter(([, value]) => value !== null);
  if (about.length > 0) {
    terminal.line(
      dim(
        `                 ${about.map(([name, value]) => `${name}: ${printable(String(value))}`).join(', ')}`,
      ),
    );
  }
  for (const { at, kind, text } of happenings(job)) {
    const time = at === null ? ' '.repeat(12) : new Date(at).toISOString().slice(11, 23);
    const paint = kind === 'failure' ? red : (one: string) => one;
    terminal.line(`      ${dim(time)}  ${paint(shortened(text, 300))}`);
  }
  if (job.state === 'dead' && error !== null && job.attempts.every(({ next }) => next !== 'dead')) {
    terminal.line(`                    ${red(`${error.code}: ${shortened(error.message, 300)}`)}`);
  }
  if (job.state === 'dead' && job.discardedAt === undefined) {
    terminal.line(dim(`                    switchyard dead redrive ${job.queue}/${job.jobId}`));
  }
}

function markOf({ state }: StoryJob, { colors }: Terminal): string {
  if (state === 'done') return colors.green('✓');
  if (state === 'dead') return colors.red('✗');
  return colors.yellow('…');
}

function stateOf(job: StoryJob): string {
  const { state, startedAt, endedAt, receivedAt, discardedAt } = job;
  const took = endedAt === null ? '' : ` after ${durationText(endedAt - receivedAt)}`;
  switch (state) {
    case 'done':
      return `done${took}`;
    case 'dead':
      return discardedAt === undefined ? `dead${took}` : 'dead, discarded since';
    case 'active':
      return `a worker is at it${startedAt === null ? '' : `, for ${durationText(Date.now() - startedAt)}`}`;
    case 'delayed':
      return 'waits for its retry';
    case 'behind':
      return 'waits behind another job of its lane';
    case 'waiting':
      return 'waits for a worker';
  }
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
