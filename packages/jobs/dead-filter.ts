import type { DeadJob } from './dead-job.ts';

/** Which dead jobs; an empty one means all. */
export interface DeadFilter {
  readonly queue?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly code?: string | undefined;
  readonly account?: number | undefined;
  readonly conversation?: number | undefined;
  /** Dead for longer than this. */
  readonly olderThanMs?: number | undefined;
}

const EQUAL = ['queue', 'fingerprint', 'code', 'account', 'conversation'] as const;

/** Whether the filter means this job. Of its age nothing is asked: that is where a walk begins or ends. */
export function meant(job: DeadJob, filter: DeadFilter): boolean {
  return EQUAL.every((field) => filter[field] === undefined || filter[field] === job[field]);
}
