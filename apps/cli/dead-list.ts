import type { DeadGroup, DeadJob } from '@switchyard/jobs';
import type { CommandContext } from './context.ts';
import { assertQueue, type DeadOptions, filterOf, isFiltered, nothingMatches } from './dead-target.ts';
import { durationText } from './durations.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type OpenLine, withLine } from './open-line.ts';
import { shortened } from './printable.ts';
import type { Terminal } from './terminal.ts';

export interface DeadListOptions extends DeadOptions {
  readonly jobs?: boolean | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const LONGEST_MESSAGE = 300;

export async function listDead(options: DeadListOptions, { terminal }: CommandContext): Promise<ExitCode> {
  return withLine(async (line) => {
    if (options.queue !== undefined) assertQueue(options.queue, line.queues);
    const { account, conversation, olderThan, cursor } = options;
    // Groups know nothing of these.
    const oneByOne =
      options.jobs || [account, conversation, olderThan, cursor].some((one) => one !== undefined);
    return oneByOne ? listJobs(options, line, terminal) : listGroups(options, line, terminal);
  });
}

async function listGroups(
  options: DeadListOptions,
  { dead }: OpenLine,
  terminal: Terminal,
): Promise<ExitCode> {
  const { queue, fingerprint, code } = options;
  const groups = (await dead.groups({ queue })).filter(
    (group) =>
      (fingerprint === undefined || group.fingerprint === fingerprint) &&
      (code === undefined || group.code === code),
  );
  if (groups.length === 0 && isFiltered(filterOf(options))) throw nothingMatches(filterOf(options));
  terminal.result({ groups: groups.map(iso) }, () => tellGroups(groups, terminal));
  return EXIT.ok;
}

function tellGroups(groups: readonly DeadGroup[], terminal: Terminal): void {
  if (groups.length === 0) {
    terminal.line('No dead jobs.');
    return;
  }
  const now = Date.now();
  terminal.table(
    [
      { head: 'FINGERPRINT', cell: ({ fingerprint }) => fingerprint },
      { head: 'JOBS', cell: ({ count }) => String(count), align: 'right', paint: terminal.colors.bold },
      { head: 'QUEUE', cell: ({ queue }) => queue },
      { head: 'CODE', cell: ({ code }) => code, paint: terminal.colors.red },
      { head: 'STEP', cell: ({ step }) => step ?? '–', dispensable: 2 },
      {
        head: 'OLDEST',
        cell: ({ oldestAt }) => durationText(now - oldestAt),
        align: 'right',
        dispensable: 1,
      },
      {
        head: 'NEWEST',
        cell: ({ newestAt }) => durationText(now - newestAt),
        align: 'right',
        dispensable: 3,
      },
      {
        head: 'MESSAGE',
        cell: ({ message }) => shortened(message, LONGEST_MESSAGE),
        flexible: true,
      },
    ],
    groups,
  );
  const first = groups[0]?.fingerprint ?? '';
  terminal.note('');
  terminal.note(terminal.colors.dim('Mend the cause, then:'));
  terminal.note(terminal.colors.dim(`  switchyard dead list --fingerprint ${first} --jobs`));
  terminal.note(terminal.colors.dim(`  switchyard dead redrive --fingerprint ${first}`));
}

async function listJobs(options: DeadListOptions, { dead }: OpenLine, terminal: Terminal): Promise<ExitCode> {
  const filter = filterOf(options);
  const page = await dead.list({ ...filter, limit: options.limit, cursor: options.cursor ?? null });
  if (page.jobs.length === 0 && isFiltered(filter)) throw nothingMatches(filter);
  terminal.result({ jobs: page.jobs.map(jobJson), next: page.next }, () => tellJobs(page.jobs, terminal));
  if (page.next !== null) {
    terminal.note('');
    terminal.note(terminal.colors.dim(`There are more: add --cursor ${page.next}`));
  }
  return EXIT.ok;
}

function tellJobs(jobs: readonly DeadJob[], terminal: Terminal): void {
  if (jobs.length === 0) {
    terminal.line('No dead jobs.');
    return;
  }
  const now = Date.now();
  terminal.table(
    [
      { head: 'JOB', cell: ({ queue, jobId }) => `${queue}/${jobId}` },
      { head: 'EVENT', cell: ({ event }) => event ?? '–', dispensable: 1 },
      { head: 'ACCOUNT', cell: ({ account }) => String(account ?? '–'), align: 'right', dispensable: 3 },
      {
        head: 'CONV.',
        cell: ({ conversation }) => String(conversation ?? '–'),
        align: 'right',
        dispensable: 2,
      },
      { head: 'DEAD', cell: ({ diedAt }) => durationText(now - diedAt), align: 'right' },
      { head: 'CODE', cell: ({ code }) => code, paint: terminal.colors.red },
      {
        head: 'MESSAGE',
        cell: ({ message }) => shortened(message, LONGEST_MESSAGE),
        flexible: true,
        dispensable: 0,
      },
    ],
    jobs,
  );
}

/** docs/cli.md has this shape. */
export function jobJson({ acceptedAt, diedAt, redrivenAt, ...job }: DeadJob): unknown {
  return {
    ...job,
    acceptedAt: isoOrNull(acceptedAt),
    diedAt: isoOrNull(diedAt),
    redrivenAt: isoOrNull(redrivenAt),
  };
}

function iso({ oldestAt, newestAt, ...group }: DeadGroup): unknown {
  return { ...group, oldestAt: isoOrNull(oldestAt), newestAt: isoOrNull(newestAt) };
}

export function isoOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
