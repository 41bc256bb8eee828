import type { Job } from 'bullmq';
import type { AttemptScope } from './attempt-scope/current.ts';
import type { DecisionSummary } from './define.ts';
import type { JobData } from './job-data.ts';
import type { Settling } from './lanes.ts';
import type { Ledger, Outcome } from './ledger.ts';
import type { FieldChanges, JobLock } from './lock.ts';
import { boundedDecision, originOf, type StoryAttempt } from './story-job.ts';
import type { EndedJob } from './story-keeping.ts';

/** What is known of an attempt while it goes on. */
export interface Going {
  readonly queue: string;
  readonly job: Job;
  readonly jobId: string;
  readonly lock: JobLock;
  /** As it is in Redis, but for an account that was found since. */
  data: JobData;
  ledger: Ledger | null;
  decision: DecisionSummary | null;
  scope: AttemptScope | null;
}

/** What is written when it has ended so; `attempts` are those that failed. */
export function settlingOf(
  going: Going,
  outcome: Outcome,
  unwritten: FieldChanges,
  attempts: readonly StoryAttempt[],
): Settling {
  const { queue, jobId, lock, data, ledger, scope } = going;
  const story = endedJob(going, outcome, attempts);
  const ledgerKept = ledger?.isKept() ?? true;
  return { queue, lane: data.lane, jobId, lock, outcome, unwritten, ledgerKept, story, scope };
}

/** The job as its story is kept. */
function endedJob(
  { queue, job, jobId, data, ledger, decision }: Going,
  outcome: Outcome,
  attempts: readonly StoryAttempt[],
): EndedJob {
  return {
    ...originOf(queue, jobId, data),
    hasOrigin: data.hasOrigin,
    startedAt: job.processedOn ?? null,
    endedAt: Date.now(),
    state: outcome.kind,
    attempts,
    decision: decision === null ? null : boundedDecision(decision),
    steps: ledger?.steps() ?? [],
    error:
      outcome.kind === 'done' ? null : { code: outcome.code, message: outcome.message, step: outcome.step },
  };
}

/** Since when the job is ours to do: since its delivery was accepted, or since it was redriven. */
export function oursSince({ event, since }: JobData): number {
  return since ?? event.delivery.receivedAt;
}

export function ageMs(data: JobData): number {
  return Math.max(0, Date.now() - oursSince(data));
}
