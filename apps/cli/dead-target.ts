import type { DeadFilter, DeadJobs } from '@switchyard/jobs';
import { CommandFailure } from './command-failure.ts';
import { EXIT } from './exit.ts';

/** The options that say which dead jobs are meant. */
export interface DeadOptions {
  readonly queue?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly code?: string | undefined;
  readonly account?: number | undefined;
  readonly conversation?: number | undefined;
  readonly olderThan?: number | undefined;
}

export interface JobPlace {
  /** null: whichever queue has it. */
  readonly queue: string | null;
  readonly jobId: string;
}

export function filterOf({
  queue,
  fingerprint,
  code,
  account,
  conversation,
  olderThan,
}: DeadOptions): DeadFilter {
  return { queue, fingerprint, code, account, conversation, olderThanMs: olderThan };
}

export function isFiltered(filter: DeadFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined);
}

/** `queue/job`, `queue job` or `job`. @throws {CommandFailure} for more than two words. */
export function placeIn(words: readonly string[], queues: readonly string[]): JobPlace {
  const [first = '', second, ...more] = words;
  if (more.length > 0) {
    throw new CommandFailure(EXIT.usage, 'ONE_JOB', 'one job at a time: queue/job', [
      'Several at once: --fingerprint, --queue, --code, --account, --conversation, --older-than or --all.',
    ]);
  }
  const slash = first.indexOf('/');
  const place =
    second !== undefined
      ? { queue: first, jobId: second }
      : slash > 0
        ? { queue: first.slice(0, slash), jobId: first.slice(slash + 1) }
        : { queue: null, jobId: first };
  if (place.queue !== null) assertQueue(place.queue, queues);
  return place;
}

/** @throws {CommandFailure} */
export function assertQueue(queue: string, queues: readonly string[]): void {
  if (queues.includes(queue)) return;
  const message = `no queue "${queue}"; there are: ${queues.join(', ')}`;
  throw new CommandFailure(EXIT.notFound, 'QUEUE_NOT_FOUND', message);
}

/** What a filter means, in words: `queue routing, code X`. */
function filterText(filter: DeadFilter): string {
  const parts = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [`${WORDS[name] ?? name} ${name === 'olderThanMs' ? `${Number(value) / 1000} s` : value}`],
  );
  return parts.length === 0 ? 'all dead jobs' : parts.join(', ');
}

const WORDS: Readonly<Record<string, string>> = { olderThanMs: 'dead for longer than' };

/** @throws {CommandFailure} nothing dead is meant by it. */
export function nothingMatches(filter: DeadFilter): CommandFailure {
  return new CommandFailure(EXIT.notFound, 'NOTHING_MATCHES', `no dead job matches: ${filterText(filter)}`, [
    '`switchyard dead list` shows what there is.',
  ]);
}

export interface ChosenJob {
  readonly queue: string;
  readonly jobId: string;
  /** null when its data can't be read. */
  readonly delivery: string | null;
  readonly code: string;
}

const PAGE = 500;

/** Every dead job the filter means, the oldest death first. */
export async function chosenJobs(
  dead: Pick<DeadJobs, 'list'>,
  filter: DeadFilter,
  signal: AbortSignal,
): Promise<ChosenJob[]> {
  const found: ChosenJob[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<DeadJobs['list']>> = await dead.list({ ...filter, limit: PAGE, cursor });
    for (const { queue, jobId, delivery, code } of page.jobs) found.push({ queue, jobId, delivery, code });
    cursor = page.next;
  } while (cursor !== null && !signal.aborted);
  return found.reverse();
}
