import type { JobContext, StepContext } from '@switchyard/jobs';

/**
 * What a job set out to assign, kept from before its first assignment on. Without it a retry would find its own
 * half-done work on the conversation and take it for somebody else's.
 */
export interface Begun {
  readonly job: string;
  readonly team: number | null;
  readonly agent: number | null;
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
  const { job, team, agent }: { job?: unknown; team?: unknown; agent?: unknown } = stored;
  return job === context.jobId ? { job: context.jobId, team: idOrNull(team), agent: idOrNull(agent) } : null;
}

export async function rememberBegun(
  context: StepContext,
  account: number,
  conversation: number,
  ids: Pick<Begun, 'team' | 'agent'>,
): Promise<void> {
  const begun: Begun = { job: context.jobId, team: ids.team, agent: ids.agent };
  await context.state.set(key(account, conversation), begun, REMEMBERED_MS);
}

function key(account: number, conversation: number): string {
  return `begun:${account}:${conversation}`;
}

function idOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
