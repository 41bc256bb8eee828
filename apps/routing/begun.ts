import type { JobContext, StepContext } from '@switchyard/jobs';

/**
 * What a job set out to assign, kept from before its first assignment on. Without it a retry would find its own
 * half-done work on the conversation and take it for somebody else's.
 */
export interface Begun {
  readonly job: string;
  readonly team: number | null;
  readonly agent: number | null;
  /** It has given the conversation to them; what comes after is to be finished, whoever has it by then. */
  readonly assigned: boolean;
}

/** Longer than any job is tried, and than a dead one is kept for redriving. */
const REMEMBERED_MS = 35 * 24 * 60 * 60_000;

/** What an earlier attempt of this job began; null when there was none, or another job's. */
export async function readBegun(
  context: JobContext,
  account: number,
  conversation: number,
): Promise<Begun | null> {
  const stored = await context.state.get(key(account, conversation));
  if (typeof stored !== 'object' || stored === null) return null;
  const {
    job,
    team,
    agent,
    assigned,
  }: { job?: unknown; team?: unknown; agent?: unknown; assigned?: unknown } = stored;
  if (job !== context.jobId) return null;
  return { job: context.jobId, team: idOrNull(team), agent: idOrNull(agent), assigned: assigned === true };
}

export async function rememberBegun(
  context: StepContext,
  account: number,
  conversation: number,
  begun: Omit<Begun, 'job'>,
): Promise<void> {
  const kept: Begun = { job: context.jobId, ...begun };
  await context.state.set(key(account, conversation), kept, REMEMBERED_MS);
}

function key(account: number, conversation: number): string {
  return `begun:${account}:${conversation}`;
}

function idOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
