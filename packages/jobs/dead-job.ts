import { z } from 'zod';
import { fingerprint } from './dead-fingerprint.ts';
import { failedKey } from './dead-walk.ts';
import { type JobData, readJobData } from './job-data.ts';
import { jobKey, ledgerKey, shardPrefix } from './keys.ts';
import { isBegun, isStep, OUTCOME_FIELD } from './ledger-fields.ts';
import type { RedisClient } from './redis-client.ts';

/** One dead job, as operators see it. Holds nothing a customer wrote; instants are epoch milliseconds. */
export interface DeadJob {
  readonly queue: string;
  readonly shard: number;
  readonly jobId: string;
  /** These four are null when the job's data can't be read, which may be what it died of. */
  readonly delivery: string | null;
  readonly event: string | null;
  readonly account: number | null;
  readonly conversation: number | null;
  readonly code: string;
  readonly message: string;
  /** The step that failed; null when it died outside of one. */
  readonly step: string | null;
  readonly fingerprint: string;
  /** Since it was accepted or last redriven. */
  readonly attempts: { readonly made: number; readonly started: number };
  readonly acceptedAt: number | null;
  readonly diedAt: number;
  /** When it was last redriven, and so died again; null for one that never was. */
  readonly redrivenAt: number | null;
  /** A redrive skips these. */
  readonly finishedSteps: readonly string[];
}

/** Where a dead job lies in BullMQ's failed set of a queue on a shard, which is ordered by the time of death. */
export interface DeadPlace {
  readonly queue: string;
  readonly shard: number;
  readonly jobId: string;
  readonly diedAt: number;
}

/** A dead job with what is needed to act on it. */
export interface DeadRecord {
  readonly job: DeadJob;
  readonly place: DeadPlace;
  /** It was at its place still when it had been read; if not, what was read may be half of one life and half of another. */
  readonly isThere: boolean;
  /** As stored, with the event inside: never shown. */
  readonly raw: string | null;
}

const outcomeSchema = z.object({
  kind: z.literal('dead'),
  code: z.string(),
  message: z.string(),
  step: z.string().nullable(),
});
type Death = Omit<z.infer<typeof outcomeSchema>, 'kind'>;

/** Reads these dead jobs, in their order. */
export function readDead(client: RedisClient, places: readonly DeadPlace[]): Promise<DeadRecord[]> {
  return Promise.all(places.map((place) => readOne(client, place)));
}

async function readOne(client: RedisClient, place: DeadPlace): Promise<DeadRecord> {
  const { queue, shard, jobId, diedAt } = place;
  const prefix = shardPrefix(shard);
  // atm and ats are BullMQ's names of attemptsMade and attemptsStarted. One connection asks all three, in this order.
  const [[raw = null, reason, timestamp, made, started], steps, score] = await Promise.all([
    client.hmget(jobKey(prefix, queue, jobId), 'data', 'failedReason', 'timestamp', 'atm', 'ats'),
    client.hgetall(ledgerKey(prefix, queue, jobId)),
    client.zscore(failedKey(place), jobId),
  ]);
  const data = readJobData(parsed(raw));
  const { code, message, step } = deathOf(steps, reason ?? '');
  const job: DeadJob = {
    queue,
    shard,
    jobId,
    ...eventFields(data),
    code,
    message,
    step,
    fingerprint: fingerprint(queue, code, step, message),
    attempts: { made: Number(made ?? 0), started: Number(started ?? 0) },
    acceptedAt: data?.event.delivery.receivedAt ?? (timestamp ? Number(timestamp) : null),
    diedAt,
    redrivenAt: data?.since ?? null,
    finishedSteps: Object.keys(steps).filter((name) => isStep(name) && !isBegun(steps[name])),
  };
  return { job, place, isThere: score !== null && Number(score) === diedAt, raw };
}

function eventFields(data: JobData | null): Pick<DeadJob, 'delivery' | 'event' | 'account' | 'conversation'> {
  if (data === null) return { delivery: null, event: null, account: null, conversation: null };
  const { event } = data;
  return {
    delivery: event.delivery.id,
    event: event.name,
    account: event.account ?? null,
    conversation: event.conversation?.id ?? null,
  };
}

/** What it died of: the ledger says it, or, for a job that died before it had one, the reason BullMQ holds: `CODE: message`. */
export function deathOf(steps: Record<string, string>, reason: string): Death {
  const outcome = outcomeSchema.safeParse(parsed(steps[OUTCOME_FIELD] ?? null));
  if (!outcome.success) {
    const [, code, message] = /^([A-Z][A-Z0-9_]*): (.*)$/s.exec(reason) ?? [];
    return { code: code ?? 'UNKNOWN', message: message ?? reason, step: null };
  }
  const { code, message, step } = outcome.data;
  // It died before its last attempt began a step, so the one left begun is where its workers died.
  const begun = Object.keys(steps).find((name) => isStep(name) && isBegun(steps[name]));
  return { code, message, step: step ?? (code === 'JOB_KILLS_WORKERS' ? (begun ?? null) : null) };
}

/** undefined for what is not JSON. */
export function parsed(json: string | null): unknown {
  try {
    return json === null ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}
